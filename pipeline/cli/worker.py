"""`enews worker`: sends every mailing that is due, until it is told to stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import aside, say
from pipeline.core.mailing import MailingState
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from pipeline.config import Settings
    from pipeline.core.mailing import Mailing
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store

EACH = 5.0
"""Seconds between two looks at the ledger."""


@click.command()
@click.option("--once", is_flag=True, help="End when nothing is due.")
@click.pass_obj
def worker(settings: Settings, *, once: bool) -> int:
    """Send every mailing that is due; as many workers as you like, on as many machines."""
    from pipeline.app import App
    from pipeline.postroom import Postroom

    app = App(settings)
    post = Postroom(app)
    told: dict[str, str] = {}
    failed = False
    while True:
        with app.store(aside) as store:
            failed = _round(post, store, told) or failed
        if once:
            return 1 if failed else 0
        time.sleep(EACH)


def _round(post: Postroom, store: Store, told: dict[str, str]) -> bool:
    """One look at every mailing; True where one could not go on. Each trouble is told once."""
    from pipeline.flows.mailing import go_on

    failed = False
    for mailing in store.ledger.mailings():
        due = mailing.state is MailingState.SCHEDULED and mailing.begins <= post.app.now()
        if not due and not _waits(store, mailing, post.app.now().timestamp()):
            continue
        try:
            issue = post.released(mailing.issue, waiting=lambda _: None)
            running = go_on(
                post.records(store), mailing, issue, now=post.app.now(), late=False, by_hand=False
            )
            if running.state is not MailingState.RUNNING:
                continue
            done = post.send(store, issue, running, wait=False, watch=lambda _: None)
            if done.sent or done.failed or done.uncertain:
                say(f"{mailing.issue}: {done.sent:,} sent, {done.failed:,} failed")
            trouble = done.stopped
        except EnewsError as error:
            trouble, failed = str(error), True
        if trouble and told.get(mailing.issue) != trouble:
            aside(f"{mailing.issue}: {trouble}")
        told[mailing.issue] = trouble
    return failed


def _waits(store: Store, mailing: Mailing, at: float) -> bool:
    """True where a running mailing has something to send now, or nothing left at all."""
    if mailing.state is not MailingState.RUNNING:
        return False
    tally = store.ledger.tally(mailing.id)
    return tally.open != tally.deferred or store.ledger.next_due(mailing.id) <= at
