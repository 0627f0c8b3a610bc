"""The command `enews`; one file a verb, loaded when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import pipeline
from pipeline.config import Folders, settings
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

VERBS = {
    "init": "Start a newsroom in a new folder.",
    "new": "Start an item, with its front matter in place.",
    "check": "Find every problem in content/.",
    "build": "Make the site, the feeds and the issues in output/.",
    "serve": "Show the output in a browser; build again at each change.",
    "issue": "Build, show and release issues of a newsletter.",
    "mailing": "Send a released issue, once, to everyone who asked.",
    "schedule": "Show when the next runs are due.",
    "run": "Build, draft, send and answer on schedule, until stopped.",
    "status": "Show what ran, what comes next, and what is wrong.",
    "backup": "Copy subscribers and ledger, now.",
    "worker": "Send every mailing that is due, until stopped.",
    "subscriber": "Who gets the newsletters: add, import, look up, erase.",
    "bounce": "Read what came back, and never mail again who cannot be reached.",
    "token": "Who may ask for builds and issues over HTTP: create, list, revoke.",
    "doctor": "Check DNS, TLS, mail server, clock, folders; say what to fix.",
}


class Verbs(click.Group):
    """Lists the verbs without loading them: the help is there at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click calls it so
        """The verbs in the order in which one needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb."""
        if cmd_name not in VERBS:
            ctx.fail(unknown_verb(cmd_name, VERBS))
        module = import_module(f"pipeline.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click calls it so
        """The verbs with a line each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


class Group(click.Group):
    """A verb of several, which names the nearest where one is mistyped."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them."""
        if cmd_name not in self.commands:
            ctx.fail(unknown_verb(cmd_name, self.commands))
        return super().get_command(ctx, cmd_name)


def unknown_verb(word: str, known: Iterable[str]) -> str:
    """What to say of a command that there is not."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no command '{word}'.{hint}"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pipeline.__version__, prog_name="enews")
@click.option(
    "-C",
    "root",
    type=click.Path(path_type=Path),
    default=".",
    metavar="DIR",
    help="Run as if started in this newsroom.",
)
@click.option(
    "--content",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The content folder (default: content).",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The newsroom's own templates (default: templates).",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The output folder (default: output).",
)
@click.pass_context
def main(
    ctx: click.Context,
    root: Path,
    content: Path | None,
    templates: Path | None,
    output: Path | None,
) -> None:
    """From a folder of Markdown news to feeds, an archive and a numbered newsletter."""
    base = _absolute(root)
    if templates and not (base / templates).is_dir():
        raise ConfigError(f"--templates {templates}: there is no such folder in {base}")
    folders = Folders(
        root=base,
        content=_absolute(base / (content or "content")),
        templates=_absolute(base / (templates or "templates")),
        output=_absolute(base / (output or "output")),
        state=base / ".pipeline",
    )
    ctx.obj = settings(folders, os.environ)


def _absolute(path: Path) -> Path:
    """Without following links, so that a folder keeps the name that was given."""
    return Path(os.path.normpath(Path.cwd() / path))


def call_enews() -> None:
    """Call the command; every error of ours ends as a message and its exit code."""
    from pipeline.cli.console import report_error
    from pipeline.errors import EnewsError

    try:
        code: Any = main.main(standalone_mode=False, prog_name="enews")
    except EnewsError as error:
        report_error(error)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for scripts."
)
