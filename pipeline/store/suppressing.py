"""The suppression list between its table and values, and what follows from an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pipeline.core.subscriber import Consent, ConsentAction, SubscriberState
from pipeline.core.suppression import Suppression, SuppressionReason
from pipeline.store.notices import forget_person
from pipeline.store.rows import chunks, moment, seconds
from pipeline.store.subscriber_rows import consent_row
from pipeline.store.tables import BOUNCE, CONSENT, DELIVERY, SUBSCRIBER, SUPPRESSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection, Row

COLUMNS = tuple(SUPPRESSION.c[name] for name in ("hash", "address", "reason", "at", "detail"))


def suppression(row: Row[*tuple[Any, ...]]) -> Suppression:
    """A row of `COLUMNS` as a value."""
    return Suppression(
        hash=row.hash.hex(),
        address=row.address,
        reason=SuppressionReason(row.reason),
        at=moment(row.at),
        detail=row.detail,
    )


def suppress(connection: Connection, entries: Sequence[Suppression], how: str) -> int:
    """Add entries whose hashes are not there yet, and end all mail to their subscribers.

    How many entries were new; the first of several with one hash counts.
    """
    by_hash: dict[bytes, Suppression] = {}
    for entry in entries:
        by_hash.setdefault(bytes.fromhex(entry.hash), entry)
    # Only those of the same hash are in each other's way: two processes in the same order wait.
    rows = [_row(entry) for _, entry in sorted(by_hash.items())]
    kind = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    query = kind(SUPPRESSION).on_conflict_do_nothing().returning(SUPPRESSION.c.hash)
    added = connection.execute(query, rows).all()
    _end(connection, by_hash, how)
    return len(added)


def _end(connection: Connection, by_hash: dict[bytes, Suppression], how: str) -> None:
    """The subscribers of these addresses are suppressed, with a line in their record."""
    query = select(SUBSCRIBER.c.id, SUBSCRIBER.c.hash).where(
        SUBSCRIBER.c.hash.in_(by_hash), SUBSCRIBER.c.state != SubscriberState.SUPPRESSED.value
    )
    found = [(row.id, by_hash[row.hash]) for row in connection.execute(query)]
    if not found:
        return
    change = (
        update(SUBSCRIBER)
        .where(SUBSCRIBER.c.id == bindparam("of"))
        .values(state=SubscriberState.SUPPRESSED.value, since=bindparam("at"))
    )
    connection.execute(change, [{"of": id_, "at": seconds(entry.at)} for id_, entry in found])
    action = ConsentAction.SUPPRESSED
    lines = [
        consent_row(id_, Consent(at=entry.at, action=action, how=how, detail=entry.reason.value))
        for id_, entry in found
    ]
    connection.execute(insert(CONSENT), lines)


def erase(connection: Connection, subscriber: int, entry: Suppression) -> None:
    """Delete a person, and words of servers that may name them; put `entry` on the list."""
    # With the subscriber go subscriptions and record, by their foreign keys.
    connection.execute(delete(SUBSCRIBER).where(SUBSCRIBER.c.id == subscriber))
    for table in (BOUNCE, DELIVERY):
        connection.execute(update(table).where(table.c.subscriber == subscriber).values(said=""))
    forget_person(connection, subscriber, bytes.fromhex(entry.hash))
    remove(connection, entry.hash)
    connection.execute(insert(SUPPRESSION), [{**_row(entry), "address": ""}])


def forget_pending(connection: Connection, before: float) -> int:
    """Delete those who are pending since before then, with record and notices; how many."""
    waits = SUBSCRIBER.c.state == SubscriberState.PENDING.value
    query = select(SUBSCRIBER.c.id, SUBSCRIBER.c.hash).where(waits, SUBSCRIBER.c.since < before)
    # Kept as they are until the end: who confirms now is not deleted.
    gone = connection.execute(query.with_for_update()).all()
    for one in gone:
        forget_person(connection, one.id, one.hash)
    for some in chunks(one.id for one in gone):
        connection.execute(delete(SUBSCRIBER).where(SUBSCRIBER.c.id.in_(some)))
    return len(gone)


def remove(connection: Connection, entry: str) -> bool:
    """Take a hash off the list; False where it was not on it."""
    query = delete(SUPPRESSION).where(SUPPRESSION.c.hash == bytes.fromhex(entry))
    return connection.execute(query).rowcount > 0


def _row(entry: Suppression) -> dict[str, object]:
    return {
        "hash": bytes.fromhex(entry.hash),
        "address": entry.address,
        "reason": entry.reason.value,
        "at": seconds(entry.at),
        "detail": entry.detail,
    }
