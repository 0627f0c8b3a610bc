"""Subscribers and their records between tables and values."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from pipeline.core.address import salted_hash
from pipeline.core.subscriber import Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.errors import StaleError, StoreError
from pipeline.store.rows import chunks, keys, lines, moment, seconds
from pipeline.store.tables import CONSENT, SUBSCRIBER, SUBSCRIPTION
from pipeline.store.words import CAME_MEANWHILE, check_before, has_new_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import Connection, Row

    from pipeline.core.subscriber import Change

    AnyRow = Row[*tuple[Any, ...]]

WANTED = "wanted"
ASKED = "asked"
ADDING = 0x656E657773
"""The number of PostgreSQL's lock that those hold who add somebody."""

COLUMNS = (
    SUBSCRIBER.c.id,
    SUBSCRIBER.c.address,
    SUBSCRIBER.c.name,
    SUBSCRIBER.c.language,
    SUBSCRIBER.c.topics,
    SUBSCRIBER.c.state,
    SUBSCRIBER.c.since,
    SUBSCRIBER.c.quiet_until,
)

_STATES = {state.value: state for state in SubscriberState}
_NOBODYS: frozenset[str] = frozenset()
_UPDATE = (
    update(SUBSCRIBER)
    .where(SUBSCRIBER.c.id == bindparam("of"))
    .values({column: bindparam(column.name) for column in SUBSCRIBER.c if column.name != "id"})
)


def subscribers(
    rows: Sequence[Row[*tuple[Any, ...]]], asked_for: Iterable[Row[*tuple[Any, ...]]]
) -> list[Subscriber]:
    """Rows of `COLUMNS` as values, with what rows of `subscription` say of them."""
    wanted: dict[int, frozenset[str]] = {}
    asked: dict[int, frozenset[str]] = {}
    # Nearly all have the same few: one set for all who have the same is quicker, and smaller.
    sets: dict[tuple[frozenset[str], str], frozenset[str]] = {}
    for subscriber, newsletter, state in asked_for:
        held = wanted if state == WANTED else asked
        before = held.get(subscriber, _NOBODYS)
        after = sets.get((before, newsletter))
        if after is None:
            after = sets[before, newsletter] = before | {newsletter}
        held[subscriber] = after
    return [
        Subscriber(
            id=id_,
            address=address,
            name=name,
            language=language,
            newsletters=wanted.get(id_, _NOBODYS),
            topics=keys(topics) if topics else _NOBODYS,
            asked=asked.get(id_, _NOBODYS) if asked else _NOBODYS,
            state=_STATES[state],
            since=moment(since),
            quiet_until=moment(quiet) if quiet else None,
        )
        for id_, address, name, language, topics, state, since, quiet in rows
    ]


def consent_row(subscriber: int, line: Consent) -> dict[str, object]:
    """A line of somebody's record as a row."""
    return {
        "subscriber": subscriber,
        "at": seconds(line.at),
        "action": line.action.value,
        "how": line.how,
        "text": line.text,
        "detail": line.detail,
        "origin": line.origin,
    }


def consents(connection: Connection, subscriber: int) -> tuple[Consent, ...]:
    """Somebody's record, oldest first."""
    columns = [CONSENT.c[name] for name in ("at", "action", "how", "text", "detail", "origin")]
    query = select(*columns).where(CONSENT.c.subscriber == subscriber)
    return tuple(
        Consent(
            at=moment(at),
            action=ConsentAction(action),
            how=how,
            text=text,
            detail=detail,
            origin=origin,
        )
        for at, action, how, text, detail, origin in connection.execute(
            query.order_by(CONSENT.c.at, CONSENT.c.id)
        )
    )


def save(connection: Connection, salt: bytes, changes: Sequence[Change]) -> tuple[Subscriber, ...]:
    """Write subscribers and their new lines, in this order, and give them as they are kept.

    Raises StoreError for one who is gone, StaleError for one who changed and for a new one whose
    mailbox came meanwhile; the database's own error for an address of another's.
    """
    check_before(changes, _kept(connection, changes))
    _check_new(connection, salt, changes)
    ids: list[int] = []
    for new, group in groupby(changes, key=lambda change: change.subscriber.id == 0):
        rows = [_row(change.subscriber, salt) for change in group]
        ids += _insert(connection, rows) if new else _update(connection, rows)
    saved = [
        Subscriber(
            id=id_,
            address=one.address,
            name=one.name,
            language=one.language,
            newsletters=one.newsletters,
            topics=one.topics,
            asked=one.asked - one.newsletters,
            state=one.state,
            since=one.since,
            quiet_until=one.quiet_until,
        )
        for id_, one in zip(ids, (change.subscriber for change in changes), strict=True)
    ]
    # Of one who was changed twice here, the last word counts.
    wanted = [
        {"subscriber": one.id, "newsletter": newsletter, "state": state}
        for one in {one.id: one for one in saved}.values()
        for state, newsletters in ((WANTED, one.newsletters), (ASKED, one.asked))
        for newsletter in newsletters
    ]
    if wanted:
        connection.execute(insert(SUBSCRIPTION), wanted)
    if ids:
        lines_ = [
            consent_row(id_, change.consent) for id_, change in zip(ids, changes, strict=True)
        ]
        connection.execute(insert(CONSENT), lines_)
    return tuple(saved)


def forget_asked(connection: Connection, before: float) -> int:
    """Of who is not pending, delete what they asked for before then; how many had something."""
    asked = select(SUBSCRIPTION.c.subscriber).where(SUBSCRIPTION.c.state == ASKED)
    # Kept as they are until the end: who asks or confirms now does so before this, or after it.
    held = select(SUBSCRIBER.c.id).where(
        SUBSCRIBER.c.id.in_(asked), SUBSCRIBER.c.state != SubscriberState.PENDING.value
    )
    ids = list(connection.execute(held.order_by(SUBSCRIBER.c.id).with_for_update()).scalars())
    lately = select(CONSENT.c.subscriber).where(
        CONSENT.c.action == ConsentAction.ASKED.value, CONSENT.c.at >= before
    )
    gone: set[int] = set()
    for some in chunks(ids):
        query = delete(SUBSCRIPTION).where(
            SUBSCRIPTION.c.subscriber.in_(some),
            SUBSCRIPTION.c.state == ASKED,
            SUBSCRIPTION.c.subscriber.not_in(lately.where(CONSENT.c.subscriber.in_(some))),
        )
        gone.update(connection.execute(query.returning(SUBSCRIPTION.c.subscriber)).scalars())
    return len(gone)


def _kept(connection: Connection, changes: Sequence[Change]) -> dict[int, Subscriber]:
    """How those are now who were somehow before, and stay so until the transaction ends."""
    ids = sorted({x.subscriber.id for x in changes if x.subscriber.id and x.before is not None})
    found: dict[int, Subscriber] = {}
    for some in chunks(ids):
        query = select(*COLUMNS).where(SUBSCRIBER.c.id.in_(some)).order_by(SUBSCRIBER.c.id)
        rows = connection.execute(query.with_for_update()).all()
        asked_for = select(SUBSCRIPTION).where(SUBSCRIPTION.c.subscriber.in_(some))
        found.update(
            (one.id, one) for one in subscribers(rows, connection.execute(asked_for).all())
        )
    return found


def _check_new(connection: Connection, salt: bytes, changes: Sequence[Change]) -> None:
    """Raise StaleError where a new address is another's mailbox, in whatever case.

    Whoever decided that they are new did so before this transaction. SQLite has but one that
    writes; in PostgreSQL those that add somebody follow one another by a lock.
    """
    new = [change.subscriber.address for change in changes if has_new_address(change)]
    if not new:
        return
    known = {change.subscriber.id for change in changes}
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(ADDING)))
    hashes = [bytes.fromhex(salted_hash(address, salt)) for address in new]
    for some in chunks(hashes):
        found = select(SUBSCRIBER.c.id, SUBSCRIBER.c.hash).where(SUBSCRIBER.c.hash.in_(some))
        for row in connection.execute(found):
            if row.id not in known:
                raise StaleError(CAME_MEANWHILE)


def _row(one: Subscriber, salt: bytes) -> dict[str, object]:
    return {
        "id": one.id,
        "address": one.address,
        "hash": bytes.fromhex(salted_hash(one.address, salt)),
        "name": one.name,
        "language": one.language,
        "topics": lines(one.topics),
        "state": one.state.value,
        "since": seconds(one.since),
        "quiet_until": seconds(one.quiet_until) if one.quiet_until else 0.0,
    }


def _insert(connection: Connection, rows: list[dict[str, object]]) -> list[int]:
    for row in rows:
        del row["id"]
    query = insert(SUBSCRIBER).returning(SUBSCRIBER.c.id, sort_by_parameter_order=True)
    return list(connection.execute(query, rows).scalars())


def _update(connection: Connection, rows: list[dict[str, object]]) -> list[int]:
    ids = [int(str(row.pop("id"))) for row in rows]
    result = connection.execute(
        _UPDATE, [{**row, "of": id_} for id_, row in zip(ids, rows, strict=True)]
    )
    if result.rowcount != len(rows):
        raise StoreError("one of these subscribers is gone, erased meanwhile: nothing was kept")
    for some in chunks(ids):
        connection.execute(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.subscriber.in_(some)))
    return ids
