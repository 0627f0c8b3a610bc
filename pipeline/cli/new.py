"""`enews new`."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from pipeline.cli.console import good, say, strong

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.command()
@click.argument("title")
@click.option("--kind", help="A key of [kinds] (default: the first).")
@click.option("--date", "day", metavar="DATE", help="Its date (default: today).")
@click.pass_obj
def new(settings: Settings, *, title: str, kind: str | None, day: str | None) -> None:
    """Start an item called TITLE: a draft, with its front matter in place."""
    from pipeline.app import App
    from pipeline.content.reader import ContentFolder
    from pipeline.content.schema import unknown
    from pipeline.content.starter import start_item
    from pipeline.errors import ConfigError

    content = ContentFolder(settings.folders.content)
    newsroom = content.newsroom()
    if not title.strip():
        raise ConfigError("the title is empty: give the headline in quotes")
    chosen = kind or next(iter(newsroom.kinds))
    if chosen not in newsroom.kinds:
        raise ConfigError(f'--kind "{chosen}": {unknown("kind", chosen, newsroom.kinds)}')
    if day is None:
        when = App(settings).now().astimezone(ZoneInfo(newsroom.timezone)).date()
    else:
        try:
            when = datetime.date.fromisoformat(day)
        except ValueError:
            raise ConfigError(f'--date "{day}": expected a date such as 2017-07-10') from None
    themes = (path.rpartition("/")[2].removesuffix(".md") for path in content.scan().themes)
    path = start_item(settings.folders.content, title=title, kind=chosen, day=when, themes=themes)
    say(f"{good('Started')} {strong(str(path))}")
    say("It is a draft: set 'draft: false' when it is ready, then 'enews build'.")
