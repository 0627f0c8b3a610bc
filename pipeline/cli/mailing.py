"""`enews mailing`: send a released issue, once, to everyone who asked; and ask who got it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import Group, json_option
from pipeline.cli.console import aside, counted, say, say_json, sure
from pipeline.cli.mailing_dkim import dkim
from pipeline.cli.mailing_output import ENDED, ended_words, mailing_json
from pipeline.cli.mailing_retry import retry
from pipeline.cli.mailing_start import resume, start
from pipeline.cli.mailing_status import status, who
from pipeline.errors import MailingError

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.group(cls=Group)
def mailing() -> None:
    """Send a released issue, once, to everyone who asked; and ask who got it."""


for command in (start, resume, status, who, retry, dkim):
    mailing.add_command(command)

reason_option = click.option("--reason", default="", metavar="TEXT", help="Why; status shows it.")


@mailing.command()
@click.argument("name", metavar="ISSUE")
@reason_option
@json_option
@click.pass_obj
def pause(settings: Settings, *, name: str, reason: str, as_json: bool) -> int:
    """Stop sending within seconds, wherever it runs."""
    from pipeline.app import App
    from pipeline.cli.mailing_time import times
    from pipeline.flows.mailing import pause as pause_flow

    app = App(settings)
    with app.store(aside) as store:
        mailing = pause_flow(store.ledger, name, reason, now=app.now())
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is {mailing.state}. Go on with: enews mailing resume {mailing.issue}")
        if mailing.begins > app.now():
            say(f"It then begins {times(app).full(mailing.begins)}, or with --now at once.")
    return 0


@mailing.command()
@click.argument("name", metavar="ISSUE")
@reason_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def cancel(settings: Settings, *, name: str, reason: str, yes: bool, as_json: bool) -> int:
    """End a mailing for good; what was not sent never is."""
    from pipeline.app import App
    from pipeline.cli.mailing_time import times
    from pipeline.flows.mailing import cancel as cancel_flow
    from pipeline.flows.mailing import find

    app = App(settings)
    with app.store(aside) as store:
        mailing = find(store.ledger, name)
        if mailing.state in ENDED:
            raise MailingError(f"{ended_words(mailing, times(app))}: nothing is left to cancel")
        left = store.ledger.tally(mailing.id).open
        sure(f"{counted(left, 'subscriber')} would never get {mailing.issue}. Cancel it?", yes=yes)
        mailing = cancel_flow(store.ledger, name, reason, now=app.now())
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is {mailing.state}; {counted(left, 'subscriber')} did not get it.")
    return 0
