"""`enews subscriber`: the group, add, erase, suppress and restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import Group, json_option
from pipeline.cli.console import aside, counted, good, say, say_json
from pipeline.cli.subscriber_change import HOW, change, unsubscribe
from pipeline.cli.subscriber_import import import_
from pipeline.cli.subscriber_list import export, list_
from pipeline.flows.export import subscriber_json

if TYPE_CHECKING:
    from pipeline.config import Settings
    from pipeline.postroom import Traces


@click.group(cls=Group)
def subscriber() -> None:
    """Who gets the newsletters: add, import, look up, change, erase."""


@subscriber.command()
@click.argument("address")
@click.option("--name", default="", metavar="TEXT", help="How to greet them.")
@click.option("--language", default="", metavar="TAG", help="Which version they get.")
@click.option("--newsletter", "newsletters", multiple=True, metavar="KEY", help="One they want.")
@click.option("--topic", "topics", multiple=True, metavar="THEME", help="One they want; none: all.")
@click.option("--consent", default="", metavar="TEXT", help="The words that they agreed to.")
@click.option("--again", is_flag=True, help="They left, and asked again.")
@json_option
@click.pass_obj
def add(
    settings: Settings,
    *,
    address: str,
    name: str,
    language: str,
    newsletters: tuple[str, ...],
    topics: tuple[str, ...],
    consent: str,
    again: bool,
    as_json: bool,
) -> int:
    """Add ADDRESS, whose owner asked you for it."""
    from pipeline.app import App
    from pipeline.cli.subscriber_words import known_language, known_newsletters, known_topics
    from pipeline.content.reader import ContentFolder
    from pipeline.core.subscription import Occasion, Wishes
    from pipeline.core.text import legal, one_line
    from pipeline.flows.subscribe import add as add_flow

    app = App(settings)
    content = ContentFolder(settings.folders.content)
    newsroom = content.newsroom()
    wishes = Wishes(
        newsletters=known_newsletters(newsroom, newsletters),
        topics=known_topics(content, topics),
        name=one_line(legal(name)),
        language=known_language(newsroom, language),
    )
    word = Occasion(at=app.now(), how=HOW, text=consent)
    with app.store(aside) as store:
        found, changed = add_flow(store.subscribers, address, wishes, word, again=again)
    if as_json:
        say_json({"changed": changed, **subscriber_json(found)})
        return 0
    gets = ", ".join(sorted(found.newsletters))
    verb = good("Added") if changed else "Already there:"
    say(f"{verb} {found.address}, who gets {gets}.")
    if changed and not consent:
        aside("Their record says that you added them; --consent keeps the words they agreed to.")
    return 0


subscriber.add_command(import_)
subscriber.add_command(list_)
subscriber.add_command(export)
subscriber.add_command(change)
subscriber.add_command(unsubscribe)


@subscriber.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def erase(settings: Settings, *, address: str, yes: bool, as_json: bool) -> int:
    """Forget the person at ADDRESS, for good.

    What is left of them are counts, and a salted hash on the suppression list: no list that is
    imported brings them back. Files that still name them are said.
    """
    from pipeline.app import App
    from pipeline.cli.console import sure
    from pipeline.flows.subscribe import addresses_of, held
    from pipeline.flows.subscribe import erase as erase_flow
    from pipeline.postroom import Postroom

    app = App(settings)
    with app.store(aside) as store:
        found = held(store.subscribers, store.ledger, address)
        if found.people:
            record = sum(len(person.record) for person in found.people)
            lines = counted(record, "line of consent", "lines of consent")
            sure(f"Erase {found.address} with {lines}, for good?", yes=yes)
        traces = Postroom(app).forget(addresses_of(store.subscribers, found))
        erased = erase_flow(store.subscribers, address, at=app.now())
    if as_json:
        cleared, left = (list(map(str, paths)) for paths in traces)
        say_json({"erased": erased, "cleared": cleared, "left": left})
        return 0
    if erased:
        say(f"{good('Erased')} {found.address}. No list that is imported brings them back.")
    else:
        say(f"Nothing is held of {found.address}{' in the database' if any(traces) else ''}.")
    _say_traces(traces)
    if erased:
        aside("Lists, reports and backups that you keep elsewhere may still name them.")
    return 0


def _say_traces(traces: Traces) -> None:
    """Which files named a person, and which still do."""
    if traces.cleared:
        say(f"Removed from {counted(len(traces.cleared), 'file')} of the outbox and of imports.")
    if traces.left:
        say("Still named, or perhaps, in what you may want to look through and delete:")
        for path in traces.left:
            say(f"  {path}")


@subscriber.command()
@click.argument("address")
@click.option("--reason", default="", metavar="TEXT", help="Why; the list keeps it.")
@json_option
@click.pass_obj
def suppress(settings: Settings, *, address: str, reason: str, as_json: bool) -> int:
    """Never mail ADDRESS again, whoever asks."""
    from pipeline.app import App
    from pipeline.core.text import legal, one_line
    from pipeline.flows.subscribe import suppress as suppress_flow

    app = App(settings)
    why = one_line(legal(reason))
    with app.store(aside) as store:
        new = suppress_flow(store.subscribers, address, why, how=HOW, at=app.now())
    if as_json:
        say_json({"changed": new})
    else:
        say(f"{good('Suppressed')} {address}." if new else f"{address} is suppressed already.")
    return 0


@subscriber.command()
@click.argument("address")
@click.option(
    "--consent", default="", metavar="TEXT", help="What they said; their record keeps it."
)
@json_option
@click.pass_obj
def restore(settings: Settings, *, address: str, consent: str, as_json: bool) -> int:
    """Take ADDRESS off the suppression list again."""
    from pipeline.app import App
    from pipeline.core.subscription import Occasion
    from pipeline.flows.subscribe import lift

    app = App(settings)
    word = Occasion(at=app.now(), how=HOW, text=consent)
    with app.store(aside) as store:
        lifted, people = lift(store.subscribers, address, word)
    if as_json:
        say_json({"changed": lifted, "subscribers": [subscriber_json(one) for one in people]})
        return 0
    if not lifted:
        say(f"{address} is not suppressed.")
        return 0
    say(f"{good('Restored')} {address}.")
    for one in people:
        gets = ", ".join(sorted(one.newsletters)) or "nothing"
        say(f"{one.address} is {one.state} and gets {gets}.")
    if not people:
        say("Nobody has this address; to add them: enews subscriber add")
    return 0
