"""`enews mailing retry`: send again to those who failed, or of whom nobody knows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, good, say, say_json, sure
from pipeline.cli.mailing_output import ended_words
from pipeline.cli.mailing_start import resume
from pipeline.core.delivery import DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import ConfigError, MailingError

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipeline.core.mailing import Mailing
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store

BATCH = 500
"""Subscribers that are looked up at once."""


@click.command()
@click.argument("name", metavar="ISSUE")
@click.option("--failed", is_flag=True, help="Those that were refused for good, or given up.")
@click.option("--uncertain", is_flag=True, help="Those that may have got it: some get it twice.")
@click.option("--late", is_flag=True, help="Although it is old, or the database a copy.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def retry(
    ctx: click.Context,
    *,
    name: str,
    failed: bool,
    uncertain: bool,
    late: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Send again to those who failed, or are uncertain; asks first."""
    from pipeline.app import App
    from pipeline.postroom import Postroom

    if not failed and not uncertain:
        raise ConfigError("retry whom? --failed, --uncertain, or both")
    states = [DeliveryState.FAILED] * failed + [DeliveryState.UNCERTAIN] * uncertain
    post = Postroom(App(ctx.obj))
    queued = _queue(post, name, states, late=late, yes=yes, as_json=as_json)
    if not queued:
        if as_json:
            say_json({"queued": 0})
        return 0
    if not as_json:
        say(good(f"{counted(queued, 'delivery', 'deliveries')} queued again."))
    code: int = ctx.invoke(resume, name=name, late=late, now=False, wait=False, as_json=as_json)
    return code


def _queue(
    post: Postroom,
    name: str,
    states: Collection[DeliveryState],
    *,
    late: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Say who they are, ask, and queue them; how many."""
    from pipeline.cli.mailing_time import times
    from pipeline.flows.mailing import check, find
    from pipeline.flows.mailing import retry as retry_flow

    app = post.app
    with app.store(aside) as store:
        mailing = find(store.ledger, name)
        if mailing.state is MailingState.CANCELLED:
            tally = store.ledger.tally(mailing.id)
            raise MailingError(ended_words(mailing, tally, times(app)))
        issue = post.released(mailing.issue, waiting=lambda holder: aside(f"Waiting for {holder}…"))
        outbox = post.outbox() is not None
        # Before anything is queued that could not be sent.
        check(post.records(store), mailing, issue, now=app.now(), late=late, outbox=outbox)
        tally = store.ledger.tally(mailing.id)
        total = sum(getattr(tally, state.value) for state in states)
        count = _mailable(store, mailing, states) if total else 0
        if total > count:
            aside(_gone_words(total - count))
        if not count:
            if not as_json:
                say(f"Nothing to do: no delivery of {mailing.issue} can be tried again.")
            return 0
        if DeliveryState.UNCERTAIN in states and tally.uncertain:
            most = min(count, tally.uncertain)
            aside(f"{counted(most, 'subscriber')} may get {mailing.issue} twice.")
        sure(f"Send {mailing.issue} to {counted(count, 'subscriber')} again?", yes=yes)
        return retry_flow(store.ledger, name, states, now=app.now())


def _gone_words(gone: int) -> str:
    """Of those who are not tried again."""
    if gone == 1:
        return "1 of them left or is suppressed by now, and stays so."
    return f"{gone:,} of them left or are suppressed by now, and stay so."


def _mailable(store: Store, mailing: Mailing, states: Collection[DeliveryState]) -> int:
    """How many of them may still be mailed; the ledger decides it again when they are queued."""
    rows = store.ledger.deliveries(mailing=mailing.id, states=states)
    addresses = (row.address for row in rows if row.address)
    count = 0
    while batch := list(islice(addresses, BATCH)):
        count += sum(
            person.state is SubscriberState.ACTIVE and mailing.newsletter in person.newsletters
            for person in store.subscribers.find(batch).values()
        )
    return count
