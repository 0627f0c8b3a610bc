"""How the newsroom stands: what comes next, what was last, what is held, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.mailing import MailingState
from pipeline.core.outgoing import SENT_WITHIN
from pipeline.core.run import Flow, RunState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.core.delivery import Tally
    from pipeline.core.mailing import Mailing
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.run import Run

AWAY = timedelta(minutes=5)
"""How late the next build may be before the service is taken for away."""
NO_SERVER = "no mail server is set (ENEWS_SMTP_URL)"
WAITS = timedelta(minutes=15)
"""How long something may be due before somebody has to look why nobody does it."""
LONG = timedelta(hours=1)
"""How long a run may take before somebody has to look."""
IDLE = timedelta(minutes=30)
"""How long a mailing may have something to send before somebody has to look why nobody does."""
OLD = timedelta(hours=1)
"""How long a notice may wait: servers that put off what they do not know do so for less."""
REFUSED = "the server"
"""How the reason begins of a mailing that no editor paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A mailing that is not over, or left rows that nobody can be sure of.

    `waits` is since when something of it could have been sent, None where nothing could.
    """

    mailing: Mailing
    tally: Tally
    waits: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Notices: how many wait, when the oldest of them was kept, and how many to operators failed
    in the last two days. A reader's that failed is no trouble: anybody may type a wrong address.
    """

    waiting: int = 0
    oldest: datetime | None = None
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known: `history` are the newest runs of each flow, `open_` those that are not over.

    `mailings` are all there are; `has_server` says that somebody said how mails go, `rehearses`
    that it is into a folder; `sends` that a server took a mail within `IDLE`; `stopped` is when the
    service was told to stop, None where it was not, or is at work again.
    """

    history: Sequence[Run]
    open_: Sequence[Run] = ()
    mailings: Collection[Mailing] = ()
    under_way: Collection[UnderWay] = ()
    notices: Held = Held()
    has_server: bool = True
    rehearses: bool = False
    sends: bool = False
    stopped: datetime | None = None

    def mailed(self) -> frozenset[str]:
        """The issues that have a mailing, rehearsals left out."""
        return frozenset(mailing.issue for mailing in self.mailings if not mailing.outbox)


def waits_since(mailing: Mailing, tally: Tally, next_due: float, now: datetime) -> datetime | None:
    """Since when something of a mailing could have been sent; `next_due` as the ledger has it."""
    if mailing.state is not MailingState.RUNNING:
        return mailing.begins if mailing.state is MailingState.SCHEDULED else None
    if tally.queued:
        return mailing.since
    due = datetime.fromtimestamp(next_due, UTC) if next_due else now
    return due if due < now else None


def last_runs(standing: Standing, now: datetime) -> tuple[Run, ...]:
    """Of each flow and subject the last run that is over, and what else failed, by flow.

    A mark from which something counts is done without ever being begun, and is no run to show.
    """
    found: dict[tuple[Flow, str], Run] = {}
    for run in _over(standing.history):
        found[(run.flow, run.subject)] = run
    order = list(Flow)
    shown = {run.id: run for run in (*found.values(), *failures(standing, now))}
    return tuple(
        sorted(shown.values(), key=lambda run: (order.index(run.flow), run.subject, run.id))
    )


def failures(standing: Standing, now: datetime) -> tuple[Run, ...]:
    """What failed or was missed, and nothing came of it since.

    Letting an issue out, and sending it, is a matter of that issue: another one that goes well says
    nothing of it. It is over once the issue has its mailing, or is too old to go out by itself.
    """
    last: dict[tuple[Flow, str, str], Run] = {}
    for run in _over(standing.history):
        last[(run.flow, run.subject, _issue(run))] = run
    seen = {str(run.asked.get("issue")) for run in standing.history if run.flow is Flow.SEND}
    going = {
        one.mailing.issue for one in standing.under_way if one.mailing.state is MailingState.RUNNING
    }
    over = standing.mailed()
    return tuple(
        run
        for run in last.values()
        if run.state in (RunState.FAILED, RunState.MISSED)
        and _counts(run, seen=seen, going=going, over=over, now=now)
    )


def wrong(newsroom: Newsroom, standing: Standing, now: datetime) -> tuple[str, ...]:
    """What somebody has to look at, each in a sentence; () where all is well."""
    found = [
        f"{_name(run)} {run.state}: {_first_line(run.reason)}" for run in failures(standing, now)
    ]
    for one in standing.under_way:
        mailing = one.mailing
        if mailing.state is MailingState.PAUSED and mailing.reason.startswith(REFUSED):
            found.append(f"{mailing.issue} is paused: {mailing.reason}")
        if one.tally.uncertain:
            found.append(
                f"{mailing.issue}: {one.tally.uncertain:,} uncertain, "
                f"enews mailing who {mailing.issue} uncertain"
            )
        if one.waits and now - one.waits > IDLE and not (standing.sends or one.tally.sending):
            found.append(f"{mailing.issue} waits since {_moment(one.waits)}, and nobody sends it")
    found.extend(_stuck(standing, now))
    found.extend(_unsent(standing, now))
    found.extend(_rehearsed(standing, now))
    if away := away_since(newsroom, standing, now):
        told = " (told to stop)" if standing.stopped else ""
        found.append(f"nobody is at work since {_moment(away)}{told}: enews run")
    return tuple(found)


def away_since(newsroom: Newsroom, standing: Standing, now: datetime) -> datetime | None:
    """Since when nobody is at work, None where somebody is, never was, or may be again in a moment.

    Who was told to stop has as long as who died: that may be an update.
    """
    seen = [run.created for run in standing.history]
    if standing.stopped:
        seen.append(standing.stopped)
    # What a clock that was wrong dated later than now says nothing.
    last = max((at for at in seen if at <= now + AWAY), default=None)
    if last is None:
        return None
    patience = timedelta(minutes=newsroom.schedule.build_minutes) + AWAY
    return last if now - last > patience else None


def counted_words(tally: Mapping[str, int]) -> str:
    """`12 waiting, 3 failed`: what is not 0."""
    return ", ".join(f"{number:,} {name}" for name, number in tally.items() if number)


def _over(history: Sequence[Run]) -> list[Run]:
    """Runs that are over, oldest first, without the marks."""
    return [
        run
        for run in sorted(history, key=lambda run: run.id)
        if run.is_over and not (run.state is RunState.DONE and not run.tries)
    ]


def _issue(run: Run) -> str:
    """The issue that a run is about, or what it tells of a mailing; "" for neither."""
    if run.flow not in (Flow.RELEASE, Flow.SEND):
        return ""
    return str(run.asked.get("issue") or run.slot)


def _counts(
    run: Run,
    *,
    seen: Collection[str],
    going: Collection[str],
    over: Collection[str],
    now: datetime,
) -> bool:
    """False for what is over by now: `seen` are issues that were let out, `over` those mailed."""
    if run.flow not in (Flow.RELEASE, Flow.SEND):
        return True
    if run.flow is Flow.SEND and "issue" not in run.asked:
        # Told of a mailing; one that is paused is told anyway.
        return run.slot.partition(" ")[0] in going
    issue = _issue(run)
    let_out = run.flow is Flow.RELEASE and issue in seen
    return issue not in over and not let_out and now - run.due <= SENT_WITHIN


def _stuck(standing: Standing, now: datetime) -> list[str]:
    """Runs that nobody begins, or that do not end."""
    found = []
    for run in standing.open_:
        waits = f": {run.progress}" if run.progress else ""
        if run.state is RunState.RUNNING and run.began and now - run.began > LONG:
            found.append(f"{_name(run)} runs since {_moment(run.began)}{waits}")
        elif run.state is RunState.QUEUED and now - run.due > WAITS and run.flow is not Flow.SEND:
            found.append(f"{_name(run)} is due since {_moment(run.due)}, and nobody does it{waits}")
    return found


def _unsent(standing: Standing, now: datetime) -> list[str]:
    """What waits to be sent and is not."""
    found = []
    for run in standing.open_:
        if run.flow is not Flow.SEND or run.state is not RunState.QUEUED:
            continue
        if not standing.has_server:
            found.append(f"{run.slot} is not mailed: {NO_SERVER}")
        elif now - run.due > WAITS:
            words = f"is to be mailed since {_moment(run.due)}, and nobody does it"
            found.append(f"{run.slot} {words}")
    held = standing.notices
    if held.waiting and not standing.has_server:
        found.append(f"{held.waiting:,} notices wait: {NO_SERVER}")
    elif held.oldest and now - held.oldest > OLD:
        found.append(f"{held.waiting:,} notices wait, the oldest since {_moment(held.oldest)}")
    if held.failed:
        found.append(f"{held.failed:,} notices to operators could not be sent")
    return found


def _rehearsed(standing: Standing, now: datetime) -> list[str]:
    """Issues that went into a folder, before there was a server, and to nobody since."""
    if not standing.has_server or standing.rehearses:
        return []
    coming = {str(run.asked.get("issue")) for run in standing.open_ if run.flow is Flow.SEND}
    return [
        f"{mailing.issue} went into a folder, and to no reader: enews mailing start {mailing.issue}"
        for mailing in standing.mailings
        if mailing.outbox
        and mailing.state is MailingState.FINISHED
        and mailing.issue not in coming
        and now - mailing.since <= SENT_WITHIN
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _name(run: Run) -> str:
    return " ".join(filter(None, (run.flow.value, run.subject)))


def _first_line(text: str) -> str:
    first, _, rest = text.strip().partition("\n")
    return f"{first} …" if rest else first
