"""`[schedule]` and `[subscribing]` of `content/newsroom.toml`, typed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pipeline.content.newsletter import mailbox
from pipeline.content.schema import shown
from pipeline.core.cadence import parse_cadence
from pipeline.core.newsroom import Subscribing
from pipeline.core.schedule import PLANNED, Late, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.content.schema import Fields
    from pipeline.core.cadence import Cadence
    from pipeline.core.run import Flow

NEVER = "never"


def read_schedule(fields: Fields | None) -> Schedule:
    """What runs when; notes what is wrong."""
    if fields is None:
        return Schedule()
    usual = Schedule()
    schedule = Schedule(
        build_minutes=fields.integer("build_minutes", usual.build_minutes, most=1440),
        bounces_minutes=fields.integer("bounces_minutes", usual.bounces_minutes, most=1440),
        backup=_cadence(fields, "backup", usual.backup),
        backups_kept=fields.integer("backups_kept", usual.backups_kept, most=3660),
        cleanup=_cadence(fields, "cleanup", usual.cleanup),
        late=_late(fields),
        late_hours=fields.number("late_hours", usual.late_hours, least=0, most=8760),
    )
    fields.finish()
    return schedule


def _cadence(fields: Fields, name: str, usual: Cadence | None) -> Cadence | None:
    if not fields.has(name):
        return usual
    if fields.text(name) == NEVER:
        return None
    return fields.parsed(name, parse_cadence)


def _late(fields: Fields) -> Mapping[Flow, Late]:
    table = fields.table("late")
    if table is None:
        return {}
    names = {flow.value: flow for flow in PLANNED}
    found = {
        flow: Late(table.choice(name, list(Late), "policy", default=Late.CATCH_UP.value))
        for name, flow in names.items()
        if table.has(name)
    }
    table.finish()
    return found


def read_subscribing(fields: Fields | None) -> Subscribing:
    """How people sign up; notes what is wrong."""
    if fields is None:
        return Subscribing()
    usual = Subscribing()
    found = Subscribing(
        open=fields.boolean("open"),
        confirm_days=fields.integer("confirm_days", usual.confirm_days, most=60),
        consent=fields.text("consent", most=1000),
    )
    fields.finish()
    return found


def read_holidays(about: Fields) -> frozenset[date]:
    """Days on which nobody works: TOML dates, or texts such as "2026-12-25"."""
    value = about.take("holidays")
    if value is None:
        return frozenset()
    expected = 'expected a list of dates such as [2026-12-25, "2027-01-01"]'
    if not isinstance(value, list):
        about.wrong("holidays", expected, shown(value))
        return frozenset()
    days = set()
    for each in value:
        try:
            days.add(each if type(each) is date else date.fromisoformat(str(each)))
        except ValueError:
            about.wrong("holidays", expected, shown(each))
    return frozenset(days)


def read_operators(about: Fields) -> tuple[str, ...]:
    """Who is told when something is wrong."""
    found = []
    for text in about.texts("operators"):
        try:
            found.append(mailbox(text))
        except ValueError as error:
            about.wrong("operators", f"expected {error}", shown(text))
    return tuple(found)
