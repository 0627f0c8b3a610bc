"""What every store says and refuses alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.delivery import FINAL, DeliveryState
from pipeline.errors import StaleError, StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.core.delivery import Settled
    from pipeline.core.subscriber import Change, Subscriber

NO_WORKER = "this process is no worker: enter() comes first"
FENCED = (
    "another process took over what this one had claimed, since it seemed to be dead: it sends "
    "nothing more. Whoever is left goes on; start the mailing again if nobody is"
)
KILLED = "the process that sent it was ended before the server answered"
POWER_CUT = "the machine began anew while it was about to be sent"


def twice(issue: str) -> StoreError:
    """What to raise where a mailing names a subscriber twice."""
    return StoreError(f"the mailing of {issue} names a subscriber twice: nothing was kept")


def check_before(changes: Sequence[Change], kept: Mapping[int, Subscriber]) -> None:
    """Raise StaleError where somebody is not as the first change of them says they were."""
    first = {change.subscriber.id: change.before for change in reversed(changes)}
    for number, before in first.items():
        if before is not None and kept.get(number, before) != before:
            raise StaleError(
                f"{before.address} changed meanwhile, by another's hand: nothing was kept. "
                "Do it again"
            )


def has_new_address(change: Change) -> bool:
    """True where nobody may have the mailbox yet: of a new subscriber, or one who moves."""
    one, before = change.subscriber, change.before
    return not one.id or (before is not None and before.address != one.address)


CAME_MEANWHILE = (
    "the address, or one that differs in case only, is a subscriber's by now: nothing was kept. "
    "Do it again"
)
"""What is said where a new subscriber's mailbox is another's; errors name no address."""


def check_retried(states: Collection[DeliveryState]) -> None:
    """Raise ValueError for states that nobody may queue again: what is sent is sent."""
    wrong = set(states) - (FINAL - {DeliveryState.SENT})
    if wrong:
        raise ValueError(f"rows that are {', '.join(sorted(wrong))} are never queued again")


def waits_until(outcome: Settled) -> float | None:
    """When a row that was tried may be claimed again, from 0; None for one that is final.

    Raises ValueError for a state that no outcome is.
    """
    if outcome.state in FINAL:
        return None
    if outcome.state is DeliveryState.SENDING:
        raise ValueError("'sending' is no outcome")
    if outcome.state is DeliveryState.DEFERRED:
        # Above 0, by which a deferred row is told from one that is queued.
        return outcome.due or outcome.at
    return outcome.due


def token_named(name: str) -> str:
    """What is said where a token has the name of another that is not revoked."""
    return f"there is a token '{name}' already: revoke it first, or take another name"
