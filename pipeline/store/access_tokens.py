"""Access tokens in the database, by their hashes only: the port `AccessTokens`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pipeline.core.token import AccessToken, Scope
from pipeline.errors import StaleError
from pipeline.store.rows import keys, lines, moment, moment_or_none, seconds, seconds_or_none
from pipeline.store.tables import TOKEN
from pipeline.store.words import token_named

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Row

    from pipeline.store.database import Database


class DatabaseTokens:
    """Who may ask for runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: AccessToken) -> AccessToken:
        """Keep it, with its id. Raises StaleError where one that is not revoked has its name."""
        values = {
            "name": token.name,
            "hash": bytes.fromhex(token.hash),
            "scopes": lines(scope.value for scope in token.scopes),
            "created": seconds(token.created),
            "expires": seconds_or_none(token.expires),
            "revoked": seconds_or_none(token.revoked),
            "used": seconds_or_none(token.used),
        }
        with self._database.writes() as connection:
            row = connection.execute(self._insert(), values).first()
            if row is None:
                raise StaleError(token_named(token.name))
            return _token(row)

    def _insert(self) -> Any:
        """The index of names that are not revoked refuses a second one, also at the same time."""
        kind = sqlite_insert if self._database.is_sqlite else postgresql_insert
        return kind(TOKEN).on_conflict_do_nothing().returning(*TOKEN.c)

    def find(self, hash_: str) -> AccessToken | None:
        """The one of that hash."""
        query = select(TOKEN).where(TOKEN.c.hash == bytes.fromhex(hash_))
        with self._database.reads() as connection:
            row = connection.execute(query).first()
        return _token(row) if row else None

    def all(self) -> tuple[AccessToken, ...]:
        """Every one, oldest first."""
        with self._database.reads() as connection:
            return tuple(map(_token, connection.execute(select(TOKEN).order_by(TOKEN.c.id))))

    def revoke(self, token: int, at: datetime) -> bool:
        """End it; False where it is over already."""
        query = update(TOKEN).where(TOKEN.c.id == token, TOKEN.c.revoked.is_(None))
        with self._database.writes() as connection:
            return connection.execute(query.values(revoked=seconds(at))).rowcount > 0

    def use(self, token: int, at: datetime) -> None:
        """Note that it was used."""
        earlier = or_(TOKEN.c.used.is_(None), TOKEN.c.used < seconds(at))
        query = update(TOKEN).where(TOKEN.c.id == token, earlier)
        with self._database.writes() as connection:
            connection.execute(query.values(used=seconds(at)))


def _token(row: Row[*tuple[Any, ...]]) -> AccessToken:
    return AccessToken(
        id=row.id,
        name=row.name,
        hash=row.hash.hex(),
        scopes=frozenset(Scope(word) for word in keys(row.scopes)),
        created=moment(row.created),
        expires=moment_or_none(row.expires),
        revoked=moment_or_none(row.revoked),
        used=moment_or_none(row.used),
    )
