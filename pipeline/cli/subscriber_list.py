"""`enews subscriber list` and `export`: who there is, and what is held of one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, say, say_json
from pipeline.cli.subscriber_output import (
    CSV_HEAD,
    aligned,
    csv_row,
    subscriber_row,
    suppression_row,
)
from pipeline.core.subscriber import SubscriberState
from pipeline.flows.export import held_json, subscriber_json, suppression_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.config import Settings

STATES = [state.value for state in SubscriberState]


@click.command(name="list")
@click.option("--newsletter", default="", metavar="KEY", help="Only those who get this one.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--matching", default="", metavar="TEXT", help="A part of an address or a name.")
@click.option("--suppressed", is_flag=True, help="The suppression list, with its reasons.")
@json_option
@click.pass_obj
def list_(
    settings: Settings,
    *,
    newsletter: str,
    state: str | None,
    matching: str,
    suppressed: bool,
    as_json: bool,
) -> int:
    """Subscribers, a line each."""
    from pipeline.app import App
    from pipeline.cli.subscriber_words import known_newsletters
    from pipeline.content.reader import ContentFolder

    if newsletter:
        known_newsletters(ContentFolder(settings.folders.content).newsroom(), [newsletter])
    with App(settings).store(aside) as store:
        if suppressed:
            entries = store.subscribers.suppressions()
            if as_json:
                _say_array(suppression_json(entry) for entry in entries)
            else:
                _say_lines((suppression_row(entry) for entry in entries), "address", "addresses")
            return 0
        chosen = SubscriberState(state) if state else None
        found = store.subscribers.each(newsletter=newsletter, state=chosen, matching=matching)
        if as_json:
            _say_array(subscriber_json(one) for one in found)
        else:
            _say_lines((subscriber_row(one) for one in found), "subscriber")
            if not state and not matching:
                counts = store.subscribers.counts(newsletter)
                words = [f"{counts[one]:,} {one}" for one in SubscriberState if counts.get(one)]
                aside(", ".join(words))
    return 0


@click.command()
@click.argument("address", required=False)
@click.pass_obj
def export(settings: Settings, *, address: str | None) -> int:
    """All that is held of ADDRESS; without one, everyone as CSV."""
    from pipeline.app import App
    from pipeline.flows.subscribe import held
    from pipeline.postroom import Postroom

    app = App(settings)
    with app.store(aside) as store:
        if address is None:
            _say_csv(csv_row(one) for one in store.subscribers.each())
            return 0
        found = held(store.subscribers, store.ledger, address)
    say_json(held_json(found, Postroom(app).message_ids()))
    if not found.people and found.suppression is None:
        aside(f"Nothing is held of {found.address}.")
    return 0


def _say_lines(rows: Iterable[tuple[str, ...]], one: str, many: str = "") -> None:
    """Rows on standard output as they come, and how many on standard error."""
    number = 0
    for number, line in enumerate(aligned(rows), 1):  # noqa: B007  # used behind the loop
        say(line)
    aside(f"{counted(number, one, many)}.")


def _say_array(values: Iterable[object]) -> None:
    """A JSON array, of which no more than one value is in memory."""
    import json

    before = "["
    for value in values:
        click.echo(f"{before}\n  {json.dumps(value, ensure_ascii=False)}", nl=False)
        before = ","
    say("\n]" if before == "," else "[]")


def _say_csv(rows: Iterable[tuple[str, ...]]) -> None:
    import csv

    from pipeline.content.subscriber_file import unformula

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(CSV_HEAD)
    for row in rows:
        writer.writerow([unformula(cell) for cell in row])
