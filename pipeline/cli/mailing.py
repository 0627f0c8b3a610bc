"""`enews mailing`: send a released issue, once, to everyone who asked; and ask who got it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from pipeline.cli import Group, json_option
from pipeline.cli.console import aside, counted, say, say_json, sure
from pipeline.cli.mailing_dkim import dkim
from pipeline.cli.mailing_output import ENDED, ended_words, hints, mailing_json
from pipeline.cli.mailing_retry import retry
from pipeline.cli.mailing_start import resume, start
from pipeline.cli.mailing_status import status, who
from pipeline.errors import EnewsError, MailingError

if TYPE_CHECKING:
    from pipeline.app import App
    from pipeline.config import Settings
    from pipeline.core.mailing import Mailing
    from pipeline.flows.mailing import Released
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store


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
    """End a mailing; what was not sent never is, unless nobody got it."""
    from pipeline.app import App
    from pipeline.cli.mailing_time import times
    from pipeline.flows.mailing import cancel as cancel_flow
    from pipeline.flows.mailing import find

    app = App(settings)
    with app.store(aside) as store:
        unknown = _cancel_unknown(app, store, name, reason, yes=yes)
        if unknown is not None:
            say_json(mailing_json(unknown)) if as_json else say(f"{unknown.issue} is cancelled.")
            return 0
        mailing = find(store.ledger, name)
        tally = store.ledger.tally(mailing.id)
        left = tally.open
        if mailing.state in ENDED:
            words = ended_words(mailing, tally, times(app))
            raise MailingError(words if left else f"{words}: nothing is left to cancel")
        sure(f"{counted(left, 'subscriber')} would never get {mailing.issue}. Cancel it?", yes=yes)
        mailing = cancel_flow(store.ledger, name, reason, now=app.now())
        tally = store.ledger.tally(mailing.id)
    if as_json:
        say_json(mailing_json(mailing))
    else:
        say(f"{mailing.issue} is {mailing.state}; {counted(left, 'subscriber')} did not get it.")
        for hint in hints(mailing, tally, workers=0):
            say(hint)
    return 0


def _cancel_unknown(app: App, store: Store, name: str, reason: str, *, yes: bool) -> Mailing | None:
    """End what an older copy of the database knows nothing of; None where it is known."""
    from pipeline.flows.mailing import cancel_unknown
    from pipeline.postroom import Postroom

    post = Postroom(app)
    issue = _unknown(post, store, name)
    if issue is None:
        return None
    sure(
        f"The database is an older copy and does not know who got {issue.lock.id}. End it, so "
        "that nobody gets it from here?",
        yes=yes,
    )
    return cancel_unknown(post.records(store), issue, reason, now=app.now())


def _unknown(post: Postroom, store: Store, name: str) -> Released | None:
    """The issue, where only what lies beside the database knows that its mailing was begun."""
    from pipeline.flows.mailing import find

    with suppress(MailingError):
        find(store.ledger, name)
        return None
    with suppress(EnewsError):  # of no such issue: the caller says what there is
        issue = post.released(name, waiting=lambda holder: aside(f"Waiting for {holder}…"))
        return issue if post.records(store).tokens.read(issue.lock.id) else None
    return None
