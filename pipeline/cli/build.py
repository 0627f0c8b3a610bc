"""`enews build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import (
    aside,
    counted,
    error_json,
    faint,
    good,
    report_error,
    say,
    say_json,
)
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from pipeline.app import App
    from pipeline.config import Settings
    from pipeline.ports.building import Changes

SHOWN = 12


@click.command()
@click.option("--check", "compare", is_flag=True, help="Build apart, from nothing, and compare.")
@click.option("--full", is_flag=True, help="Forget what earlier builds found out.")
@click.option("--no-wait", is_flag=True, help="Do not wait for another command to end.")
@click.option("--withdraw", multiple=True, metavar="ID", help="Give up a published id for good.")
@json_option
@click.pass_obj
def build(
    settings: Settings,
    *,
    compare: bool,
    full: bool,
    no_wait: bool,
    withdraw: tuple[str, ...],
    as_json: bool,
) -> int:
    """Make the site, the feeds and the issues in output/."""
    from pipeline.app import App
    from pipeline.flows.build import build as build_flow

    app = App(settings)
    try:
        if compare:
            return _compare(app, as_json=as_json)
        with app.workshop("enews build", wait=not no_wait, waiting=_waiting) as workshop:
            if full:
                workshop.cache.forget_all()
            changes = build_flow(workshop, now=app.now(), withdrawn=withdraw)
    except EnewsError as error:
        if as_json:
            say_json(error_json(error))
        else:
            report_error(error, publishing=True)
        return error.exit_code
    if as_json:
        say_json(
            {
                "new": changes.new,
                "changed": changes.changed,
                "removed": changes.removed,
                "unchanged": changes.unchanged,
            }
        )
    else:
        _print(changes, str(settings.folders.output))
    return 0


def _compare(app: App, *, as_json: bool) -> int:
    from pipeline.cli.compare import compare_build

    different = compare_build(app)
    if as_json:
        say_json({"same": not different, "different": different})
    elif different:
        for path in different[:SHOWN]:
            aside(f"differs: {path}")
        aside(f"{counted(len(different), 'file')} in the output are not what a new build makes.")
    else:
        say(good("The output is, byte for byte, what a new build makes."))
    return 1 if different else 0


def _waiting(holder: str) -> None:
    aside(f"Waiting for {holder} to end…")


def _print(changes: Changes, output: str) -> None:
    for sign, paths in (("+", changes.new), ("~", changes.changed), ("-", changes.removed)):
        for path in paths[:SHOWN]:
            say(f"  {sign} {path}")
        if len(paths) > SHOWN:
            say(faint(f"  {sign} and {len(paths) - SHOWN} more"))
    if not (changes.new or changes.changed or changes.removed):
        say(f"Nothing changed; {counted(changes.unchanged, 'file')} in {output}")
        return
    say(
        f"{len(changes.new)} new, {len(changes.changed)} changed, {len(changes.removed)} removed, "
        f"{changes.unchanged} unchanged in {output}"
    )
