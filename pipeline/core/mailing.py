"""A mailing: one released issue, sent once to everyone who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.core.delivery import Tally


class MailingState(StrEnum):
    """Where a mailing stands."""

    SCHEDULED = "scheduled"  # every row is there; begins at its time
    RUNNING = "running"  # whoever is at work sends what is due
    PAUSED = "paused"  # by an editor, or because the server refused the sender or the content
    CANCELLED = "cancelled"  # for good, unless nobody got anything: that may be started anew
    FINISHED = "finished"  # every row is final


MOVES: dict[MailingState, frozenset[MailingState]] = {
    MailingState.SCHEDULED: frozenset(
        {MailingState.RUNNING, MailingState.PAUSED, MailingState.CANCELLED}
    ),
    MailingState.RUNNING: frozenset(
        {MailingState.PAUSED, MailingState.CANCELLED, MailingState.FINISHED}
    ),
    MailingState.PAUSED: frozenset(
        {MailingState.RUNNING, MailingState.SCHEDULED, MailingState.CANCELLED}
    ),
    MailingState.CANCELLED: frozenset(),
    # 'retry' opens a finished mailing again for the rows it names.
    MailingState.FINISHED: frozenset({MailingState.RUNNING}),
}
"""The legal transitions of a mailing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One issue's mailing; `id` is given by the store (0: not kept yet), from 1.

    `issue` is its id, `digest` that of its lock; `begins` is when it may start; `steps` counts how
    often its rows were taken or changed by who sends: a database that has counted fewer than the
    token beside it is an older copy. `reason` says why it stands where it stands, "" where that
    needs no words. `since` is when `state` began; until `late_until` an editor lets it go on though
    it is late. `outbox` says that it only goes into a folder, by no server: nobody got it, and it
    may begin anew. All times are aware.
    """

    id: int = 0
    issue: str
    newsletter: str
    digest: str
    state: MailingState
    reason: str = ""
    created: datetime
    begins: datetime
    since: datetime
    steps: int = 0
    late_until: datetime | None = None
    outbox: bool = False


def may_go_on(
    mailing: Mailing, digest: str, *, token: int, at: datetime, hours: float, late: bool
) -> str:
    """Why a mailing must not send a mail more, and what to do about it; "" where it may.

    `digest` is the released issue's now, `token` how many steps were counted outside of the
    database; after `hours` from its beginning it is old. With `late`, an editor's word, it goes on
    all the same. A restored copy of the database does not know what went out since it was made.
    """
    if token > mailing.steps and not late:
        return (
            f"the database is an older copy: it has counted {mailing.steps} steps of "
            f"{mailing.issue}, and {token} were made. Restore the newest one. To send all the "
            "same, to some for the second time: "
            f"enews mailing resume {mailing.issue} --late"
        )
    if mailing.digest != digest and not late:
        return (
            f"{mailing.issue} was released anew since this mailing began: its digest is "
            f"{digest[:12]}…, the mailing's {mailing.digest[:12]}…. If the database is an older "
            "copy, restore the newest one. To send the newer release to those who have nothing "
            f"yet, and to nobody twice: enews mailing resume {mailing.issue} --late"
        )
    hours_since = (at - mailing.begins).total_seconds() / 3600
    allowed = late or (mailing.late_until is not None and at < mailing.late_until)
    if hours_since > hours and not allowed:
        return (
            f"{mailing.issue} began {_ago(hours_since)} ago, and the newsroom's limit is "
            f"{hours:g} hours (late_hours in newsroom.toml). Is its news still news, and this "
            f"database the newest? Then: enews mailing resume {mailing.issue} --late"
        )
    return ""


def may_begin_anew(mailing: Mailing, tally: Tally, *, outbox: bool, by_hand: bool) -> bool:
    """True for one that nobody got, so that its issue may be mailed as if it never was.

    A rehearsal, where a mail server is there now (`outbox` is False); and what was cancelled before
    anybody got anything, where an editor says so (`by_hand`): nothing brings it back by itself.
    """
    if mailing.outbox and not outbox:
        return True
    return by_hand and mailing.state is MailingState.CANCELLED and not tally.reached


def cancelled_words(mailing: Mailing, tally: Tally, when: str) -> str:
    """Why a cancelled mailing does not go on, and what to do; `when` is said of its end."""
    if not tally.reached:
        return (
            f"{mailing.issue} was cancelled on {when}, before anybody got it. To begin anew: "
            f"enews mailing start {mailing.issue}"
        )
    return (
        f"{mailing.issue} was cancelled on {when}, for good: {tally.reached:,} of "
        f"{tally.total:,} have it or may have it, and nobody gets an issue twice. What the others "
        "shall get goes into another issue: enews issue build"
    )


def _ago(hours: float) -> str:
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"
