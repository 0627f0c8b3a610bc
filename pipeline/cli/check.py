"""`enews check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import counted, error_json, good, report_error, say, say_json
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.command()
@json_option
@click.pass_obj
def check(settings: Settings, *, as_json: bool) -> int:
    """Find every problem in content/; the output is not touched."""
    from dataclasses import asdict

    from pipeline.app import App
    from pipeline.flows.check import check as check_flow

    app = App(settings)
    try:
        with app.workshop("enews check") as workshop:
            tally = check_flow(workshop, now=app.now())
    except EnewsError as error:
        if as_json:
            say_json(error_json(error))
        else:
            report_error(error, publishing=True)
        return error.exit_code
    if as_json:
        say_json({"problems": [], **asdict(tally)})
        return 0
    said = [counted(tally.items, "item"), counted(tally.themes, "theme")]
    said.append(counted(tally.media, "media file"))
    hidden = [
        f"{number} {what}"
        for number, what in (
            (tally.drafts, "draft" if tally.drafts == 1 else "drafts"),
            (tally.waiting, "waiting for their date"),
            (tally.expired, "expired"),
        )
        if number
    ]
    unseen = f" ({', '.join(hidden)})" if hidden else ""
    say(f"{good('No problems')} in {', '.join(said)}{unseen}.")
    return 0
