"""Which mailings begin by themselves: of issues that were released while somebody was at work.

::

    first look at a newsletter   what is released by then was mailed in another way
    looked lately, automatic     what is released since goes out
    looked lately, manual        what is released since is an editor's, also when that changes
    nobody looked for a while    the newest of a newsletter, and only where its time was lately

"Lately" is `sending.late_hours`. A lock does not say when it was released, only what time its issue
is for: so a service notes every one that it sees, and what it sees for the first time was released
since its look before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.core.newsroom import Start
from pipeline.core.planning import GRACE
from pipeline.core.run import Flow, Origin, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.issue import Lock
    from pipeline.core.newsroom import Newsletter, Newsroom

SENT_WITHIN = timedelta(days=45)
"""What is older does not go out by itself: it is an archive that was brought in."""

LOOKS = (Flow.BUILD, Flow.DRAFT, Flow.RELEASE)
"""Runs that look at what is released, where they go well."""


def looked(history: Collection[Run], now: datetime) -> datetime | None:
    """When somebody looked last at what is released; None for never, or too long ago to know.

    What a clock that was wrong dated later than now counts for nothing.
    """
    ends = [
        run.ended
        for run in history
        if run.flow in LOOKS and run.state is RunState.DONE and run.tries and run.ended
    ]
    return max((end for end in ends if end <= now + GRACE), default=None)


def sends(
    newsroom: Newsroom,
    locks: Collection[Lock],
    known: Mapping[str, Collection[str]],
    now: datetime,
    *,
    before: datetime | None,
    place: str = "",
) -> tuple[Run, ...]:
    """A run for every released issue that has none yet: to begin its mailing, or why that is not.

    `known` are the slots of the runs of SEND there are, by newsletter; `before` is when somebody
    looked last; `place` the machine that has the locks. What is not sent for having been released
    before, or by hand, is DONE; what might have been wanted is MISSED, and so the operators hear.
    """
    found: list[Run] = []
    for newsletter in newsroom.newsletters:
        slots = known.get(newsletter.key, ())
        fresh = [
            lock for lock in locks if lock.newsletter == newsletter.key and lock.id not in slots
        ]
        fresh.sort(key=lambda lock: (lock.at, lock.id))
        mark = f"{newsletter.key} from now on"
        first = mark not in slots
        found.extend(
            _judged(newsroom, newsletter, lock, fresh, now, before=before, first=first, place=place)
            for lock in fresh
        )
        if first:
            # The last one: a process that dies among these looks for the first time again.
            found.append(
                _send(newsletter.key, mark, now, state=RunState.DONE, why="watched", place=place)
            )
    return tuple(found)


def _judged(
    newsroom: Newsroom,
    newsletter: Newsletter,
    lock: Lock,
    fresh: Sequence[Lock],
    now: datetime,
    *,
    before: datetime | None,
    first: bool,
    place: str,
) -> Run:
    done = _settled(newsletter, lock, now, first=first)
    missed = "" if done else _missed(newsroom, lock, fresh, now, before)
    state = RunState.DONE if done else RunState.MISSED if missed else RunState.QUEUED
    why = done or missed
    words = f"{why}; to send it: enews mailing start {lock.id}" if why else ""
    return _send(newsletter.key, lock.id, now, state=state, why=words, place=place)


def _settled(newsletter: Newsletter, lock: Lock, now: datetime, *, first: bool) -> str:
    """Why an issue is nobody's to send by now, "" where it may be."""
    if newsletter.mailing is not Start.AUTOMATIC:
        return 'mailed by hand (mailing = "manual")'
    if first:
        return "released before the service was there"
    if now - lock.at > SENT_WITHIN:
        return f"dated {lock.date}, more than {SENT_WITHIN.days} days ago"
    return ""


def _missed(
    newsroom: Newsroom, lock: Lock, fresh: Sequence[Lock], now: datetime, before: datetime | None
) -> str:
    """Why an issue that was released while nobody looked does not go out, "" where it does."""
    lately = timedelta(hours=newsroom.sending.late_hours)
    # Where builds are rarer than that, two of them in a row are no absence.
    patience = max(lately, 2 * timedelta(minutes=newsroom.schedule.build_minutes))
    if before is not None and now - before <= patience:
        return ""
    if now - lock.at > lately:
        return "released while nobody was at work, and its time is long past"
    if lock.at > now:
        return ""
    newest = max((one for one in fresh if one.at <= now), key=lambda one: (one.at, one.id))
    if lock.id != newest.id:
        return f"released while nobody was at work, and {newest.id} is newer"
    return ""


def _send(
    newsletter: str, slot: str, now: datetime, *, state: RunState, why: str, place: str
) -> Run:
    return Run(
        flow=Flow.SEND,
        slot=slot,
        subject=newsletter,
        place=place if state is RunState.QUEUED else "",
        origin=Origin.FOLLOWS,
        due=now,
        state=state,
        reason=why,
        asked={"issue": slot},
        created=now,
        ended=None if state is RunState.QUEUED else now,
    )
