"""`enews init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import good, say, strong

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("--title", help="The newsroom's name (default: made of the folder's).")
@click.option(
    "--language",
    "lang",
    default="en",
    show_default=True,
    help="Its language; the first texts are in en, fr, es or ar.",
)
@click.pass_obj
def init(settings: Settings, *, folder: Path, title: str | None, lang: str) -> None:
    """Start a newsroom in FOLDER."""
    from shlex import quote

    from pipeline.app import App, default_templates
    from pipeline.content.starter import first_language, start_newsroom

    target = settings.folders.root / folder
    name = title or _named(target.resolve().name)
    today = App(settings).now().date()
    template = default_templates() / "newsroom"
    made = start_newsroom(target, template, title=name, lang=lang, today=today)
    say(f"{good('Started')} {strong(name)} in {folder}:")
    for path in made:
        say(f"  {path.relative_to(target)}")
    say()
    if first_language(template, lang) != lang.lower().partition("-")[0]:
        say(f"There are no texts for '{lang}' yet: what these files say, and the words of site and")
        say("mail, are in English. docs/templates.md shows where your own words go.")
        say()
    say("Next:")
    if str(folder) != ".":
        say(f"  cd {quote(str(folder))}")
    say("  enews build     makes the site and the feeds in output/")
    say("  enews serve     shows them, and builds again while you write")


def _named(folder: str) -> str:
    """A name made of a folder's: `my-news` is My News, and what holds spaces is as it was typed."""
    if " " in folder.strip():
        words = [folder.strip()]
    else:
        words = folder.replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
