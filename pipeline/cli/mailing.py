"""`enews mailing`: send a released issue, once, to everyone who asked; and ask who got it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import Group, json_option
from pipeline.cli.console import aside, counted, good, say, say_json
from pipeline.cli.mailing_dkim import dkim
from pipeline.cli.mailing_output import mailing_json
from pipeline.cli.mailing_start import resume, start
from pipeline.cli.mailing_status import status, who
from pipeline.core.delivery import DeliveryState
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.group(cls=Group)
def mailing() -> None:
    """Send a released issue, once, to everyone who asked; and ask who got it."""


for command in (start, resume, status, who, dkim):
    mailing.add_command(command)

reason_option = click.option("--reason", default="", metavar="TEXT", help="Why; status shows it.")


@mailing.command()
@click.argument("name", metavar="ISSUE")
@reason_option
@json_option
@click.pass_obj
def pause(settings: Settings, *, name: str, reason: str, as_json: bool) -> int:
    """Stop sending within seconds, wherever it runs; 'resume' goes on."""
    from pipeline.app import App
    from pipeline.flows.mailing import pause as pause_flow

    app = App(settings)
    with app.store(aside) as store:
        mailing = pause_flow(store.ledger, name, reason, now=app.now())
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is {mailing.state}. Go on with: enews mailing resume {mailing.issue}")
    return 0


@mailing.command()
@click.argument("name", metavar="ISSUE")
@reason_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def cancel(settings: Settings, *, name: str, reason: str, yes: bool, as_json: bool) -> int:
    """End a mailing for good: what was not sent never will be."""
    from pipeline.app import App
    from pipeline.flows.mailing import cancel as cancel_flow
    from pipeline.flows.mailing import find

    app = App(settings)
    with app.store(aside) as store:
        mailing = find(store.ledger, name)
        left = store.ledger.tally(mailing.id).open
        sure(f"{counted(left, 'subscriber')} would never get {mailing.issue}. Cancel it?", yes=yes)
        mailing = cancel_flow(store.ledger, name, reason, now=app.now())
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is {mailing.state}; {counted(left, 'subscriber')} did not get it.")
    return 0


@mailing.command()
@click.argument("name", metavar="ISSUE")
@click.option("--failed", is_flag=True, help="Those that were refused for good, or given up.")
@click.option("--uncertain", is_flag=True, help="Those that may have got it: some get it twice.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def retry(
    ctx: click.Context, *, name: str, failed: bool, uncertain: bool, yes: bool, as_json: bool
) -> int:
    """Send again to those who failed, or of whom nobody knows; first shows who they are."""
    from pipeline.app import App
    from pipeline.flows.mailing import find
    from pipeline.flows.mailing import retry as retry_flow

    if not failed and not uncertain:
        raise ConfigError("retry whom? --failed, --uncertain, or both")
    states = [DeliveryState.FAILED] * failed + [DeliveryState.UNCERTAIN] * uncertain
    app = App(ctx.obj)
    with app.store(aside) as store:
        mailing = find(store.ledger, name)
        tally = store.ledger.tally(mailing.id)
        count = tally.failed * failed + tally.uncertain * uncertain
        if not count:
            if not as_json:
                say(f"Nothing to do: no such delivery of {mailing.issue}.")
                return 0
        else:
            if uncertain and tally.uncertain:
                aside(f"{counted(tally.uncertain, 'subscriber')} may get {mailing.issue} twice.")
            sure(f"Send {mailing.issue} to {counted(count, 'subscriber')} again?", yes=yes)
            retry_flow(store.ledger, name, states, now=app.now())
    if as_json and not count:
        say_json({"queued": 0})
        return 0
    if not as_json:
        say(good(f"{counted(count, 'delivery', 'deliveries')} queued again."))
    code: int = ctx.invoke(resume, name=name, late=True, wait=False, as_json=as_json)
    return code


def sure(question: str, *, yes: bool) -> None:
    """Ask on a terminal; raises ConfigError elsewhere, where nobody can answer, without --yes."""
    from pipeline.cli.console import interactive

    if yes:
        return
    if not interactive():
        raise ConfigError(f"{question} Nobody can be asked here: say --yes")
    click.confirm(question, abort=True, err=True)
