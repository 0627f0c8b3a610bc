"""`enews mailing status` and `who`: every question afterwards has an answer in the ledger."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, interactive, say, say_json
from pipeline.cli.mailing_output import (
    delivery_json,
    mailing_json,
    say_deliveries,
    say_mailing,
)
from pipeline.core.delivery import DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.app import App
    from pipeline.config import Settings
    from pipeline.core.delivery import Delivery
    from pipeline.core.mailing import Mailing
    from pipeline.store.opening import Store

ENDED = (MailingState.FINISHED, MailingState.CANCELLED)


@click.command()
@click.argument("name", metavar="[ISSUE]", required=False, default="")
@click.option("--follow", is_flag=True, help="Look again each second until it ends.")
@json_option
@click.pass_obj
def status(settings: Settings, *, name: str, follow: bool, as_json: bool) -> int:
    """Where mailings stand: sent, deferred, failed, uncertain, and why."""
    from pipeline.app import App

    with App(settings).store(aside) as store:
        chosen = _chosen(store, name)
        if as_json:
            say_json([mailing_json(m, store.ledger.tally(m.id)) for m in chosen])
            return 0
        if not chosen:
            say("No mailing was started yet: enews mailing start ISSUE")
        for mailing in chosen:
            _say(store, mailing)
        if follow and chosen:
            _follow(store, chosen[-1])
    return 0


@click.command()
@click.argument("what", metavar="[ADDRESS|ISSUE|STATE]...", nargs=-1)
@click.option("--address", default="", help="One subscriber's mails.")
@click.option("--issue", default="", help="One issue's subscribers.")
@click.option("--state", multiple=True, type=click.Choice([s.value for s in DeliveryState]))
@json_option
@click.pass_obj
def who(
    settings: Settings,
    *,
    what: tuple[str, ...],
    address: str,
    issue: str,
    state: tuple[str, ...],
    as_json: bool,
) -> int:
    """Who got an issue, what somebody got, with the server's words and Message-ID."""
    from pipeline.app import App

    states = {DeliveryState(word) for word in state}
    for word in what:
        if "@" in word:
            address = word
        elif word in list(DeliveryState):
            states.add(DeliveryState(word))
        else:
            issue = word
    if not (address or issue or states):
        raise ConfigError("who? Give an address, an issue, a state, or two of them")
    app = App(settings)
    with app.store(aside) as store:
        found = _deliveries(app, store, address, issue, states)
        if as_json:
            _say_rows(found)
            return 0
        count = say_deliveries(found)
    aside(counted(count, "delivery", "deliveries") if count else "Nobody.")
    return 0


def _deliveries(
    app: App, store: Store, address: str, issue: str, states: set[DeliveryState]
) -> Iterator[tuple[Delivery, str]]:
    from pipeline.core.address import parse_address
    from pipeline.flows.mailing import find
    from pipeline.postroom import Postroom

    subscriber = 0
    if address:
        wanted = str(parse_address(address))
        known = store.subscribers.find([wanted]).get(wanted)
        if known is None:
            raise ConfigError(f"no subscriber has the address {wanted}")
        subscriber = known.id
    mailing = find(store.ledger, issue).id if issue else 0
    rows = store.ledger.deliveries(mailing=mailing, subscriber=subscriber, states=states)
    message_id = Postroom(app).message_ids()
    return ((row, message_id(row.issue, row.subscriber)) for row in rows)


def _say_rows(found: Iterator[tuple[Delivery, str]]) -> None:
    """A JSON array, a row at a time: there may be a million."""
    before = "["
    for delivery, message_id in found:
        say(before)
        click.echo(json.dumps(delivery_json(delivery, message_id), ensure_ascii=False), nl=False)
        before = ","
    say("[]" if before == "[" else "\n]")


def _chosen(store: Store, name: str) -> list[Mailing]:
    from pipeline.flows.mailing import find

    return [find(store.ledger, name)] if name else list(store.ledger.mailings())


def _say(store: Store, mailing: Mailing) -> None:
    ledger = store.ledger
    say_mailing(
        mailing,
        ledger.tally(mailing.id),
        due=ledger.next_due(mailing.id),
        workers=ledger.workers(),
    )


def _follow(store: Store, mailing: Mailing) -> None:
    """A bar that moves with the ledger, whoever sends, until the mailing ends."""
    from pipeline.cli.mailing_progress import Watching
    from pipeline.flows.deliver import Progress

    first = store.ledger.tally(mailing.id)
    with Watching(mailing.issue, first, shown=interactive()) as watching:
        while mailing.state not in ENDED:
            time.sleep(1)
            tally = store.ledger.tally(mailing.id)
            watching(
                Progress(
                    sent=tally.sent - first.sent,
                    deferred=tally.deferred,
                    failed=tally.failed - first.failed,
                    uncertain=tally.uncertain - first.uncertain,
                )
            )
            mailing = _chosen(store, mailing.issue)[0]
    _say(store, mailing)
