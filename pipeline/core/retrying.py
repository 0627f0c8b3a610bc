"""When a mail that was refused for now is tried again, and when it is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.delivery import DeliveryState, Settled
from pipeline.core.reply import Verdict, verdict

if TYPE_CHECKING:
    from pipeline.core.delivery import Claim
    from pipeline.core.reply import Reply
    from pipeline.core.sending import Sending

SPREAD = 0.2
"""By how much of itself a wait is made shorter or longer, so that tries do not come in waves."""

SOON = 30.0
"""Seconds after which a try that said nothing of the recipient is made again."""

SAID_MOST = 500
"""Characters of a server's words that are kept."""

STATES = {
    Verdict.SENT: DeliveryState.SENT,
    Verdict.FAILED: DeliveryState.FAILED,
    Verdict.UNCERTAIN: DeliveryState.UNCERTAIN,
}


def settled(claim: Claim, reply: Reply, sending: Sending, *, at: float, chance: float) -> Settled:
    """What a row comes to with this reply.

    `at` is in seconds since the epoch; `chance`, from 0 to 1, spreads the waits. A row whose
    mailing was stopped by the reply is due at once when that goes on, however much later: it was
    no try, after which it could be given up.
    """
    found = verdict(reply)
    state = STATES.get(found)
    said = reply.text[:SAID_MOST]
    if state is not None:
        return Settled(claim.id, state, at, reply.code, reply.status, said)
    if found is Verdict.STOPPED:
        return Settled(
            claim.id,
            DeliveryState.DEFERRED,
            at,
            reply.code,
            reply.status,
            said,
            at,
            counts=False,
            tried=False,
        )
    given_up = claim.first and at - claim.first >= sending.retry_hours * 3600
    if given_up:
        said = f"given up after {sending.retry_hours:g} hours: {said}"[:SAID_MOST]
        return Settled(claim.id, DeliveryState.FAILED, at, reply.code, reply.status, said)
    due = at + wait(claim.attempts, sending, counts=reply.counts, chance=chance)
    return Settled(
        claim.id,
        DeliveryState.DEFERRED,
        at,
        reply.code,
        reply.status,
        said,
        due,
        counts=reply.counts,
    )


def wait(attempts: int, sending: Sending, *, counts: bool, chance: float) -> float:
    """Seconds before the next try, after `attempts` earlier ones that a server answered."""
    steps = sending.retry_minutes
    step = steps[min(attempts, len(steps) - 1)] * 60
    if not counts:
        step = min(SOON, step)
    return step * (1 - SPREAD + 2 * SPREAD * chance)
