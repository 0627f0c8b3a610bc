"""`enews schedule`: when issues, backups and the like are due, before anybody trusts it."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import faint, say, say_json, strong

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta, tzinfo

    from pipeline.config import Settings
    from pipeline.core.due import Due
    from pipeline.core.planning import Plan

NEXT = 12
MOST = 500


@click.command()
@click.argument("newsletter", required=False, default="")
@click.option("--next", "count", type=click.IntRange(1, MOST), default=NEXT, help="How many runs.")
@json_option
@click.pass_obj
def schedule(settings: Settings, *, newsletter: str, count: int, as_json: bool) -> int:
    """The next runs of everything that has a cadence, in local time and in UTC."""
    from pipeline.app import App
    from pipeline.cli.subscriber_words import known_newsletters
    from pipeline.content.reader import ContentFolder
    from pipeline.core.planning import next_runs, plans

    app = App(settings)
    newsroom = ContentFolder(settings.folders.content).newsroom()
    if newsletter:
        known_newsletters(newsroom, [newsletter])
    everything = plans(newsroom, backup=not settings.database_url)
    chosen = [plan for plan in everything if newsletter in ("", plan.subject)]
    zone, now = app.zone(), app.now()
    found = [
        (plan, list(islice(next_runs(plan, now, zone, newsroom.holidays), count)))
        for plan in chosen
    ]
    if as_json:
        name = newsroom.timezone
        say_json([_json(plan, name, due, zone) for plan, dues in found for due in dues])
        return 0
    for number, (plan, dues) in enumerate(found):
        title = f"{strong(plan.subject or plan.flow.value)}  {plan.cadence.text}"
        say("\n" * (number > 0) + f"{title}, {newsroom.timezone}")
        _say(dues, zone)
    if not newsroom.newsletters:
        say("\nThis newsroom has no newsletter: no issue is ever due.")
    return 0


def _say(found: Sequence[Due], zone: tzinfo) -> None:
    for before, due in pairwise((None, *found)):
        assert due is not None  # noqa: S101  # only the first is
        local = due.at.astimezone(zone)
        marks = _marks(before, due, zone)
        name = f"{local:%Z}"
        line = f"  {local:%a} {local.day:>2} {local:%b %Y  %H:%M} {name:<5} {due.at:%H:%M} UTC"
        say(f"{line}  {faint(marks)}" if marks else line)


def _marks(before: Due | None, due: Due, zone: tzinfo) -> str:
    """What a clock change does to a run."""
    from pipeline.core.due import Shift

    if due.shift is Shift.SKIPPED:
        return "its time is skipped that day: it runs at the next minute there is"
    if due.shift is Shift.REPEATED:
        return "its time comes twice that day: it runs at the first"
    if before is None:
        return ""
    now, then = due.at.astimezone(zone).utcoffset(), before.at.astimezone(zone).utcoffset()
    if now is None or then is None or now == then:
        return ""
    return f"the clock went {'forward' if now > then else 'back'} {_length(abs(now - then))} since"


def _length(by: timedelta) -> str:
    minutes = int(by.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _json(plan: Plan, zone_name: str, due: Due, zone: tzinfo) -> dict[str, object]:
    return {
        "flow": plan.flow.value,
        "newsletter": plan.subject,
        "cadence": plan.cadence.text,
        "timezone": zone_name,
        "day": due.day.isoformat(),
        "local": due.at.astimezone(zone).isoformat(),
        "utc": due.at.isoformat(),
        "shift": due.shift.value,
    }
