"""A mailing and its rows, a million of them in one transaction and in little memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text, update

from pipeline.store.delivery_rows import mailing_of, mailing_row
from pipeline.store.tables import DELIVERY, MAILING
from pipeline.store.words import twice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection

    from pipeline.core.mailing import Mailing

_INSERT = "INSERT INTO delivery (mailing, subscriber) VALUES (?, ?)"
_COPY = "COPY delivery (mailing, subscriber) FROM STDIN"


def create(
    connection: Connection,
    raw: Any,
    mailing: Mailing,
    subscribers: Iterable[int],
) -> Mailing:
    """Write both in the connection's transaction; `raw` is the driver's own connection."""
    row = mailing_row(mailing)
    if connection.dialect.name == "sqlite":
        there = connection.execute(select(MAILING).where(MAILING.c.issue == mailing.issue)).first()
        if there is not None:
            return mailing_of(there)
        given = connection.execute(insert(MAILING).returning(MAILING.c.id), row).scalar_one()
        _insert_sqlite(raw, given, mailing.issue, subscribers)
    else:
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        # Waits for another process that is at it.
        query = postgresql_insert(MAILING).on_conflict_do_nothing().returning(MAILING.c.id)
        new = connection.execute(query, row).scalar()
        if new is None:
            query_ = select(MAILING).where(MAILING.c.issue == mailing.issue)
            return mailing_of(connection.execute(query_).one())
        given = new
        _copy_postgresql(raw, given, mailing.issue, subscribers)
        # Or the planner takes a full table for an empty one, until it looks by itself.
        connection.execute(text("ANALYZE delivery"))
    rows = select(func.count()).where(DELIVERY.c.mailing == given).scalar_subquery()
    connection.execute(update(MAILING).where(MAILING.c.id == given).values(recipients=rows))
    return mailing_of(connection.execute(select(MAILING).where(MAILING.c.id == given)).one())


def _insert_sqlite(raw: Any, mailing: int, issue: str, subscribers: Iterable[int]) -> None:
    import sqlite3

    rows = ((mailing, subscriber) for subscriber in subscribers)
    try:
        raw.executemany(_INSERT, rows)
    except sqlite3.IntegrityError as error:
        raise twice(issue) from error


def _copy_postgresql(raw: Any, mailing: int, issue: str, subscribers: Iterable[int]) -> None:
    from psycopg.errors import UniqueViolation

    try:
        with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            for subscriber in subscribers:
                copy.write_row((mailing, subscriber))
    except UniqueViolation as error:
        raise twice(issue) from error
