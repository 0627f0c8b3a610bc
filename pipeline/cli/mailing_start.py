"""`enews mailing start` and `resume`: show the plan, keep every row, then send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, say, say_json, strong, sure
from pipeline.cli.mailing_output import (
    ENDED,
    audience_json,
    ended_words,
    say_audience,
    standing_json,
)
from pipeline.cli.mailing_sending import folder_words, go_on_sending, scheduled
from pipeline.cli.mailing_time import Moment, times
from pipeline.core.mailing import MailingState
from pipeline.errors import ConfigError, MailingError

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.cli.mailing_time import Times
    from pipeline.config import Settings
    from pipeline.core.mailing import Mailing
    from pipeline.flows.mailing import Released
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store


late_option = click.option(
    "--late", is_flag=True, help="Although old, released anew, or the database a copy."
)
wait_option = click.option(
    "--wait/--no-wait", default=True, help="Stay until what is deferred was tried again (default)."
)


@click.command()
@click.argument("name", metavar="ISSUE")
@click.option(
    "--test", metavar="ADDRESS", default="", help="Send to this address only; a draft, too."
)
@click.option("--dry-run", is_flag=True, help="Show who would get it, and do nothing.")
@click.option("--at", type=Moment(), help="Begin then, not now; 'enews worker' sends it.")
@late_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@wait_option
@json_option
@click.pass_obj
def start(
    settings: Settings,
    *,
    name: str,
    test: str,
    dry_run: bool,
    at: datetime | None,
    late: bool,
    yes: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Send a released issue to everyone who asked; or go on."""
    from pipeline.app import App
    from pipeline.flows.mailing import standing
    from pipeline.postroom import Postroom

    app = App(settings)
    told = times(app)
    begins = told.meant(at)
    post = Postroom(app)
    if test:
        return try_out(post, name, test, as_json=as_json)
    issue = post.released(name, waiting=lambda holder: aside(f"Waiting for {holder}…"))
    with app.store(aside) as store:
        records, outbox = post.records(store), post.outbox() is not None
        there = standing(records, issue, outbox=outbox, by_hand=True)
        if there is not None and dry_run:
            return _already(store, there, told, as_json=as_json)
        if there is None:
            there = _begun(
                post,
                store,
                issue,
                begins,
                told,
                late=late,
                ask=not yes,
                dry_run=dry_run,
                as_json=as_json,
            )
            if there is None:
                return 0
        elif begins is not None:
            there = _moved(post, store, there, begins, told)
        if there.state is MailingState.SCHEDULED and there.begins > told.now:
            return scheduled(there, told, as_json=as_json)
        return go_on_sending(post, store, issue, there, late=late, wait=wait, as_json=as_json)


@click.command()
@click.argument("name", metavar="ISSUE")
@late_option
@click.option("--now", is_flag=True, help="Although it is to begin later.")
@wait_option
@json_option
@click.pass_obj
def resume(
    settings: Settings, *, name: str, late: bool, now: bool, wait: bool, as_json: bool
) -> int:
    """Go on with a mailing that was paused or interrupted."""
    from pipeline.app import App
    from pipeline.flows.mailing import find
    from pipeline.postroom import Postroom

    app = App(settings)
    post = Postroom(app)
    with app.store(aside) as store:
        mailing = find(store.ledger, name)
        issue = post.released(mailing.issue, waiting=lambda holder: aside(f"Waiting for {holder}…"))
        return go_on_sending(
            post, store, issue, mailing, late=late, early=now, wait=wait, as_json=as_json
        )


def _begun(
    post: Postroom,
    store: Store,
    issue: Released,
    begins: datetime | None,
    told: Times,
    *,
    late: bool,
    ask: bool,
    dry_run: bool,
    as_json: bool,
) -> Mailing | None:
    """Show the plan, ask, and keep every row; None where nothing was begun."""
    from pipeline.flows.mailing import begin, plan, refuse_copy

    records = post.records(store)
    if not dry_run and not late:
        # Before anybody is asked.
        refuse_copy(records, issue)
    audience = plan(records, issue, begins or told.now)
    if dry_run and as_json:
        say_json({"issue": issue.lock.id, **audience_json(audience)})
        return None
    if not as_json:
        _say_plan(post, issue, store.ledger.mailing(issue.lock.id))
        say_audience(audience)
    if dry_run or not audience.total:
        _nobody(issue, audience.total, as_json=as_json)
        return None
    when = f" on {told.full(begins)}" if begins else ""
    question = f"Send it to {counted(audience.total, 'subscriber')}{when}?"
    folder = folder_words(post, issue.lock.id)
    if folder:
        question = (
            f"Write {counted(audience.total, 'message')} into {folder}{when}? No mail server is "
            "set (ENEWS_SMTP_URL)."
        )
    sure(question, yes=not ask)
    return begin(
        records,
        issue,
        now=told.now,
        begins=begins,
        outbox=bool(folder),
        by_hand=True,
        late=late,
    )


def _moved(
    post: Postroom, store: Store, mailing: Mailing, begins: datetime, told: Times
) -> Mailing:
    """A mailing that has not begun, with another time. Raises MailingError, ConfigError."""
    from pipeline.flows.mailing import reschedule

    if mailing.state in ENDED:
        raise MailingError(ended_words(mailing, store.ledger.tally(mailing.id), told))
    waits = mailing.state is MailingState.PAUSED and mailing.begins > told.now
    if mailing.state is not MailingState.SCHEDULED and not waits:
        raise ConfigError(
            f"{mailing.issue} began on {told.full(mailing.begins)}: --at is for what has not begun"
        )
    return reschedule(post.records(store), mailing, begins, told.now)


def _say_plan(post: Postroom, issue: Released, before: Mailing | None) -> None:
    lock = issue.lock
    say(f"{strong(lock.subject)}")
    say(f"{lock.id}, released with the digest {lock.digest[:12]}…")
    say(f"From {issue.newsletter.sender}, through {post.carried_by()}")
    if before is not None and before.state is MailingState.CANCELLED:
        say("Its mailing was cancelled before anybody got it: this one begins anew")
    say()


def _nobody(issue: Released, total: int, *, as_json: bool) -> None:
    """After a dry run, or where nobody would get it."""
    if not total and as_json:
        say_json({"issue": issue.lock.id, "recipients": 0})
    elif not total:
        say(
            f"Nobody would get {issue.lock.id}: nothing was started. Add subscribers with "
            "'enews subscriber import' or 'enews subscriber add'."
        )


def _already(store: Store, mailing: Mailing, told: Times, *, as_json: bool) -> int:
    if as_json:
        say_json(standing_json(store, mailing))
        return 0
    left = store.ledger.tally(mailing.id).open
    say(f"The mailing of {mailing.issue} was started on {told.full(mailing.created)}.")
    if mailing.state in ENDED:
        say(f"It is {mailing.state}: starting it again sends nothing.")
    else:
        say(f"It is {mailing.state}; starting it again would send to {left:,} more.")
    return 0


def try_out(post: Postroom, name: str, address: str, *, as_json: bool) -> int:
    """One copy in each language of an issue, to one address, and nothing in the ledger."""
    from pipeline.core.address import parse_address

    to = str(parse_address(address))
    issue = post.trial(name, waiting=lambda holder: aside(f"Waiting for {holder}…"))
    replies = post.send_test(issue, to)
    if as_json:
        say_json(
            [{"language": lang, "code": r.code, "said": r.words} for lang, r in replies.items()]
        )
    else:
        for lang, reply in replies.items():
            say(f"{address} [{lang}]: {reply.words}")
    if not all(200 <= reply.code < 300 for reply in replies.values()):
        raise MailingError(f"the test of {issue.id} to {address} was not taken")
    return 0
