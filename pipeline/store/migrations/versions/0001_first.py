"""The first version: subscribers, suppressions, bounces, mailings and deliveries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From nothing."""
    _people()
    _records()
    _mailings()
    _deliveries()
    op.create_table("setting", _text("name", primary_key=True), _text("value"))
    op.create_table(
        "boot",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        _text("token"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE boot SET UNLOGGED")


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, **options)


def _words(name: str) -> sa.Column[str]:
    return _text(name, server_default="")


def _time(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False)


def _zero(name: str, kind: Any = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _subscriber(**options: Any) -> sa.Column[int]:
    rule = sa.ForeignKey("subscriber.id", ondelete="CASCADE")
    return sa.Column("subscriber", BIG, rule, **options)


def _people() -> None:
    op.create_table(
        "subscriber",
        _id(),
        _text("address", unique=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _words("name"),
        _words("language"),
        _words("topics"),
        _text("state"),
        _time("since"),
        sqlite_autoincrement=True,
    )
    op.create_index("subscriber_hash", "subscriber", ["hash"])
    op.create_table(
        "subscription",
        _subscriber(primary_key=True),
        _text("newsletter", primary_key=True),
        _text("state"),
        sa.CheckConstraint("state IN ('wanted', 'asked')", name="subscription_state"),
        sqlite_with_rowid=False,
    )


def _records() -> None:
    op.create_table(
        "consent",
        _id(),
        _subscriber(nullable=False),
        _time("at"),
        _text("action"),
        _text("how"),
        _words("text"),
        _words("detail"),
        _words("origin"),
    )
    op.create_index("consent_subscriber", "consent", ["subscriber"])
    op.create_table(
        "suppression",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        _words("address"),
        _text("reason"),
        _time("at"),
        _words("detail"),
        sqlite_with_rowid=False,
    )
    op.create_index("suppression_at", "suppression", ["at", "hash"])
    op.create_table(
        "bounce",
        _id(),
        _text("key", unique=True),
        _zero("subscriber", BIG),
        _zero("mailing", BIG),
        _time("at"),
        _text("kind"),
        _zero("code"),
        _words("status"),
        _words("said"),
        _text("source"),
    )
    op.create_index("bounce_subscriber", "bounce", ["subscriber"])


def _mailings() -> None:
    op.create_table(
        "mailing",
        _id(),
        _text("issue", unique=True),
        _text("newsletter"),
        _text("digest"),
        _text("state"),
        _words("reason"),
        _time("created"),
        _time("begins"),
        _time("since"),
        _zero("steps", BIG),
        _zero("recipients"),
        _zero("late_until", sa.Double()),
        _zero("outbox"),
        sqlite_autoincrement=True,
    )
    op.create_table("worker", _id(), _text("name"), _text("boot"), sqlite_autoincrement=True)


def _deliveries() -> None:
    op.create_table(
        "delivery",
        _id(),
        sa.Column("mailing", BIG, nullable=False),
        sa.Column("subscriber", BIG, nullable=False),
        _text("state", server_default="queued"),
        sa.Column("worker", BIG),
        sa.Column("due", sa.Double(), server_default="0"),
        _zero("attempts"),
        _zero("first", sa.Double()),
        sa.Column("at", sa.Double()),
        _zero("code"),
        _words("status"),
        _words("said"),
        sa.UniqueConstraint("subscriber", "mailing", name="delivery_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("delivery_mailing", "delivery", ["mailing", "id"])
    _partial("delivery_waiting", "due IS NOT NULL", ["mailing", "due", "id"])
    _partial("delivery_held", "worker IS NOT NULL", ["worker", "mailing"])
    _partial(
        "delivery_odd", "worker IS NULL AND due IS NULL AND state <> 'sent'", ["mailing", "state"]
    )
    _partial("delivery_sent", "state = 'sent'", ["at"])


def _partial(name: str, where: str, columns: list[str]) -> None:
    text = sa.text(where)
    op.create_index(name, "delivery", columns, sqlite_where=text, postgresql_where=text)
