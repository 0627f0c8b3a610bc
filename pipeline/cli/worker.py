"""`enews worker`: sends every mailing that is due, until it is told to stop."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import aside, say
from pipeline.cli.mailing_output import done_word
from pipeline.cli.mailing_sending import folder_words
from pipeline.cli.mailing_time import times
from pipeline.core.mailing import MailingState

if TYPE_CHECKING:
    from pipeline.cli.mailing_time import Times
    from pipeline.config import Settings
    from pipeline.core.delivery import Tally
    from pipeline.core.mailing import Mailing
    from pipeline.flows.deliver import Progress
    from pipeline.ports.sending import Ledger
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

    working = Working(Postroom(App(settings)), once=once)
    failed = False
    while True:
        with working.post.app.store(aside) as store:
            failed = working.look(store) or failed
        if once:
            return 1 if failed else 0
        time.sleep(EACH)


class Working:
    """Looks at every mailing, again and again; what it said once it does not say again."""

    def __init__(self, post: Postroom, *, once: bool) -> None:
        self.post = post
        self._once = once
        self._told: dict[str, str] = {}  # the trouble of each mailing; under "" what comes next

    def look(self, store: Store) -> bool:
        """One look at every mailing; True where one could not go on."""
        from pipeline.carrying import carry

        failed = False
        if not self._told:
            self._tell_next(store)
        for carried in carry(self.post, store):
            issue, trouble = carried.mailing.issue, carried.trouble
            if carried.progress is not None:
                self._tell(store, carried.mailing, carried.progress)
            else:
                failed = failed or bool(trouble)
            if trouble and self._told.get(issue) != trouble:
                aside(trouble if trouble.startswith(issue) else f"{issue}: {trouble}")
            self._told[issue] = trouble
        self._tell_next(store)
        return failed

    def _tell(self, store: Store, mailing: Mailing, done: Progress) -> None:
        """A line where it ended or stopped, with the counts of all workers; not on the way."""
        worked = done.sent or done.deferred or done.failed or done.uncertain
        if mailing.state is MailingState.RUNNING and not (self._once and worked):
            return
        tally = store.ledger.tally(mailing.id)
        say(f"{mailing.issue} is {mailing.state}: {round_words(mailing, tally)}")
        if mailing.outbox:
            say(f"They are in {folder_words(self.post, mailing.issue)}; nothing was sent.")

    def _tell_next(self, store: Store) -> None:
        """What it waits for, where somebody looks on."""
        if self._once or not sys.stderr.isatty():
            return
        found = next_words(store.ledger, times(self.post.app))
        if self._told.get("") != found:
            aside(found)
        self._told[""] = found


def round_words(mailing: Mailing, tally: Tally) -> str:
    """`5 sent, 0 deferred, 1 failed, 0 uncertain, of 6`."""
    return (
        f"{tally.sent:,} {done_word(mailing)}, {tally.deferred:,} deferred, {tally.failed:,} "
        f"failed, {tally.uncertain:,} uncertain, of {tally.total:,}"
    )


def next_words(ledger: Ledger, told: Times) -> str:
    """`At work. Next: letter/2017-06 at 09:00 CEST`."""
    soonest: list[tuple[float, str]] = []
    for mailing in ledger.mailings():
        if mailing.state is MailingState.SCHEDULED:
            soonest.append((mailing.begins.timestamp(), mailing.issue))
        elif mailing.state is MailingState.RUNNING:
            tally = ledger.tally(mailing.id)
            waits = tally.open == tally.deferred
            soonest.append((ledger.next_due(mailing.id) if waits else 0.0, mailing.issue))
    if not soonest:
        return "At work. Nothing is to be sent."
    at, issue = min(soonest)
    if at <= told.now.timestamp():
        return f"At work. Next: {issue} now"
    return f"At work. Next: {issue} at {told.short(datetime.fromtimestamp(at, UTC))}"
