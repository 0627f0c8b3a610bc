"""How the command tells of subscribers: for people, and as JSON."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pipeline.cli.console import faint, good
from pipeline.core.subscriber import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.core.bounce import Bounce
    from pipeline.core.delivery import Delivery
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.core.suppression import Suppression
    from pipeline.flows.subscribe import Held, Person

STATES = frozenset(SubscriberState)
PAGE = 1000
WIDE_MOST = 64
CSV_HEAD = ("address", "name", "language", "newsletters", "topics", "state", "since")


def subscriber_json(one: Subscriber) -> dict[str, object]:
    """A subscriber for scripts."""
    return {
        "address": one.address,
        "name": one.name,
        "language": one.language,
        "newsletters": sorted(one.newsletters),
        "topics": sorted(one.topics),
        "asked": sorted(one.asked),
        "state": one.state,
        "since": one.since.isoformat(),
    }


def suppression_json(entry: Suppression) -> dict[str, object]:
    """An entry of the suppression list for scripts; `address` is null where it was erased."""
    return {
        "address": entry.address or None,
        "reason": entry.reason,
        "at": entry.at.isoformat(),
        "detail": entry.detail,
        "hash": entry.hash,
    }


def held_json(held: Held, message_id: Callable[[str, int], str]) -> dict[str, object]:
    """All that is held of an address; `message_id` is by an issue's id and a subscriber's."""
    return {
        "address": held.address,
        "subscribers": [_person_json(person, message_id) for person in held.people],
        "suppression": suppression_json(held.suppression) if held.suppression else None,
    }


def _person_json(person: Person, message_id: Callable[[str, int], str]) -> dict[str, object]:
    return {
        **subscriber_json(person.subscriber),
        "record": [_consent_json(line) for line in person.record],
        "deliveries": [_delivery_json(row, message_id) for row in person.deliveries],
        "bounces": [_bounce_json(bounce) for bounce in person.bounces],
    }


def _consent_json(line: Consent) -> dict[str, object]:
    return {
        "at": line.at.isoformat(),
        "action": line.action,
        "how": line.how,
        "text": line.text,
        "detail": line.detail,
        "origin": line.origin,
    }


def _delivery_json(row: Delivery, message_id: Callable[[str, int], str]) -> dict[str, object]:
    return {
        "issue": row.issue,
        "state": row.state,
        "at": row.at.isoformat() if row.at else None,
        "message_id": message_id(row.issue, row.subscriber),
        "attempts": row.attempts,
        "code": row.code or None,
        "status": row.status,
        "said": row.said,
    }


def _bounce_json(bounce: Bounce) -> dict[str, object]:
    return {
        "at": bounce.at.isoformat(),
        "kind": bounce.kind,
        "code": bounce.code or None,
        "status": bounce.status,
        "said": bounce.said,
        "source": bounce.source,
    }


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
