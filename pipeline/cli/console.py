"""How the command speaks: plain sentences, colours on a terminal only, JSON when asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from pipeline.errors import ConfigError, ContentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.errors import EnewsError, Problem


def say(text: str = "") -> None:
    """A line on standard output."""
    click.echo(text)


def aside(text: str) -> None:
    """A line on standard error, for what is not the result."""
    click.echo(text, err=True)


def say_json(value: object) -> None:
    """A value as JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def interactive() -> bool:
    """True where somebody sits at a terminal, to look and to be asked."""
    import sys

    return sys.stdin.isatty() and sys.stderr.isatty()


def sure(question: str, *, yes: bool) -> None:
    """Ask on a terminal; raises ConfigError elsewhere, where nobody can answer, without `yes`."""
    if yes:
        return
    if not interactive():
        raise ConfigError(f"{question} Nobody can be asked here: say --yes")
    click.confirm(question, abort=True, err=True)


def strong(text: str) -> str:
    """A text that stands out on a terminal."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """A text that stands back on a terminal."""
    return click.style(text, dim=True)


def good(text: str) -> str:
    """A text that says all is well."""
    return click.style(text, fg="green")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 item`, `2 items`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def report_error(error: EnewsError, *, publishing: bool = False) -> None:
    """Problems grouped by file, or the message; `publishing` adds what did not come of it."""
    problems = getattr(error, "problems", ())
    if isinstance(error, (ContentError, ConfigError)) and problems:
        _problems(problems, publishing=publishing)
        return
    aside(f"{click.style('Error:', fg='red', bold=True)} {error}")


def problem_json(problem: Problem) -> dict[str, object]:
    """A problem for scripts."""
    return {
        "path": problem.path,
        "line": problem.line,
        "field": problem.field,
        "found": problem.found,
        "expected": problem.expected,
    }


def error_json(error: EnewsError) -> dict[str, object]:
    """An error for scripts: its message, and its problems where it has any."""
    problems = getattr(error, "problems", ())
    return {"error": str(error), "problems": [problem_json(problem) for problem in problems]}


def _problems(problems: Sequence[Problem], *, publishing: bool) -> None:
    for problem in problems:
        where = f"{problem.path}:{problem.line}" if problem.line else problem.path
        found = f"found {problem.found}" if problem.found else ""
        parts = [part for part in (problem.field, found, problem.expected) if part]
        aside(f"{click.style(where, bold=True)}: {': '.join(parts)}")
    files = len({problem.path for problem in problems})
    total = f"{counted(len(problems), 'problem')} in {counted(files, 'file')}"
    aside(click.style(f"{total}.{' Nothing was published.' if publishing else ''}", fg="red"))
