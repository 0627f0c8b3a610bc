"""`enews doctor`: looks at the whole set-up, and says what to do about it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import counted, faint, say, say_json, strong
from pipeline.core.examination import Check, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.app import App
    from pipeline.config import Settings
    from pipeline.core.newsroom import Newsroom

AT_ONCE = 8
MARKS = {
    Verdict.OK: ("✓", "green"),
    Verdict.UNKNOWN: ("?", "cyan"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.WRONG: ("✗", "red"),
}
WIDTH = 13
"""Columns for what was looked at."""


@click.command()
@json_option
@click.pass_obj
def doctor(settings: Settings, *, as_json: bool) -> int:
    """Check DNS, TLS, mail server, clock, folders; and say what to fix."""
    from pipeline.app import App

    checks = _all(App(settings))
    if as_json:
        say_json(
            {
                "verdict": worst(checks).value,
                "checks": [
                    {
                        "area": check.area,
                        "what": check.what,
                        "verdict": check.verdict.value,
                        "said": check.said,
                        "advice": check.advice,
                    }
                    for check in checks
                ],
            }
        )
    else:
        _say(checks)
    return 1 if worst(checks) is Verdict.WRONG else 0


def _all(app: App) -> list[Check]:
    """Every check, several at a time, in an order that is always the same."""
    from pipeline.cli.doctor_machine import machine_checks
    from pipeline.cli.doctor_mail import mailbox_check, server_check
    from pipeline.content.reader import ContentFolder
    from pipeline.errors import EnewsError

    folders = app.settings.folders
    newsroom: Newsroom | None = None
    checks: list[Check] = []
    try:
        newsroom = ContentFolder(folders.content).newsroom()
        said = f'"{newsroom.title}", {counted(len(newsroom.newsletters), "newsletter")}'
        checks.append(_newsroom(Verdict.OK, said))
    except EnewsError as error:
        checks.append(_newsroom(Verdict.WRONG, str(error), "enews check"))
    today = app.now().date()
    tasks: list[Callable[[], list[Check]]] = [
        lambda: machine_checks(app.settings, os.environ, newsroom, today),
        lambda: server_check(app),
        lambda: mailbox_check(app),
    ]
    if newsroom is not None:
        tasks += _outside(app, newsroom)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(lambda task: task(), tasks):
            checks += found
    order = list(dict.fromkeys(check.area for check in checks))
    return sorted(checks, key=lambda check: order.index(check.area))


def _outside(app: App, newsroom: Newsroom) -> list[Callable[[], list[Check]]]:
    from pipeline.cli.doctor_mail import domain_checks, people_checks
    from pipeline.cli.doctor_site import now, site_checks
    from pipeline.net.dns import DnsNames
    from pipeline.net.site_look import look_at

    return [
        lambda: people_checks(app, newsroom),
        lambda: site_checks(newsroom, look_at, now),
        *domain_checks(app, newsroom, DnsNames()),
    ]


def _newsroom(verdict: Verdict, said: str, advice: str = "") -> Check:
    return Check(area="this machine", what="newsroom", verdict=verdict, said=said, advice=advice)


def _say(checks: Sequence[Check]) -> None:
    for number, (area, found) in enumerate(groupby(checks, key=lambda check: check.area)):
        say("\n" * (number > 0) + strong(area))
        for check in found:
            mark, colour = MARKS[check.verdict]
            say(f"  {click.style(mark, fg=colour)} {check.what:<{WIDTH}} {check.said}")
            if check.advice:
                say(f"    {'':<{WIDTH}} {faint(f'→ {check.advice}')}")
    say()
    counts = [
        counted(number, one, many)
        for verdict, one, many in (
            (Verdict.WRONG, "thing is wrong", "things are wrong"),
            (Verdict.WARNING, "warning", ""),
            (Verdict.UNKNOWN, "unknown", "unknown"),
        )
        if (number := sum(check.verdict is verdict for check in checks))
    ]
    say(f"{', '.join(counts)}." if counts else "All is well.")
