"""Notices in the database: the port `Notices`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, or_, select, text, update

from pipeline.core.address import salted_hash
from pipeline.core.notice import Notice, NoticeKind, NoticeState, settled, tried
from pipeline.store.rows import keys, lines, moment, seconds
from pipeline.store.tables import NOTICE, WAITING_NOTICES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection, Row

    from pipeline.ports.people import Subscribers
    from pipeline.store.database import Database


class DatabaseNotices:
    """Mails to one person each; the hash of an address outlives it here, for the limit's sake."""

    def __init__(self, database: Database, subscribers: Subscribers) -> None:
        self._database = database
        self._subscribers = subscribers

    def add(self, notice: Notice, *, since: datetime, most: int) -> bool:
        """Keep it; False where `most` of its kind were kept for its address since then."""
        entry = bytes.fromhex(salted_hash(notice.address, self._subscribers.salt))
        same = (
            select(func.count())
            .select_from(NOTICE)
            .where(
                NOTICE.c.hash == entry,
                NOTICE.c.created >= seconds(since),
                NOTICE.c.kind == notice.kind.value,
            )
        )
        with self._database.writes() as connection:
            if not self._database.is_sqlite:
                # Two who ask for one address follow one another.
                number = int.from_bytes(entry[:8], signed=True)
                connection.execute(select(func.pg_advisory_xact_lock(number)))
            if connection.execute(same).scalar_one() >= most:
                return False
            connection.execute(insert(NOTICE), {**_row(notice), "hash": entry})
            return True

    def take(self, at: datetime) -> Notice | None:
        """The oldest one that waits and is due; it is tried again where this process dies."""
        query = (
            select(NOTICE)
            .where(text(WAITING_NOTICES), NOTICE.c.due <= seconds(at))
            .order_by(NOTICE.c.due, NOTICE.c.id)
            .limit(1)
        )
        with self._database.reads() as connection:
            if connection.execute(query).first() is None:
                return None
        with self._database.writes() as connection:
            row = connection.execute(query.with_for_update(skip_locked=True)).first()
            return None if row is None else _keep(connection, tried(_notice(row), at))

    def settle(self, notice: int, state: NoticeState, said: str, due: datetime) -> None:
        """What came of a try."""
        query = select(NOTICE).where(NOTICE.c.id == notice, text(WAITING_NOTICES))
        with self._database.writes() as connection:
            row = connection.execute(query.with_for_update()).first()
            if row is not None:
                _keep(connection, settled(_notice(row), state, said, due))

    def counts(
        self, *, since: datetime | None = None, kind: NoticeKind | None = None
    ) -> Mapping[NoticeState, int]:
        """How many are in each state, of that kind, of those kept since then."""
        query = select(NOTICE.c.state, func.count()).group_by(NOTICE.c.state)
        if since is not None:
            query = query.where(NOTICE.c.created >= seconds(since))
        if kind is not None:
            query = query.where(NOTICE.c.kind == kind.value)
        with self._database.reads() as connection:
            return {NoticeState(state): count for state, count in connection.execute(query)}

    def oldest(self) -> datetime | None:
        """When the oldest one that waits was kept, None where none does."""
        query = select(func.min(NOTICE.c.created)).where(text(WAITING_NOTICES))
        with self._database.reads() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else moment(found)

    def forget(self, before: datetime) -> int:
        """Delete those that are sent or failed and were kept before then; how many."""
        over = NOTICE.c.state != NoticeState.WAITING.value
        query = delete(NOTICE).where(over, NOTICE.c.created < seconds(before))
        with self._database.writes() as connection:
            return connection.execute(query).rowcount


def forget_person(connection: Connection, subscriber: int, entry: bytes) -> None:
    """Delete the notices to a person: by their id, and by the hash of their address."""
    theirs = or_(NOTICE.c.subscriber == subscriber, NOTICE.c.hash == entry)
    not_operators = NOTICE.c.kind != NoticeKind.OPERATORS.value
    connection.execute(delete(NOTICE).where(theirs, not_operators))


def _keep(connection: Connection, notice: Notice) -> Notice:
    """Write a notice over itself, and give it as it is kept."""
    query = update(NOTICE).where(NOTICE.c.id == notice.id).values(_row(notice))
    return _notice(connection.execute(query.returning(*NOTICE.c)).one())


def _row(notice: Notice) -> dict[str, object]:
    return {
        "kind": notice.kind.value,
        "subscriber": notice.subscriber,
        "address": notice.address,
        "language": notice.language,
        "newsletters": lines(notice.newsletters),
        "text": notice.text,
        "created": seconds(notice.created),
        "due": seconds(notice.due),
        "tries": notice.tries,
        "state": notice.state.value,
        "said": notice.said,
    }


def _notice(row: Row[*tuple[Any, ...]]) -> Notice:
    return Notice(
        id=row.id,
        kind=NoticeKind(row.kind),
        subscriber=row.subscriber,
        address=row.address,
        language=row.language,
        newsletters=keys(row.newsletters),
        text=row.text,
        created=moment(row.created),
        due=moment(row.due),
        tries=row.tries,
        state=NoticeState(row.state),
        said=row.said,
    )
