"""The tables, the same in SQLite and PostgreSQL; `HEAD` is the version that they are of.

Times are seconds since the epoch, hashes 32 bytes. A change here needs a migration in
`migrations/versions` and a new `HEAD`; tests hold the three to each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

HEAD = "0002"
VERSION_TABLE = "enews_version"

METADATA = MetaData()

# In SQLite only an INTEGER can be the row's own number.
_BIG = BigInteger().with_variant(Integer, "sqlite")


def _words(name: str) -> Column[str]:
    """A text, "" where there is none."""
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    """A number, 0 where there is none."""
    return Column(name, kind, nullable=False, server_default="0")


SUBSCRIBER = Table(
    "subscriber",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    # What `core.address.salted_hash` makes of the address: suppressions are found by it, and
    # addresses that are equal under case folding.
    Column("hash", LargeBinary, nullable=False),
    _words("name"),
    _words("language"),
    _words("topics"),  # keys of themes, a line each
    Column("state", Text, nullable=False),
    Column("since", Double, nullable=False),
    _number("quiet_until", Double()),  # 0 for no pause
    Index("subscriber_hash", "hash"),
    sqlite_autoincrement=True,  # an id is never given again: deliveries outlive their subscriber
)

SUBSCRIPTION = Table(
    "subscription",
    METADATA,
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("newsletter", Text, primary_key=True),
    Column("state", Text, nullable=False),  # wanted, or asked: not confirmed yet
    CheckConstraint("state IN ('wanted', 'asked')", name="subscription_state"),
    sqlite_with_rowid=False,
)

CONSENT = Table(
    "consent",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    Column("at", Double, nullable=False),
    Column("action", Text, nullable=False),
    Column("how", Text, nullable=False),
    _words("text"),
    _words("detail"),
    _words("origin"),
    Index("consent_subscriber", "subscriber"),
)

SUPPRESSION = Table(
    "suppression",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    _words("address"),  # "" once its owner was erased
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
    _words("detail"),
    Index("suppression_at", "at", "hash"),
    sqlite_with_rowid=False,
)

BOUNCE = Table(
    "bounce",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    _number("subscriber", _BIG),
    _number("mailing", _BIG),
    Column("at", Double, nullable=False),
    Column("kind", Text, nullable=False),
    _number("code", Integer()),
    _words("status"),
    _words("said"),
    Column("source", Text, nullable=False),
    Index("bounce_subscriber", "subscriber"),
)

MAILING = Table(
    "mailing",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("issue", Text, nullable=False, unique=True),
    Column("newsletter", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    _words("reason"),
    Column("created", Double, nullable=False),
    Column("begins", Double, nullable=False),
    Column("since", Double, nullable=False),
    _number("steps", _BIG),
    _number("recipients", Integer()),  # how many rows it has, for good
    _number("late_until", Double()),  # 0 for nobody's word
    _number("outbox", Integer()),  # 1 where it goes into a folder only
    sqlite_autoincrement=True,
)

WORKER = Table(
    "worker",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("name", Text, nullable=False),
    Column("boot", Text, nullable=False),
    sqlite_autoincrement=True,
)

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("id", _BIG, primary_key=True),
    # No foreign keys: a mailing comes and goes with its rows, a subscriber may be erased alone, and
    # checking each of a million rows would take longer than writing them.
    Column("mailing", _BIG, nullable=False),
    Column("subscriber", _BIG, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    # Who claimed it: NULL for nobody.
    Column("worker", _BIG),
    # From when on it may be claimed: 0 at once, NULL for one that is claimed or final.
    Column("due", Double, server_default="0"),
    _number("attempts", Integer()),
    _number("first", Double()),
    Column("at", Double),
    _number("code", Integer()),
    _words("status"),
    _words("said"),
    UniqueConstraint("subscriber", "mailing", name="delivery_once"),
    Index("delivery_mailing", "mailing", "id"),
    sqlite_autoincrement=True,
)


def _partial(name: str, where: str, *columns: str) -> Index:
    """An index over the few rows for which `where` holds."""
    return Index(
        name,
        *(DELIVERY.c[column] for column in columns),
        sqlite_where=text(where),
        postgresql_where=text(where),
    )


ODD = "worker IS NULL AND due IS NULL AND state <> 'sent'"
"""Final, and not sent. Queries say it in these words, or SQLite does not see which index fits; and
the words are these since each change of a row asks them: a list of states takes twice as long."""
SENT = "state = 'sent'"

_partial("delivery_waiting", "due IS NOT NULL", "mailing", "due", "id")
_partial("delivery_held", "worker IS NOT NULL", "worker", "mailing")
_partial("delivery_odd", ODD, "mailing", "state")
_partial("delivery_sent", SENT, "at")

RUN = Table(
    "run",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("slot", Text, nullable=False),
    _words("subject"),
    _words("place"),
    Column("origin", Text, nullable=False),
    Column("due", Double, nullable=False),
    Column("state", Text, nullable=False),
    _words("reason"),
    _words("progress"),
    Column("asked", Text, nullable=False, server_default="{}"),  # JSON, and so is `found`
    Column("found", Text, nullable=False, server_default="{}"),
    Column("created", Double, nullable=False),
    Column("began", Double),
    Column("ended", Double),
    _number("tries", Integer()),
    Column("told", Double),
    UniqueConstraint("flow", "slot", name="run_once"),
    sqlite_autoincrement=True,  # a run that was forgotten is never taken for another
)

OPEN_RUNS = "state IN ('queued', 'running')"
UNTOLD_RUNS = "state IN ('failed', 'missed') AND told IS NULL"
CLOCK_RUNS = "origin = 'clock'"
_CLOCK_COLUMNS = (RUN.c.flow, RUN.c.subject, RUN.c.due)
for _name, _where, _columns in (
    ("run_open", OPEN_RUNS, (RUN.c.id,)),
    ("run_untold", UNTOLD_RUNS, (RUN.c.id,)),
    ("run_clock", CLOCK_RUNS, _CLOCK_COLUMNS),
):
    Index(_name, *_columns, sqlite_where=text(_where), postgresql_where=text(_where))

NOTICE = Table(
    "notice",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("kind", Text, nullable=False),
    _number("subscriber", _BIG),
    _words("address"),  # "" once it is sent or failed
    Column("hash", LargeBinary, nullable=False),  # of the address, as a subscriber's
    _words("language"),
    _words("newsletters"),  # keys, a line each
    _words("text"),
    Column("created", Double, nullable=False),
    Column("due", Double, nullable=False),
    _number("tries", Integer()),
    Column("state", Text, nullable=False),
    _words("said"),
    Index("notice_hash", "hash", "created"),
    Index("notice_subscriber", "subscriber"),
    sqlite_autoincrement=True,
)

WAITING_NOTICES = "state = 'waiting'"
Index(
    "notice_waiting",
    NOTICE.c.due,
    sqlite_where=text(WAITING_NOTICES),
    postgresql_where=text(WAITING_NOTICES),
)

TOKEN = Table(
    "access_token",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    _words("scopes"),  # a line each
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
    Column("used", Double),
    sqlite_autoincrement=True,
)

GOOD_TOKENS = "revoked IS NULL"
Index(
    "access_token_name",
    TOKEN.c.name,
    unique=True,
    sqlite_where=text(GOOD_TOKENS),
    postgresql_where=text(GOOD_TOKENS),
)

SETTING = Table(
    "setting",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

BOOT = Table(
    "boot",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token", Text, nullable=False),
)
"""One row, whose token says since when the server lost nothing: see `workers_postgresql`."""

UNLOGGED = "ALTER TABLE boot SET UNLOGGED"

_unlogged = DDL(UNLOGGED).execute_if(dialect="postgresql")  # type: ignore[no-untyped-call]  # has no types
event.listen(BOOT, "after_create", _unlogged)
