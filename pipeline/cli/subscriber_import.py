"""`enews subscriber import`: what a list would change, and with `--apply` its change."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import aside, counted, say, say_json, strong
from pipeline.core.import_choice import Outcome
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pipeline.config import Settings
    from pipeline.content.subscriber_file import SubscriberFile
    from pipeline.core.import_layout import Layout
    from pipeline.core.import_row import Vocabulary
    from pipeline.flows.subscriber_import import Imported

SAID: Mapping[Outcome, tuple[str, str]] = {
    Outcome.ADDED: ("would be added", "added"),
    Outcome.CHANGED: ("would change", "changed"),
    Outcome.UNCHANGED: ("unchanged", "unchanged"),
    Outcome.UNSUBSCRIBED: ("left there: would be unsubscribed", "left there: unsubscribed"),
    Outcome.SUPPRESSED: ("blocked there: would be suppressed", "blocked there: suppressed"),
    Outcome.CAME_BACK: ("stay as they are: they asked here after they left there",) * 2,
    Outcome.STAYS_UNSUBSCRIBED: ("stay unsubscribed: they left here",) * 2,
    Outcome.STAYS_SUPPRESSED: ("stay suppressed",) * 2,
    Outcome.REPEATED: ("left out: again in the file",) * 2,
    Outcome.SAME_MAILBOX: ("left out: differ only in case from a subscriber",) * 2,
    Outcome.LEFT_OUT: ("left out: something is wrong with the row",) * 2,
}
LISTMONK_SAYS = (
    "listmonk calls everybody enabled whom it did not disable or block, also who left this list. "
    "Export those with a confirmed subscription to it (with single opt-in: an unconfirmed one, too)"
    " and give --state active; and those who unsubscribed, with --state unsubscribed."
)
WIDTH = 80
"""Of a line that names every column of a file."""

STATES = [state.value for state in SubscriberState if state is not SubscriberState.PENDING]


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "mapped", multiple=True, metavar="WHAT=COLUMN", help="What a column holds.")
@click.option("--newsletter", "newsletters", multiple=True, metavar="KEY", help="What they get.")
@click.option("--language", default="", metavar="TAG", help="For those with none in the file.")
@click.option("--state", type=click.Choice(STATES), help="Of all rows, whatever they say.")
@click.option("--consent", default="", metavar="TEXT", help="The words that they agreed to.")
@click.option("--apply", is_flag=True, help="Do it; without, it is only shown.")
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help="Where it goes.")
@json_option
@click.pass_obj
def import_(
    settings: Settings,
    *,
    file: Path,
    mapped: tuple[str, ...],
    newsletters: tuple[str, ...],
    language: str,
    state: str | None,
    consent: str,
    apply: bool,
    report: Path | None,
    as_json: bool,
) -> int:
    """Show what the list in FILE would change; --apply does it."""
    from pipeline.app import App
    from pipeline.content.subscriber_file import ImportReport, open_subscribers
    from pipeline.core.import_row import RowReader
    from pipeline.core.subscription import IMPORT, Occasion
    from pipeline.flows.subscriber_import import Desk, Imported, import_list

    app = App(settings)
    with open_subscribers(file) as found:
        layout = _layout(file, found, dict(map(_pair, mapped)))
        words = _vocabulary(settings, layout, newsletters, language, state)
        said = ImportReport(_report_path(settings, file, report))
        word = Occasion(at=app.now(), how=f"{IMPORT}{file.name}", text=consent)
        done = Imported()
        told = _told(done, applied=apply)
        with told, closing(said), app.store(aside) as store, _bar(found) as tick:
            desk = Desk(
                subscribers=store.subscribers,
                reader=RowReader(layout, words),
                word=word,
                note=said.note,
                tick=tick,
                apply=apply,
            )
            import_list(desk, found.rows(), done)
    place = said.path if done.troubles and said.failure is None else None
    if as_json:
        say_json(_imported_json(layout, done, place, applied=apply))
    else:
        _say_layout(file, layout)
        _say_imported(done, place, applied=apply)
    _advise(layout, done, state)
    if said.failure is not None:
        raise said.failure
    return 0


def _pair(text: str) -> tuple[str, str]:
    what, is_there, column = text.partition("=")
    if not is_there:
        raise click.BadParameter(f"{text!r}: expected such as address=Email", param_hint="'--map'")
    return what.strip(), column.strip()


def _layout(path: Path, file: SubscriberFile, mapped: Mapping[str, str]) -> Layout:
    """What is where in the file. Raises ConfigError."""
    from pipeline.core.import_layout import recognise, squeezed

    try:
        layout = recognise(file.header, mapped)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    if squeezed(path.name).startswith("nonsubscribed"):
        raise ConfigError(f"{path}: people whom Mailchimp knows and who never subscribed: no list")
    return layout


def _vocabulary(
    settings: Settings,
    layout: Layout,
    newsletters: tuple[str, ...],
    language: str,
    state: str | None,
) -> Vocabulary:
    """What the file is read against. Raises ConfigError."""
    from pipeline.cli.subscriber_words import (
        known_language,
        known_newsletters,
        languages_of,
        themes_of,
    )
    from pipeline.content.reader import ContentFolder
    from pipeline.core.import_layout import Column
    from pipeline.core.import_row import Vocabulary

    content = ContentFolder(settings.folders.content)
    newsroom = content.newsroom()
    chosen: frozenset[str] = frozenset()
    if newsletters or Column.NEWSLETTERS not in layout.places:
        chosen = known_newsletters(newsroom, newsletters)
    return Vocabulary(
        newsletters={newsletter.key: newsletter.title for newsletter in newsroom.newsletters},
        themes=themes_of(content),
        languages=languages_of(newsroom),
        chosen=chosen,
        language=known_language(newsroom, language),
        state=SubscriberState(state) if state else None,
    )


def _report_path(settings: Settings, file: Path, report: Path | None) -> Path:
    """Where the report goes; one of an earlier time does not stay in its place."""
    if report is not None:
        if report.resolve() == file.resolve():
            raise ConfigError(f"--report {report}: that is the list itself")
        return report
    path = settings.folders.state / "imports" / f"{file.stem}-report.csv"
    path.unlink(missing_ok=True)
    return path


@contextmanager
def _told(done: Imported, *, applied: bool) -> Iterator[None]:
    """Say how far an import came that ends in its midst, whatever ended it."""
    try:
        yield
    except BaseException:
        said = [
            f"{done.outcomes[outcome]:,} {SAID[outcome][True]}"
            for outcome in Outcome
            if done.outcomes[outcome]
        ]
        if applied and said:
            aside(f"{counted(done.outcomes.total(), 'row')} are in: {', '.join(said)}.")
            aside("The same command finishes it.")
        raise


@contextmanager
def _bar(file: SubscriberFile) -> Iterator[Callable[[], None]]:
    """What to call now and then: on a terminal it draws how far the file was read."""
    if not sys.stderr.isatty() or not file.size:
        yield lambda: None
        return
    with click.progressbar(length=file.size, label="Reading", file=sys.stderr) as bar:
        yield lambda: bar.update(file.position - bar.pos)


def _imported_json(
    layout: Layout, done: Imported, report: Path | None, *, applied: bool
) -> dict[str, object]:
    return {
        "applied": applied,
        "source": layout.source,
        "columns": {str(column): layout.name(column) for column in layout.places},
        "not_used": list(layout.unused),
        "rows": done.rows,
        **{str(outcome): done.outcomes[outcome] for outcome in Outcome},
        "report": str(report) if report else None,
        "report_lines": done.troubles,
    }


def _advise(layout: Layout, done: Imported, state: str | None) -> None:
    """Where rows were left out, say what a system's lists lack."""
    from pipeline.core.import_layout import Source

    is_unsure = layout.source is Source.LISTMONK and state is None
    if is_unsure and done.outcomes[Outcome.LEFT_OUT]:
        aside(LISTMONK_SAYS)


def _say_layout(file: Path, layout: Layout) -> None:
    whose = f": an export of {layout.source}" if layout.source else ""
    say(strong(f"{file.name}{whose}"))
    for column in layout.places:
        say(f"  {column:<12} {layout.name(column)}")
    if layout.unused:
        first = f"  {'not used:':<12} "
        words = fill(
            ", ".join(layout.unused),
            width=WIDTH,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        say(words)


def _say_imported(done: Imported, report: Path | None, *, applied: bool) -> None:
    say()
    say(f"{done.rows:>9,}  {'row' if done.rows == 1 else 'rows'}")
    for outcome in Outcome:
        if done.outcomes[outcome]:
            say(f"{done.outcomes[outcome]:>9,}  {SAID[outcome][applied]}")
    say()
    if report is not None:
        say(f"The report says more of {counted(done.troubles, 'row')}: {report}")
    changes = (Outcome.ADDED, Outcome.CHANGED, Outcome.UNSUBSCRIBED, Outcome.SUPPRESSED)
    if not any(done.outcomes[outcome] for outcome in changes):
        say("Nothing to change.")
    elif not applied:
        say("Nothing was changed yet. The same with --apply does it.")
