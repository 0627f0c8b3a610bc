"""`enews issue preview`: one page with the mail as its readers will see it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, error_json, good, report_error, say, say_json
from pipeline.cli.issue_check import finding_json, say_findings
from pipeline.errors import EnewsError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.config import Settings
    from pipeline.flows.preview import Previewed


@click.command()
@click.argument("name", metavar="ID")
@click.option("--no-open", is_flag=True, help="Only write the page and say where it is.")
@json_option
@click.pass_obj
def preview(settings: Settings, *, name: str, no_open: bool, as_json: bool) -> int:
    """See the mail as clients show it, in one page, before it goes out."""
    from pipeline.app import App
    from pipeline.flows.preview import preview as preview_flow

    app = App(settings)
    try:
        with app.workshop(
            "enews issue preview", waiting=lambda holder: aside(f"Waiting for {holder}…")
        ) as workshop:
            found = preview_flow(workshop, name, now=app.now())
        path = _write(settings.folders.state / "preview" / f"{found.id}.html", found.page)
    except EnewsError as error:
        if as_json:
            say_json(error_json(error))
        else:
            report_error(error)
        return error.exit_code
    if as_json:
        say_json(_json(found, path))
        return 0
    say_findings(found.findings)
    say(f"{good('Preview of')} {found.title}")
    say(f"  {path}")
    if not no_open and on_terminal():
        _open(path)
    return 0


def on_terminal() -> bool:
    """True where somebody is looking on."""
    return sys.stdout.isatty()


def _write(path: Path, page: str) -> Path:
    """The page at `path`, whole or not at all. Raises OutputError."""
    fresh = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(page, "utf-8")
        fresh.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _open(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.as_uri()):
        say("  Open it in a browser: none could be started from here.")


def _json(found: Previewed, path: Path) -> dict[str, object]:
    """A preview for scripts."""
    return {
        "id": found.id,
        "released": found.released,
        "digest": found.digest,
        "path": str(path),
        "findings": [finding_json(finding) for finding in found.findings],
    }
