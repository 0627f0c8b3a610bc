"""`enews subscriber import`: another system's list becomes subscribers, batch by batch.

::

    rows ─▶ entries ─▶ what is known of them ─▶ choices ─▶ one transaction a batch
              │                                    │
              └──────────── troubles ──────────────┴─▶ the report

Memory is that of a batch, and 16 to 32 bytes a row to find repeated ones. An import that was cut
short is finished by running it again: what is there by then is unchanged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.core.address import salted_hash
from pipeline.core.import_choice import Known, Outcome, choose
from pipeline.core.import_layout import Column
from pipeline.core.import_row import Entry, Trouble
from pipeline.core.seen import Seen
from pipeline.core.subscriber import SubscriberState
from pipeline.core.subscription import left_of
from pipeline.errors import StaleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pipeline.core.import_choice import Choice
    from pipeline.core.import_row import Row, RowReader
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.core.subscription import Occasion
    from pipeline.ports.people import Subscribers

BATCH = 1000
ATTEMPTS = 5
"""How often a batch is decided, where others change its subscribers at the same time."""


@dataclass(slots=True, kw_only=True)
class Imported:
    """How many rows there were, what became of them, and how many lines the report has."""

    rows: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    troubles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an import works with: `note` takes the report's lines, `tick` is called after a batch.

    With `apply` False nothing is changed.
    """

    subscribers: Subscribers
    reader: RowReader
    word: Occasion
    note: Callable[[Sequence[Trouble]], None]
    tick: Callable[[], None] = lambda: None
    apply: bool = False


def import_list(desk: Desk, rows: Iterable[Row], found: Imported | None = None) -> Imported:
    """Take in every row, or with `apply` False find out what that would do. Raises StoreError.

    What became of the batches before an error is in `found`.
    """
    found = Imported() if found is None else found
    seen = Seen()
    for batch in _batches(desk, rows, found):
        _take(desk, batch, seen, found)
        desk.tick()
    return found


def _batches(desk: Desk, rows: Iterable[Row], found: Imported) -> Iterator[list[Entry]]:
    """Entries, each address once in a batch but for repeated sign-ups."""
    batch: list[Entry] = []
    here: set[str] = set()
    for row in rows:
        before = len(desk.reader.troubles)
        entry = desk.reader.read(row)
        if entry is None:
            wrong = len(desk.reader.troubles) > before
            found.rows += wrong
            found.outcomes[Outcome.LEFT_OUT] += wrong
            if wrong and before >= BATCH:
                _note(desk, desk.reader.troubles, found)
                desk.reader.troubles.clear()
            continue
        found.rows += 1
        leaves = entry.state is not SubscriberState.ACTIVE
        if len(batch) >= BATCH or (leaves and entry.folded in here):
            yield batch
            batch, here = [], set()
        batch.append(entry)
        here.add(entry.folded)
    yield batch


def _take(desk: Desk, batch: Sequence[Entry], seen: Seen, found: Imported) -> None:
    again = [not seen.add(entry.folded) for entry in batch]
    blocked: set[int] = set()
    for attempt in range(ATTEMPTS):
        known = _known(desk, batch, again)
        choices = [
            (entry, choose(entry, its, desk.word)) for entry, its in zip(batch, known, strict=True)
        ]
        try:
            if desk.apply:
                # Another attempt finds these on the list already, by our own hand.
                blocked.update(entry.line for entry, choice in choices if choice.suppression)
                _save(desk, [choice for _, choice in choices])
            break
        except StaleError:  # somebody left, or signed up, since they were looked up
            if attempt == ATTEMPTS - 1:
                raise
    found.outcomes.update(
        Outcome.SUPPRESSED if entry.line in blocked else choice.outcome for entry, choice in choices
    )
    column = desk.reader.layout.name(Column.ADDRESS)
    said = [
        Trouble(entry.line, column, entry.address, choice.problem, choice.advice)
        for entry, choice in choices
        if choice.problem
    ]
    _note(desk, sorted([*desk.reader.troubles, *said]), found)
    desk.reader.troubles.clear()


def _known(desk: Desk, batch: Sequence[Entry], again: Sequence[bool]) -> Iterator[Known]:
    salt = desk.subscribers.salt
    hashes = [salted_hash(entry.folded, salt) for entry in batch]
    same = desk.subscribers.find_folded([entry.folded for entry in batch])
    listed = desk.subscribers.suppressed(hashes)
    for entry, mark, seen in zip(batch, hashes, again, strict=True):
        those = same.get(entry.folded, ())
        yield Known(
            hash=mark,
            same=those,
            entry=listed.get(mark),
            seen=seen,
            left=_left(desk, entry, those),
            records=_records(desk, entry, those),
        )


def _left(desk: Desk, entry: Entry, those: Sequence[Subscriber]) -> frozenset[str]:
    """What the address's subscriber left; asked only where it would matter."""
    for one in those:
        gains = entry.wishes.newsletters - one.newsletters
        if one.address == entry.address and one.state is SubscriberState.ACTIVE and gains:
            return left_of(desk.subscribers.consents(one.id))
    return frozenset()


def _records(
    desk: Desk, entry: Entry, those: Sequence[Subscriber]
) -> Mapping[int, Sequence[Consent]]:
    """What they said here; asked only where it may be later than what the list says."""
    if entry.state is SubscriberState.ACTIVE:
        return {}
    if entry.state is SubscriberState.SUPPRESSED and entry.left is None:
        return {}
    return {
        one.id: desk.subscribers.consents(one.id) for one in those if one.newsletters or one.asked
    }


def _save(desk: Desk, choices: Sequence[Choice]) -> None:
    """Keep a batch; those who are blocked first, since nothing may be sent to them meanwhile."""
    blocked = [choice.suppression for choice in choices if choice.suppression]
    changes = [change for choice in choices for change in choice.changes]
    if blocked:
        desk.subscribers.suppress(blocked, desk.word.how)
    if changes:
        desk.subscribers.save(changes)


def _note(desk: Desk, troubles: Sequence[Trouble], found: Imported) -> None:
    if troubles:
        desk.note(troubles)
        found.troubles += len(troubles)
