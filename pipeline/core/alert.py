"""What the operators are told: failures, grouped into one mail, each of them once.

A build that fails every ten minutes is one piece of news, and so is a mailbox that fails every
other time, now for this reason and now for that. So after a failure is told, the same matter is
quiet for a day, unless it went well for three hours in between; and no two mails go out within an
hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.core.planning import GRACE, first_slot
from pipeline.core.run import Flow, RunState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from pipeline.core.run import Run

BETWEEN = timedelta(hours=1)
"""The least time between two mails to the operators."""
AGAIN = timedelta(hours=23, minutes=30)
"""After it, a failure that goes on is told again; less than a day, for what fails every day."""
WELL = timedelta(hours=3)
"""Whatever goes well for as long is mended, and its next failure is news."""
REPEATED = frozenset({Flow.PULL, Flow.BUILD, Flow.BOUNCES, Flow.BACKUP, Flow.CLEANUP})
"""What does the same each time: one failure of it stands for all. Others are of an issue each."""
SHOWN_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`news` are the runs to tell of now, `quiet` those that an earlier one told of, with when."""

    news: tuple[Run, ...] = ()
    quiet: tuple[tuple[Run, datetime], ...] = ()


def alert(untold: Sequence[Run], history: Sequence[Run], now: datetime) -> Alert:
    """What to tell of failed and missed runs; `history` are runs, newest first, untold ones too.

    Nothing within an hour of the last mail: what fails meanwhile is told together, at its end. What
    a clock that was wrong dated later than now keeps nobody quiet.
    """
    news: list[Run] = []
    quiet: list[tuple[Run, datetime]] = []
    told: dict[tuple[str, ...], datetime] = {}
    well: dict[tuple[str, ...], datetime] = {}
    new = {run.id for run in untold}
    everything = {run.id: run for run in (*history, *untold)}
    for _, run in sorted(everything.items()):
        what, at = _matter(run), run.ended or run.created
        if run.state is RunState.DONE:
            well.setdefault(what, at)
        elif run.state in (RunState.FAILED, RunState.MISSED):
            if at - well.pop(what, at) >= WELL:
                told.pop(what, None)
            since = told.get(what)
            if run.id not in new:
                if run.told is not None and run.told <= now + GRACE:
                    told[what] = run.told
            elif since is not None and now - since < AGAIN:
                quiet.append((run, since))
            else:
                news.append(run)
    heard = [run.told for run in history if run.told is not None and run.told <= now + GRACE]
    if heard and now - max(heard) < BETWEEN:
        news = []
    return Alert(news=tuple(news), quiet=tuple(quiet))


def _matter(run: Run) -> tuple[str, ...]:
    """What a run is about: those of one matter are told together."""
    if run.flow in REPEATED:
        return run.flow, run.subject, run.place
    # What stands in a mailing's way ("held since 9:00") may come and go, and is one matter.
    return run.flow, run.subject, first_slot(run).partition(" since ")[0]


def alert_text(title: str, news: Sequence[Run], zone: tzinfo) -> str:
    """The mail: its first line is the subject."""
    failed = sum(run.state is RunState.FAILED for run in news)
    missed = len(news) - failed
    words = [f"{failed} failed" if failed else "", f"{missed} missed" if missed else ""]
    lines = [f"{title}: {', '.join(filter(None, words))}", ""]
    for run in news[:SHOWN_MOST]:
        due = run.due.astimezone(zone)
        name = " ".join(filter(None, (run.flow.value, run.subject)))
        lines.append(f"{name}, {run.state}, due {due:%a %d %b %Y %H:%M %Z}:")
        lines.extend(f"    {line}" for line in run.reason.splitlines())
        lines.append("")
    if len(news) > SHOWN_MOST:
        lines.extend((f"and {len(news) - SHOWN_MOST} more.", ""))
    repeated = any(run.flow in REPEATED for run in news)
    daily = " What stays so, you hear of once a day." if repeated else ""
    lines.append(f"All of it: enews status.{daily}")
    return "\n".join(lines) + "\n"
