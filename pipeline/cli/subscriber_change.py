"""`enews subscriber change` and `unsubscribe`: what somebody asked an editor to put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, good, say, say_json
from pipeline.errors import ConfigError
from pipeline.flows.export import subscriber_json

if TYPE_CHECKING:
    from pipeline.config import Settings

HOW = "command line"


@click.command()
@click.argument("address")
@click.option("--newsletter", "newsletters", multiple=True, metavar="KEY", help="Only this one.")
@json_option
@click.pass_obj
def unsubscribe(
    settings: Settings, *, address: str, newsletters: tuple[str, ...], as_json: bool
) -> int:
    """End the newsletters of ADDRESS, whose owner asked you to."""
    from pipeline.app import App
    from pipeline.cli.subscriber_words import known_newsletters
    from pipeline.content.reader import ContentFolder
    from pipeline.core.subscription import Occasion
    from pipeline.flows.subscribe import unsubscribe as unsubscribe_flow

    app = App(settings)
    keys = None
    if newsletters:
        keys = known_newsletters(ContentFolder(settings.folders.content).newsroom(), newsletters)
    word = Occasion(at=app.now(), how=HOW)
    with app.store(aside) as store:
        people, changed = unsubscribe_flow(store.subscribers, address, word, keys)
    if as_json:
        say_json({"changed": changed, "subscribers": [subscriber_json(one) for one in people]})
        return 0
    for one in people:
        gets = ", ".join(sorted(one.newsletters)) or "nothing"
        verb = good("Unsubscribed:") if changed else "Nothing to end:"
        say(f"{verb} {one.address} is {one.state} and gets {gets}.")
    return 0


@click.command()
@click.argument("address")
@click.option("--name", metavar="TEXT", help='How to greet them; "" for none.')
@click.option("--language", metavar="TAG", help='Which version they get; "" for the main one.')
@click.option(
    "--topic", "topics", multiple=True, metavar="THEME", help='One they want; "" for all.'
)
@click.option("--address", "moved", metavar="NEW", help="Where they get mail from now on.")
@json_option
@click.pass_obj
def change(
    settings: Settings,
    *,
    address: str,
    name: str | None,
    language: str | None,
    topics: tuple[str, ...],
    moved: str | None,
    as_json: bool,
) -> int:
    """Put right what is kept of ADDRESS, whose owner asked you to."""
    from pipeline.app import App
    from pipeline.cli.subscriber_words import known_language, known_topics
    from pipeline.content.reader import ContentFolder
    from pipeline.core.subscription import Occasion
    from pipeline.core.text import legal, one_line
    from pipeline.flows.subscribe import Wanted
    from pipeline.flows.subscribe import change as change_flow

    if name is None and language is None and not topics and moved is None:
        raise ConfigError("say what changes: --name, --language, --topic or --address")
    app = App(settings)
    content = ContentFolder(settings.folders.content)
    themes = [topic for topic in topics if topic]
    wanted = Wanted(
        name=None if name is None else one_line(legal(name)),
        language=None if language is None else known_language(content.newsroom(), language),
        topics=known_topics(content, themes) if topics else None,
        address=moved,
    )
    word = Occasion(at=app.now(), how=HOW)
    with app.store(aside) as store:
        found, changed = change_flow(store.subscribers, address, wanted, word)
    if as_json:
        say_json({"changed": changed, **subscriber_json(found)})
        return 0
    say(f"{good('Changed')} {found.address}." if changed else f"{found.address} is so already.")
    if changed and moved is not None:
        aside(
            f"A list that still holds {address} adds it anew; so that none does, "
            f"enews subscriber suppress {address}"
        )
    return 0
