"""Why a copy is not sent, decided when it is claimed: what happened since the rows were made."""

from __future__ import annotations

from pipeline.core.subscriber import SubscriberState
from pipeline.store.rows import moment

ERASED = "erased"
LEFT = "left this newsletter"
STATES = {
    SubscriberState.PENDING: "not confirmed",
    SubscriberState.UNSUBSCRIBED: "unsubscribed",
    SubscriberState.SUPPRESSED: "suppressed",
}


def withheld(state: str | None, reason: str | None, *, subscribed: bool, pause: float = 0.0) -> str:
    """Why nothing goes to a subscriber; "" for one who is mailed.

    `state` is theirs, None for one who was erased; `reason` why their address is on the suppression
    list, which holds whatever their state says; `subscribed` whether they want the newsletter;
    `pause` when the pause that they are in ends, 0 for none.
    """
    if state is None:
        return ERASED
    if reason is not None:
        return f"suppressed: {reason}"
    if state != SubscriberState.ACTIVE:
        return STATES[SubscriberState(state)]
    if not subscribed:
        return LEFT
    return f"pausing until {moment(pause):%Y-%m-%d}" if pause else ""
