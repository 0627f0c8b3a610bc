"""`enews backup`: a copy of the ledger, now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, say, say_json

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.command()
@json_option
@click.pass_obj
def backup(settings: Settings, *, as_json: bool) -> int:
    """Copy subscribers and ledger into .pipeline/backups/, also while others write."""
    from pipeline.app import App
    from pipeline.content.reader import ContentFolder
    from pipeline.store.backup import POSTGRESQL
    from pipeline.store.backup import backup as copy

    app = App(settings)
    kept = ContentFolder(settings.folders.content).newsroom().schedule.backups_kept
    day = app.now().astimezone(app.zone()).date()
    with app.store(aside) as store:
        path = copy(store.database, settings.folders.state / "backups", kept, day)
    if as_json:
        say_json({"path": str(path) if path else None})
    else:
        say(f"Copied to {path}" if path else POSTGRESQL)
    return 0
