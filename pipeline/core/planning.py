"""Which runs are due: pure arithmetic over cadences, the runs that there were, and the time.

::

    newsroom ─▶ plans ─┐
    runs so far ───────┼─▶ due_runs ─▶ queued: now; missed: too late for it
    now ───────────────┘

A cadence counts from the run that says since when it is watched: nothing from before the service
first knew of it is made up for, and a cadence that is changed begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.due import runs
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.schedule import Late

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date, tzinfo

    from pipeline.core.cadence import Cadence
    from pipeline.core.due import Due
    from pipeline.core.newsroom import Newsroom

GRACE = timedelta(minutes=5)
"""A run that begins within it is not late: machines start, and clocks are set."""

BUSY = timedelta(hours=1)
"""A run that begins within it after others is not late either."""

BY_HAND = {
    Flow.DRAFT: "; by hand: enews issue build {}",
    Flow.RELEASE: "; by hand: enews issue release {}",
    Flow.SEND: "; by hand: enews mailing start {}",
    Flow.BACKUP: "; by hand: enews backup",
    Flow.CLEANUP: "",
}
"""What may come too late, and the command that does it all the same."""

MISSED_MOST = 40
"""How many missed runs of one plan are written down: the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A flow that has a cadence; `subject` is a newsletter's key, "" for none."""

    flow: Flow
    subject: str
    cadence: Cadence


def plans(newsroom: Newsroom, *, backup: bool) -> tuple[Plan, ...]:
    """Everything that the clock asks for; `backup` where there is a ledger of ours to copy."""
    found = [
        Plan(flow=Flow.DRAFT, subject=newsletter.key, cadence=newsletter.cadence)
        for newsletter in newsroom.newsletters
    ]
    schedule = newsroom.schedule
    if backup and schedule.backup is not None:
        found.append(Plan(flow=Flow.BACKUP, subject="", cadence=schedule.backup))
    if schedule.cleanup is not None:
        found.append(Plan(flow=Flow.CLEANUP, subject="", cadence=schedule.cleanup))
    return tuple(found)


def next_runs(
    plan: Plan, after: datetime, zone: tzinfo, holidays: Collection[date] = ()
) -> Iterator[Due]:
    """When a plan is due after a moment."""
    return runs(plan.cadence, after, zone, holidays)


def due_runs(
    newsroom: Newsroom,
    wanted: Collection[Plan],
    last: Mapping[tuple[Flow, str], Run],
    zone: tzinfo,
    now: datetime,
) -> tuple[Run, ...]:
    """What is to be kept now: runs to begin, runs that were missed, and plans newly watched.

    `last` is the run of each flow and subject with the latest `due` that the clock asked for; one
    that is due later than now is of a clock that was wrong, and counts for nothing. Of several that
    passed while nobody was there only the newest is caught up: it does what the others would have
    done, and a newsletter has one issue a period.
    """
    found: list[Run] = []
    for plan in wanted:
        before = last.get((plan.flow, plan.subject))
        if before is not None and before.due > now + GRACE:
            before = None
        if before is None or before.asked.get("cadence") != plan.cadence.text:
            found.append(_watched(plan, now))
            continue
        passed = []
        for due in next_runs(plan, before.due, zone, newsroom.holidays):
            if due.at > now:
                break
            passed.append(due)
        found.extend(
            _run(plan, due, newsroom, now, newest=due is passed[-1])
            for due in passed[-MISSED_MOST:]
        )
    return tuple(found)


def _run(plan: Plan, due: Due, newsroom: Newsroom, now: datetime, *, newest: bool) -> Run:
    why = _too_late(plan, due, newsroom, now, newest=newest)
    return Run(
        flow=plan.flow,
        slot=slot_of(plan, due),
        subject=plan.subject,
        origin=Origin.CLOCK,
        due=due.at,
        state=RunState.MISSED if why else RunState.QUEUED,
        reason=why,
        asked={"cadence": plan.cadence.text, "day": due.day.isoformat()},
        created=now,
        ended=now if why else None,
    )


def slot_of(plan: Plan, due: Due) -> str:
    """`enewsupdate 2026-03-31T09:00`: the local date and time, as planned."""
    return f"{plan.subject} {due.day}T{plan.cadence.at:%H:%M}".strip()


def _too_late(plan: Plan, due: Due, newsroom: Newsroom, now: datetime, *, newest: bool) -> str:
    """Why a run is missed, "" where it runs now."""
    late = now - due.at
    schedule = newsroom.schedule
    if late <= GRACE:
        return ""
    if not newest:
        return f"nobody was at work at its time, and a later {plan.flow} has come due since"
    if schedule.late_policy(plan.flow) is Late.SKIP:
        return f"nobody was at work at its time; {plan.flow} skips what is late"
    if late > timedelta(hours=schedule.late_hours):
        hours = late.total_seconds() / 3600
        limit = f"{schedule.late_hours:g} hours (late_hours in newsroom.toml)"
        return f"nobody was at work until {hours:,.0f} hours later; the limit is {limit}"
    return ""


def too_late(run: Run, newsroom: Newsroom, now: datetime) -> str:
    """Why a run that was queued in time must not begin any more, and what to do; "" where it may.

    It waited: for the runs before it, for a mail server, for a process that died. Whoever skips
    what is late has `BUSY` for that, which a further try does not have to meet: the first was in
    time. What an editor asked for is never too late, nor what does the same at any time.
    """
    if run.origin not in (Origin.CLOCK, Origin.FOLLOWS) or run.flow not in BY_HAND:
        return ""
    schedule, late = newsroom.schedule, now - since(run)
    by_hand = BY_HAND[run.flow].format(run.asked.get("issue") or run.subject)
    if schedule.late_policy(run.flow) is Late.SKIP and late > BUSY and "slot" not in run.asked:
        return f"nobody came to it in time, and {run.flow} skips what is late{by_hand}"
    sends = run.flow is Flow.SEND
    hours = newsroom.sending.late_hours if sends else schedule.late_hours
    if late <= max(timedelta(hours=hours), BUSY):
        return ""
    said = f"nobody came to it until {late.total_seconds() / 3600:,.0f} hours later"
    limit = f"the limit is {hours:g} hours (late_hours of [{'sending' if sends else 'schedule'}])"
    return f"{said}; {limit}{by_hand}"


def _watched(plan: Plan, now: datetime) -> Run:
    """The mark from which a cadence counts."""
    moment = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    return Run(
        flow=plan.flow,
        slot=f"{plan.subject} from {moment}".strip(),
        subject=plan.subject,
        origin=Origin.CLOCK,
        due=now,
        state=RunState.DONE,
        reason=f"watched from now on: {plan.cadence.text}",
        asked={"cadence": plan.cadence.text},
        created=now,
        ended=now,
    )


def every(flow: Flow, minutes: int, now: datetime, *, place: str = "") -> Run:
    """The run of a flow that comes every so many minutes: one for each stretch of them.

    `place` tells machines that share a database from each other, for what each does for itself.
    """
    length = minutes * 60
    begins = datetime.fromtimestamp(now.timestamp() // length * length, UTC)
    slot = f"every {minutes} min {begins:%Y-%m-%dT%H:%MZ}"
    return Run(
        flow=flow,
        slot=f"{slot} @{place}" if place else slot,
        place=place,
        origin=Origin.CLOCK,
        due=now,
        created=now,
    )


MENDED = (Flow.DRAFT, Flow.RELEASE, Flow.SEND)
"""What is tried again that failed: by what stood in its content, or by a fault that passes."""

FURTHER_TRIES = 6
"""How often a failed run is tried again by the clock; after a change of content it always is."""

FIRST_WAIT = timedelta(minutes=20)
"""How long after a failure the first further try comes; each other after twice as long."""


def again(history: Collection[Run], build: Run, newsroom: Newsroom, now: datetime) -> list[Run]:
    """The runs to try again at once, after a build that changed something."""
    return [
        _further(run, f"after build {build.id}", now, tries=_tries(run))
        for run in _failed(history, newsroom, now)
    ]


def retries(history: Collection[Run], newsroom: Newsroom, now: datetime) -> list[Run]:
    """The failed runs whose next try has come, by the clock: a disk was full, a network away.

    After 20, 40, 80 minutes and so on, at most `FURTHER_TRIES` times: what cannot pass fails again,
    which the operators hear of once.
    """
    found = []
    for run in _failed(history, newsroom, now):
        tries = _tries(run) + 1
        wait = FIRST_WAIT * 2 ** (tries - 1)
        if tries <= FURTHER_TRIES and now - (run.ended or run.created) >= wait:
            found.append(_further(run, f"again {tries}", now, tries=tries))
    return found


def _failed(history: Collection[Run], newsroom: Newsroom, now: datetime) -> list[Run]:
    """What failed and is not too late, by its first try; what an editor asked for is theirs.

    `history` are the newest runs, of which the last of each draft's newsletter, and of each issue,
    counts: what failed before the next one came is not wanted any more.
    """
    last: dict[tuple[object, ...], Run] = {}
    for run in sorted(history, key=lambda run: run.id):
        # What is told of a mailing is kept as a run of SEND, too, and names no issue to begin.
        if run.flow in MENDED and (run.flow is Flow.DRAFT or "issue" in run.asked):
            last[(run.flow, run.subject, run.asked.get("issue"))] = run
    limit = timedelta(hours=newsroom.schedule.late_hours)
    return [
        run
        for run in last.values()
        if run.state is RunState.FAILED
        and run.origin is not Origin.EDITOR
        and -GRACE <= now - since(run) <= limit
    ]


def _further(run: Run, why: str, now: datetime, *, tries: int) -> Run:
    first = {"slot": first_slot(run), "since": since(run).isoformat(), "again": tries}
    return Run(
        flow=run.flow,
        slot=f"{first_slot(run)} {why}",
        subject=run.subject,
        place=run.place,
        origin=Origin.FOLLOWS,
        due=now,
        asked={**run.asked, **first},
        created=now,
    )


def _tries(run: Run) -> int:
    """How often the clock tried it again before."""
    tries = run.asked.get("again")
    return tries if isinstance(tries, int) else 0


def first_slot(run: Run) -> str:
    """The slot of the run that this one is a further try of; its own, where it is the first."""
    return str(run.asked.get("slot") or run.slot)


def since(run: Run) -> datetime:
    """When the first try of it was due."""
    text = run.asked.get("since")
    return datetime.fromisoformat(str(text)) if text else run.due
