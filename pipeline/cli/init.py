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
    from pipeline.app import App, default_templates
    from pipeline.content.starter import start_newsroom

    target = settings.folders.root / folder
    name = title or target.resolve().name.replace("-", " ").replace("_", " ").strip().title()
    today = App(settings).now().date()
    made = start_newsroom(
        target, default_templates() / "newsroom", title=name, lang=lang, today=today
    )
    say(f"{good('Started')} {strong(name)} in {folder}:")
    for path in made:
        say(f"  {path.relative_to(target)}")
    say()
    say("Next:")
    if str(folder) != ".":
        say(f"  cd {folder}")
    say("  enews build     makes the site and the feeds in output/")
    say("  enews serve     shows them, and builds again while you write")
