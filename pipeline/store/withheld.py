"""Why a copy is not sent, decided when it is claimed: what happened since the rows were made."""

from __future__ import annotations

from pipeline.core.subscriber import SubscriberState

ERASED = "erased"
LEFT = "left this newsletter"
STATES = {
    SubscriberState.PENDING: "not confirmed",
    SubscriberState.UNSUBSCRIBED: "unsubscribed",
    SubscriberState.SUPPRESSED: "suppressed",
}


def withheld(state: str | None, reason: str | None, *, subscribed: bool) -> str:
    """Why nothing goes to a subscriber; "" for one who is mailed.

    `state` is theirs, None for one who was erased; `reason` why their address is on the suppression
    list, which holds whatever their state says; `subscribed` whether they want the newsletter.
    """
    if state is None:
        return ERASED
    if reason is not None:
        return f"suppressed: {reason}"
    if state != SubscriberState.ACTIVE:
        return STATES[SubscriberState(state)]
    return "" if subscribed else LEFT
