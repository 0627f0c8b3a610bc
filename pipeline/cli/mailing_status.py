"""`enews mailing status` and `who`: every question afterwards has an answer in the ledger."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, interactive, say, say_json
from pipeline.cli.mailing_output import (
    ENDED,
    delivery_json,
    done_word,
    say_deliveries,
    say_mailing,
    standing_json,
    waiting_words,
)
from pipeline.cli.mailing_time import times
from pipeline.core.delivery import DeliveryState
from pipeline.core.mailing import MailingState
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.app import App
    from pipeline.cli.mailing_time import Times
    from pipeline.config import Settings
    from pipeline.core.delivery import Delivery, Tally
    from pipeline.core.mailing import Mailing
    from pipeline.store.opening import Store

STOPPED = (*ENDED, MailingState.PAUSED)
"""States that nothing but an editor's word changes: there is no more to follow."""


STATE = click.Choice([state.value for state in DeliveryState], case_sensitive=False)


@click.command()
@click.argument("name", metavar="[ISSUE]", required=False, default="")
@click.option("--follow", is_flag=True, help="Look again each second until it ends or is paused.")
@json_option
@click.pass_obj
def status(settings: Settings, *, name: str, follow: bool, as_json: bool) -> int:
    """Tell where mailings stand, and why."""
    from pipeline.app import App

    app = App(settings)
    with app.store(aside) as store:
        chosen = _chosen(store, name)
        if as_json:
            say_json([standing_json(store, mailing) for mailing in chosen])
            return 0
        if not chosen:
            say("No mailing was started yet: enews mailing start ISSUE")
        for mailing in chosen:
            _say(app, store, mailing, times(app))
        if follow and chosen:
            going = [mailing for mailing in chosen if mailing.state not in STOPPED]
            _follow(app, store, (going or chosen)[-1])
    return 0


@click.command()
@click.argument("what", metavar="[ADDRESS|ISSUE|STATE]...", nargs=-1)
@click.option("--address", default="", help="One subscriber's mails.")
@click.option("--issue", default="", help="One issue's subscribers.")
@click.option("--state", multiple=True, type=STATE)
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
    """Tell who got an issue, or what somebody got."""
    from pipeline.app import App

    states = {DeliveryState(word.lower()) for word in state}
    for word in what:
        if "@" in word:
            address = word
        elif word.lower() in list(DeliveryState):
            states.add(DeliveryState(word.lower()))
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
        mailings = {mailing.id: mailing for mailing in store.ledger.mailings()}
        count = say_deliveries(found, times(app), mailings)
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


def _say(app: App, store: Store, mailing: Mailing, told: Times) -> None:
    from pipeline.cli.mailing_advice import held_by, refusal
    from pipeline.postroom import Postroom

    ledger, post = store.ledger, Postroom(app)
    tally = ledger.tally(mailing.id)
    say_mailing(
        mailing,
        tally,
        told,
        due=ledger.next_due(mailing.id),
        workers=ledger.workers(),
        held=held_by(post, store, mailing, tally),
        refusal=refusal(post, store, mailing),
    )


def _follow(app: App, store: Store, mailing: Mailing) -> None:
    """A line that moves with the ledger, whoever sends, until the mailing ends or is paused."""
    from pipeline.cli.mailing_progress import Watching

    idle = ""  # what was said last of who is at work

    def look() -> tuple[Tally, str]:
        tally = store.ledger.tally(mailing.id)
        return tally, _waits(store, mailing, tally, times(app))

    if mailing.state not in STOPPED:
        with Watching(
            mailing.issue, look, shown=interactive(), done=done_word(mailing)
        ) as watching:
            while mailing.state not in STOPPED:
                if not interactive() and (found := look()[1]) != idle:
                    aside(f"{mailing.issue}: {found}" if found else f"{mailing.issue}: goes on")
                    idle = found
                time.sleep(1)
                mailing = _chosen(store, mailing.issue)[0]
                watching()
        _say(app, store, mailing, times(app))
    why = f": {mailing.reason}" if mailing.reason else ""
    say(f"{mailing.issue} is {mailing.state}{why}.")


def _waits(store: Store, mailing: Mailing, tally: Tally, told: Times) -> str:
    """Why nothing moves, where nothing does."""
    if mailing.state is MailingState.SCHEDULED:
        return f"begins {told.short(mailing.begins)}"
    if not store.ledger.workers():
        return f"nobody is at work: enews mailing resume {mailing.issue}"
    return waiting_words(tally, store.ledger.next_due(mailing.id), told)
