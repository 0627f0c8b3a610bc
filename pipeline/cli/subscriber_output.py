"""How the command tells people of subscribers; as JSON `flows.export` does."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pipeline.cli.console import faint, good
from pipeline.core.subscriber import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.core.subscriber import Subscriber
    from pipeline.core.suppression import Suppression

STATES = frozenset(SubscriberState)
PAGE = 1000
WIDE_MOST = 64
CSV_HEAD = ("address", "name", "language", "newsletters", "topics", "state", "since")


def aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Rows as lines in columns, "-" for an empty cell; the last cell is as long as it is.

    A column is as wide as its widest cell among a thousand rows or those before, up to
    `WIDE_MOST`: what is longer stands whole, and moves what follows in its own line.
    """
    widths: list[int] = []
    rest = iter(rows)
    while page := [tuple(cell or "-" for cell in row) for row in islice(rest, PAGE)]:
        longest = [min(max(map(len, column)), WIDE_MOST) for column in zip(*page, strict=True)]
        widths = [*map(max, longest, widths)] if widths else longest
        for row in page:
            cells = [f"{cell:<{width}}" for cell, width in zip(row[:-1], widths, strict=False)]
            yield "  ".join([*map(_painted, cells), row[-1]])


def _painted(cell: str) -> str:
    """A cell that says a state, in its colour."""
    word = cell.rstrip()
    if word in STATES:
        return good(cell) if word == SubscriberState.ACTIVE else faint(cell)
    return cell


def subscriber_row(one: Subscriber) -> tuple[str, ...]:
    """A subscriber for `aligned`: address, state, since when, language, what of, and who."""
    wants = ",".join(sorted(one.newsletters))
    if one.asked:
        wants = f"{wants or '-'} (asked: {','.join(sorted(one.asked))})"
    if one.quiet_until:
        wants = f"{wants or '-'} (pausing until {one.quiet_until:%Y-%m-%d})"
    topics = ",".join(sorted(one.topics))
    since = f"{one.since:%Y-%m-%d}"
    return one.address, one.state, since, one.language, wants, topics, one.name


def suppression_row(entry: Suppression) -> tuple[str, ...]:
    """An entry of the suppression list for `aligned`."""
    who = entry.address or f"(erased, {entry.hash[:12]}…)"
    return who, f"{entry.at:%Y-%m-%d}", entry.reason, entry.detail


def csv_row(one: Subscriber) -> tuple[str, ...]:
    """A subscriber as `enews subscriber import` reads it."""
    return (
        one.address,
        one.name,
        one.language,
        ", ".join(sorted(one.newsletters or one.asked)),
        ", ".join(sorted(one.topics)),
        one.state,
        one.since.isoformat(timespec="seconds"),
    )
