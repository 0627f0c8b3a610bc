"""Subscribers in the database: the port `Subscribers`."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from pipeline.core.address import caseless, salted_hash
from pipeline.core.bounce import Bounce, BounceKind
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import StaleError, StoreError
from pipeline.store import suppressing
from pipeline.store.rows import chunks, moment, seconds
from pipeline.store.subscriber_rows import (
    COLUMNS,
    WANTED,
    consents,
    forget_asked,
    save,
    subscribers,
)
from pipeline.store.tables import BOUNCE, SETTING, SUBSCRIBER, SUBSCRIPTION, SUPPRESSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from pipeline.core.subscriber import Change, Consent, Subscriber
    from pipeline.core.suppression import Suppression
    from pipeline.store.database import Database

PAGE = 4000
"""Rows that are read at a time, so that no transaction stays open while others write."""


class DatabaseSubscribers:
    """Everyone who asked, with what they agreed to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def salt(self) -> bytes:
        """What `salted_hash` is salted with."""
        with self._database.reads() as connection:
            kept = select(SETTING.c.value).where(SETTING.c.name == "salt")
            return bytes.fromhex(connection.execute(kept).scalar_one())

    def get(self, subscriber: int) -> Subscriber | None:
        """The one of that id."""
        return next(iter(self._where(SUBSCRIBER.c.id, [subscriber])), None)

    def find(self, addresses: Sequence[str]) -> Mapping[str, Subscriber]:
        """Those of these addresses, by address."""
        return {one.address: one for one in self._where(SUBSCRIBER.c.address, addresses)}

    def find_folded(self, folded: Sequence[str]) -> Mapping[str, tuple[Subscriber, ...]]:
        """Those whose addresses are equal under full case folding."""
        by_hash: dict[str, list[Subscriber]] = {}
        hashes = {text: salted_hash(text, self.salt) for text in folded}
        raw = [bytes.fromhex(entry) for entry in hashes.values()]
        for one in sorted(self._where(SUBSCRIBER.c.hash, raw), key=lambda one: one.id):
            by_hash.setdefault(salted_hash(one.address, self.salt), []).append(one)
        return {text: tuple(by_hash[entry]) for text, entry in hashes.items() if entry in by_hash}

    def _where(self, column: ColumnElement[object], values: Sequence[object]) -> list[Subscriber]:
        found: list[Subscriber] = []
        with self._database.reads() as connection:
            for some in chunks(dict.fromkeys(values)):
                rows = connection.execute(select(*COLUMNS).where(column.in_(some))).all()
                if not rows:
                    continue
                ids = SUBSCRIPTION.c.subscriber.in_([row.id for row in rows])
                found += subscribers(
                    rows, connection.execute(select(SUBSCRIPTION).where(ids)).all()
                )
        return found

    def save(self, changes: Sequence[Change]) -> tuple[Subscriber, ...]:
        """Keep all of them or none, in this order, with the ids they have now.

        A newsletter that is both wanted and asked for is wanted.
        """
        salt = self.salt
        with _unique(), self._database.writes() as connection:
            return save(connection, salt, changes)

    def each(
        self,
        *,
        newsletter: str = "",
        state: SubscriberState | None = None,
        matching: str = "",
    ) -> Iterator[Subscriber]:
        """All of them by id; `matching` is a part of an address or name, in any case."""
        part = caseless(matching)
        query = select(*COLUMNS).order_by(SUBSCRIBER.c.id).limit(PAGE)
        if state is not None:
            query = query.where(SUBSCRIBER.c.state == state.value)
        last = 0
        while True:
            with self._database.reads() as connection:
                rows = connection.execute(query.where(SUBSCRIBER.c.id > last)).all()
                if not rows:
                    return
                of_page = SUBSCRIPTION.c.subscriber.between(rows[0].id, rows[-1].id)
                page = subscribers(
                    rows, connection.execute(select(SUBSCRIPTION).where(of_page)).all()
                )
            # Not by the database: without statistics, PostgreSQL joins all of both tables a page.
            if newsletter:
                page = [x for x in page if newsletter in x.newsletters]
            if part:
                page = [x for x in page if part in caseless(x.address) or part in caseless(x.name)]
            yield from page
            last = rows[-1].id

    def counts(self, newsletter: str = "") -> Mapping[SubscriberState, int]:
        """How many are in each state that somebody is in."""
        query = select(SUBSCRIBER.c.state, func.count()).group_by(SUBSCRIBER.c.state)
        if newsletter:
            query = query.where(_wants(newsletter))
        with self._database.reads() as connection:
            return {SubscriberState(state): count for state, count in connection.execute(query)}

    def consents(self, subscriber: int) -> tuple[Consent, ...]:
        """The record of one, oldest first."""
        with self._database.reads() as connection:
            return consents(connection, subscriber)

    def erase(self, subscriber: int, suppression: Suppression) -> None:
        """Forget a person; rows of mailings and bounces keep the id, and no words."""
        with self._database.writes() as connection:
            suppressing.erase(connection, subscriber, suppression)
        self._database.scrub()

    def forget_pending(self, before: datetime) -> int:
        """Delete those who asked before then, and never confirmed; how many."""
        with self._database.writes() as connection:
            count = suppressing.forget_pending(connection, seconds(before))
        if count:
            self._database.scrub()
        return count

    def forget_asked(self, before: datetime) -> int:
        """Of who is not pending, drop what they asked for before then; how many had something."""
        with self._database.writes() as connection:
            return forget_asked(connection, seconds(before))

    def suppressed(self, hashes: Sequence[str]) -> Mapping[str, Suppression]:
        """The entries of the list with these hashes, by hash."""
        found = {}
        with self._database.reads() as connection:
            for some in chunks(bytes.fromhex(entry) for entry in dict.fromkeys(hashes)):
                query = select(*suppressing.COLUMNS).where(SUPPRESSION.c.hash.in_(some))
                for row in connection.execute(query):
                    found[row.hash.hex()] = suppressing.suppression(row)
        return found

    def suppress(self, suppressions: Iterable[Suppression], how: str) -> int:
        """Add to the list; a hash that is there keeps its first entry. How many were new."""
        with self._database.writes() as connection:
            return sum(suppressing.suppress(connection, some, how) for some in chunks(suppressions))

    def restore(self, entry: str, change: Change | None) -> bool:
        """Take a hash off the list, and keep `change`; False where it was not on it."""
        salt = self.salt
        with _unique(), self._database.writes() as connection:
            if not suppressing.remove(connection, entry):
                return False
            if change is not None:
                save(connection, salt, [change])
            return True

    def suppressions(self) -> Iterator[Suppression]:
        """The list, oldest first."""
        by_age = (SUPPRESSION.c.at, SUPPRESSION.c.hash)
        query = select(*suppressing.COLUMNS).order_by(*by_age).limit(PAGE)
        page = query
        while True:
            with self._database.reads() as connection:
                rows = connection.execute(page).all()
            if not rows:
                return
            yield from map(suppressing.suppression, rows)
            page = query.where(tuple_(*by_age) > tuple_(rows[-1].at, rows[-1].hash))

    def add_bounce(self, bounce: Bounce) -> bool:
        """Keep a bounce; False where its key is known already."""
        row = {
            "key": bounce.key,
            "subscriber": bounce.subscriber,
            "mailing": bounce.mailing,
            "at": seconds(bounce.at),
            "kind": bounce.kind.value,
            "code": bounce.code,
            "status": bounce.status,
            "said": bounce.said,
            "source": bounce.source,
        }
        try:
            with self._database.writes() as connection:
                connection.execute(insert(BOUNCE), row)
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True

    def bounces(self, subscriber: int) -> tuple[Bounce, ...]:
        """Those of one, oldest first."""
        query = select(BOUNCE).where(BOUNCE.c.subscriber == subscriber)
        with self._database.reads() as connection:
            rows = connection.execute(query.order_by(BOUNCE.c.at, BOUNCE.c.id)).all()
        return tuple(
            Bounce(
                key=row.key,
                subscriber=row.subscriber,
                mailing=row.mailing,
                at=moment(row.at),
                kind=BounceKind(row.kind),
                code=row.code,
                status=row.status,
                said=row.said,
                source=row.source,
            )
            for row in rows
        )

    def bounce_counts(self) -> Mapping[BounceKind, int]:
        """How many there are of each kind."""
        query = select(BOUNCE.c.kind, func.count()).group_by(BOUNCE.c.kind)
        with self._database.reads() as connection:
            return {BounceKind(kind): count for kind, count in connection.execute(query)}


def _wants(newsletter: str) -> ColumnElement[bool]:
    """True for subscribers who have a newsletter among those that they get once active."""
    return (
        select(SUBSCRIPTION.c.state)
        .where(
            SUBSCRIPTION.c.subscriber == SUBSCRIBER.c.id,
            SUBSCRIPTION.c.newsletter == newsletter,
            SUBSCRIPTION.c.state == WANTED,
        )
        .exists()
    )


@contextmanager
def _unique() -> Iterator[None]:
    """Say which rule was broken where two subscribers would have one address."""
    try:
        yield
    except StoreError as error:
        if isinstance(error.__cause__, IntegrityError):
            message = "one of these addresses is another subscriber's already: nothing was kept"
            raise StaleError(message) from error.__cause__
        raise
