"""`enews run`: the service."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import aside, interactive

if TYPE_CHECKING:
    from pipeline.config import Settings

PARTS = ("schedule", "web", "worker")


@click.command()
@click.option(
    "--only",
    "only",
    type=click.Choice(PARTS),
    multiple=True,
    help="Start this part alone; may be given twice.",
)
@click.option("--listen", metavar="HOST:PORT", default="", help="Where the web answers.")
@click.pass_obj
def run(settings: Settings, *, only: tuple[str, ...], listen: str) -> int:
    """Build, draft, send and answer on schedule, until told to stop."""
    from dataclasses import replace

    from pipeline.app import App
    from pipeline.journal import open_journal
    from pipeline.service.bells import Part
    from pipeline.service.running import Service

    if listen:
        settings = replace(settings, listen=listen)
    parts = [Part(name) for name in only] or list(Part)
    journal = open_journal(settings.log, sys.stderr)
    # It lives for months, and each run leaves something behind.
    gc.enable()
    # Threads are at work, so no process may be forked.
    service = Service(App(settings, forks=False), parts, journal)

    def ready(address: str) -> None:
        where = f", at {address}" if address else ""
        journal.info(f"at work: {', '.join(parts)}{where}")
        if interactive() and settings.log == "text":
            aside(f"{address or 'At work'}; Ctrl-C ends it.")

    service.run(ready)
    journal.info("ended")
    return 0
