"""`enews serve`."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import aside, counted, faint, good, report_error, say, strong
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.app import App
    from pipeline.config import Settings

SETTLE = 25
"""Milliseconds without a further change before a build starts: editors save in several steps."""

SECOND = 1_000
"""Milliseconds after which the watch says that nothing happened."""


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where to listen.")
@click.option("--host", default="127.0.0.1", show_default=True, help="On which address.")
@click.pass_obj
def serve(settings: Settings, *, port: int, host: str) -> int:
    """Show the output in a browser; build again at each change. Ctrl-C ends it."""
    from pipeline.app import App
    from pipeline.web.preview import Preview

    app = App(settings)
    _build(app)
    if not settings.folders.output.is_dir():
        aside("There is nothing to show yet: mend what is named above and start again.")
        return 3
    base_url = app.base_url()
    folder = settings.folders.output
    with Preview(folder, host=host, port=port, base_url=base_url, log=_log) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        say(f"{strong(server.address)} shows {folder}; Ctrl-C ends it.")
        # From here on it lives for hours, and each build leaves something behind.
        gc.enable()
        try:
            for _ in _changes(settings):
                # Threads are at work now, so no process may be forked.
                _build(App(settings, forks=False))
        except KeyboardInterrupt:
            say()
        server.shutdown()
    return 0


def _build(app: App) -> None:
    from pipeline.flows.build import build

    try:
        with app.workshop("enews serve", waiting=_waiting) as workshop:
            changes = build(workshop, now=app.now())
    except EnewsError as error:
        report_error(error)
        return
    made = (*changes.new, *changes.changed)
    if not made and not changes.removed:
        return
    pages = [path for path in made if path.endswith(".html")] or list(made)
    say(
        f"{good('Built')} {counted(len(made), 'file')}"
        + (f", removed {len(changes.removed)}" if changes.removed else "")
        + (faint(f": {pages[0]}{' …' if len(made) > 1 else ''}") if pages else "")
    )


def _changes(settings: Settings) -> Iterator[None]:
    """Each time something may have changed: a file, or the minute (items wait for their time)."""
    from watchfiles import watch

    folders: list[Path] = [settings.folders.content, settings.folders.templates]
    watched = [folder for folder in folders if folder.is_dir()]
    idle = 0
    for changes in watch(
        *watched,
        debounce=SETTLE * 10,
        step=SETTLE,
        rust_timeout=SECOND,
        yield_on_timeout=True,
        raise_interrupt=True,
    ):
        # The first idle second also catches what was saved before the watch began.
        if changes or idle % 60 == 0:
            yield
        idle = 1 if changes else idle + 1


def _log(line: str) -> None:
    aside(faint(line))


def _waiting(holder: str) -> None:
    aside(f"Waiting for {holder} to end…")
