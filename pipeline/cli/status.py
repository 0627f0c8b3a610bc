"""`enews status`: what ran, what comes next, and what is wrong; for people and for monitors."""

from __future__ import annotations

import platform
import sqlite3
from typing import TYPE_CHECKING

import click

import pipeline
from pipeline.cli import json_option
from pipeline.cli.console import aside, faint, good, say, say_json, strong
from pipeline.cli.mailing_time import times
from pipeline.core.run import RunState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from pipeline.app import App
    from pipeline.cli.mailing_time import Times
    from pipeline.config import Settings
    from pipeline.core.due import Due
    from pipeline.core.mailing import Mailing
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.planning import Plan
    from pipeline.core.run import Run
    from pipeline.core.standing import Held, Standing, UnderWay
    from pipeline.store.opening import Store

HISTORY = 300
"""Runs of each flow among which the last ones are looked for: two days of builds."""

COLOURS = {RunState.FAILED: "red", RunState.MISSED: "red"}


@click.command()
@json_option
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> int:
    """Show what ran, what comes next, and what is wrong; exit 1 where something is."""
    from pipeline.app import App
    from pipeline.content.reader import ContentFolder
    from pipeline.core.planning import plans
    from pipeline.core.standing import last_runs, wrong

    app = App(settings)
    newsroom = ContentFolder(settings.folders.content).newsroom()
    wanted = plans(newsroom, backup=not settings.database_url)
    upcoming = _upcoming(wanted, newsroom, app)
    with app.store(aside) as store:
        standing = _standing(store, settings, app.now())
        held = {state.value: number for state, number in store.notices.counts().items()}
        versions = _versions(store)
    troubles = wrong(newsroom, standing, app.now())
    last = last_runs(standing, app.now())
    if as_json:
        say_json(
            {
                "ok": not troubles,
                "wrong": list(troubles),
                "stopped": standing.stopped.isoformat() if standing.stopped else None,
                "next": [_next_json(plan, due) for plan, due in upcoming],
                "last": [_run_json(run) for run in last],
                "waiting": [_run_json(run) for run in standing.open_],
                "mailings": [_mailing_json(one) for one in standing.under_way],
                "notices": held,
                "versions": versions,
            }
        )
        return 1 if troubles else 0
    told = times(app)
    say(f"{strong(newsroom.title)}  {faint(told.full(told.now))}")
    if standing.stopped:
        say(f"stopped at {told.short(standing.stopped)} (told to)")
    _say(told, upcoming, last, standing)
    _say_rest(held, versions)
    _say_troubles(troubles, standing)
    return 1 if troubles else 0


def _upcoming(wanted: Sequence[Plan], newsroom: Newsroom, app: App) -> list[tuple[Plan, Due]]:
    """The next run of each plan, the soonest first."""
    from pipeline.core.planning import next_runs

    zone, now = app.zone(), app.now()
    found = [(plan, next(next_runs(plan, now, zone, newsroom.holidays), None)) for plan in wanted]
    return sorted(
        ((plan, due) for plan, due in found if due is not None), key=lambda pair: pair[1].at
    )


def _standing(store: Store, settings: Settings, now: datetime) -> Standing:
    """What the store knows of it."""
    from pipeline.core.run import Flow
    from pipeline.core.standing import IDLE, Standing

    mailings = store.ledger.mailings()
    return Standing(
        history=[run for flow in Flow for run in store.runs.latest(HISTORY, flow=flow)],
        open_=store.runs.open(),
        mailings=mailings,
        under_way=_under_way(store, mailings, now),
        notices=_held(store, now),
        has_server=settings.smtp_given,
        rehearses=settings.smtp_url.startswith("outbox:"),
        sends=store.ledger.sent_since((now - IDLE).timestamp()) > 0,
        stopped=store.runs.stopped(),
    )


def _under_way(store: Store, mailings: Sequence[Mailing], now: datetime) -> tuple[UnderWay, ...]:
    """Mailings that are not over, or left rows that are uncertain."""
    from pipeline.core.mailing import MailingState
    from pipeline.core.standing import UnderWay, waits_since

    ledger, found = store.ledger, []
    for mailing in mailings:
        tally = ledger.tally(mailing.id)
        over = mailing.state in (MailingState.CANCELLED, MailingState.FINISHED)
        if not over or tally.uncertain:
            waits = None if over else waits_since(mailing, tally, ledger.next_due(mailing.id), now)
            found.append(UnderWay(mailing=mailing, tally=tally, waits=waits))
    return tuple(found)


def _held(store: Store, now: datetime) -> Held:
    from pipeline.core.notice import TRIED_FOR, NoticeKind, NoticeState
    from pipeline.core.standing import Held

    notices = store.notices
    # One that failed today may have been tried for a day before.
    lately = now - 2 * TRIED_FOR
    failed = notices.counts(since=lately, kind=NoticeKind.OPERATORS).get(NoticeState.FAILED, 0)
    waiting = notices.counts().get(NoticeState.WAITING, 0)
    return Held(waiting=waiting, oldest=notices.oldest(), failed=failed)


def _versions(store: Store) -> dict[str, str]:
    from pipeline.store.tables import HEAD

    database = store.database
    kind = f"SQLite {sqlite3.sqlite_version}" if database.is_sqlite else "PostgreSQL"
    return {
        "enews": pipeline.__version__,
        "database": f"{HEAD}, {kind}, {database.name}",
        "python": platform.python_version(),
    }


def _say(
    told: Times,
    upcoming: Sequence[tuple[Plan, Due]],
    last: Sequence[Run],
    standing: Standing,
) -> None:
    from pipeline.cli.mailing_output import totals

    rows = [
        (_named(plan.flow.value, plan.subject), _day(due.at, told.zone), plan.cadence.text)
        for plan, due in upcoming
    ]
    _table("Next", rows)
    _table("Last", [_row(run, told) for run in last], colours=_colours(last))
    _table("At work and waiting", [_row(run, told) for run in standing.open_])
    _table(
        "Mailings",
        [
            (one.mailing.issue, str(one.mailing.state), totals(one.mailing, one.tally))
            for one in standing.under_way
        ],
    )


def _row(run: Run, told: Times) -> tuple[str, ...]:
    at = run.ended or run.began or run.due
    words = run.reason or run.progress
    first, _, rest = words.strip().partition("\n")
    state = str(run.state)
    return (
        _named(run.flow.value, run.subject),
        _day(at, told.zone),
        f"{state}: {first}{' …' if rest else ''}" if first else state,
    )


def _colours(runs: Sequence[Run]) -> list[str | None]:
    return [COLOURS.get(run.state) for run in runs]


def _table(
    title: str, rows: Sequence[tuple[str, ...]], *, colours: Sequence[str | None] = ()
) -> None:
    """Rows in columns under a title; nothing where there is none."""
    if not rows:
        return
    say()
    say(strong(title))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        colour = colours[number] if number < len(colours) else None
        line = "  ".join((*cells, row[-1]))
        say("  " + (click.style(line, fg=colour) if colour else line))


def _say_rest(held: dict[str, int], versions: dict[str, str]) -> None:
    from pipeline.core.standing import counted_words

    if words := counted_words(held):
        _table("Notices", [(words,)])
    say()
    say(faint(", ".join(f"{name} {version}" for name, version in versions.items())))


def _say_troubles(troubles: Sequence[str], standing: Standing) -> None:
    say()
    if troubles:
        say(click.style("To be looked at", fg="red", bold=True))
        for trouble in troubles:
            say(f"  {trouble}")
    elif standing.stopped:
        say("All else is well. To begin again: enews run")
    elif standing.history:
        say(good("All is well."))
    else:
        say("Nothing ever ran here by itself: enews run")


def _named(flow: str, subject: str) -> str:
    return " ".join(filter(None, (flow, subject)))


def _day(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day:>2} {local:%b %Y %H:%M %Z}"


def _next_json(plan: Plan, due: Due) -> dict[str, object]:
    return {
        "flow": plan.flow.value,
        "subject": plan.subject,
        "cadence": plan.cadence.text,
        "at": due.at.isoformat(),
    }


def _run_json(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "flow": run.flow.value,
        "subject": run.subject,
        "slot": run.slot,
        "state": run.state.value,
        "reason": run.reason,
        "due": run.due.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
    }


def _mailing_json(one: UnderWay) -> dict[str, object]:
    return {
        "issue": one.mailing.issue,
        "state": one.mailing.state.value,
        "reason": one.mailing.reason,
        "uncertain": one.tally.uncertain,
        "open": one.tally.open,
        "sent": one.tally.sent,
    }
