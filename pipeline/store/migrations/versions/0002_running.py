"""The second version: runs, notices, access tokens, and subscribers who pause."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From the first."""
    op.add_column("subscriber", _zero("quiet_until", sa.Double))
    _runs()
    _notices()
    _tokens()


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, **options)


def _words(name: str) -> sa.Column[str]:
    return _text(name, server_default="")


def _time(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _zero(name: str, kind: Any = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _bytes(name: str, **options: Any) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False, **options)


def _runs() -> None:
    op.create_table(
        "run",
        _id(),
        _text("flow"),
        _text("slot"),
        _words("subject"),
        _words("place"),
        _text("origin"),
        _time("due"),
        _text("state"),
        _words("reason"),
        _words("progress"),
        _text("asked", server_default="{}"),
        _text("found", server_default="{}"),
        _time("created"),
        _time("began", nullable=True),
        _time("ended", nullable=True),
        _zero("tries"),
        _time("told", nullable=True),
        sa.UniqueConstraint("flow", "slot", name="run_once"),
        sqlite_autoincrement=True,
    )
    _partial("run_open", "run", "state IN ('queued', 'running')", "id")
    _partial("run_untold", "run", "state IN ('failed', 'missed') AND told IS NULL", "id")
    _partial("run_clock", "run", "origin = 'clock'", "flow", "subject", "due")


def _notices() -> None:
    op.create_table(
        "notice",
        _id(),
        _text("kind"),
        _zero("subscriber", BIG),
        _words("address"),
        _bytes("hash"),
        _words("language"),
        _words("newsletters"),
        _words("text"),
        _time("created"),
        _time("due"),
        _zero("tries"),
        _text("state"),
        _words("said"),
        sqlite_autoincrement=True,
    )
    op.create_index("notice_hash", "notice", ["hash", "created"])
    op.create_index("notice_subscriber", "notice", ["subscriber"])
    _partial("notice_waiting", "notice", "state = 'waiting'", "due")


def _tokens() -> None:
    op.create_table(
        "access_token",
        _id(),
        _text("name"),
        _bytes("hash", unique=True),
        _words("scopes"),
        _time("created"),
        _time("expires", nullable=True),
        _time("revoked", nullable=True),
        _time("used", nullable=True),
        sqlite_autoincrement=True,
    )
    _partial("access_token_name", "access_token", "revoked IS NULL", "name", unique=True)


def _partial(name: str, table: str, where: str, *columns: str, unique: bool = False) -> None:
    text = sa.text(where)
    op.create_index(
        name, table, list(columns), unique=unique, sqlite_where=text, postgresql_where=text
    )
