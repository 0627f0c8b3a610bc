"""`[sending]` of `content/newsroom.toml`, typed; within what mail servers expect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.content.schema import shown
from pipeline.core.sending import HOURS_LATE, RETRY_HOURS, RETRY_MINUTES, Sending

if TYPE_CHECKING:
    from pipeline.content.schema import Fields

RETRIES_MOST = 50
RETRY_MINUTES_LEAST, RETRY_MINUTES_MOST = 0.1, 1440.0
RETURN_PATH = re.compile(
    r"[A-Za-z0-9._-]{1,30}@(?=.{4,200}$)"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
"""`+` and a token of up to 29 characters make its local part 60 long; 64 are allowed (RFC 5321)."""


def read_sending(fields: Fields | None) -> Sending:
    """How the newsroom sends; notes what is wrong."""
    if fields is None:
        return Sending()
    usual = Sending()
    sending = Sending(
        connections=fields.integer("connections", usual.connections, most=100),
        per_second=fields.number("per_second", usual.per_second, least=0, most=100_000),
        per_hour=fields.integer("per_hour", usual.per_hour, least=0, most=100_000_000),
        per_domain_per_minute=fields.integer(
            "per_domain_per_minute", usual.per_domain_per_minute, least=0, most=1_000_000
        ),
        warm_up=fields.integer("warm_up", usual.warm_up, least=0, most=10_000_000),
        retry_minutes=_retry_minutes(fields),
        retry_hours=fields.number("retry_hours", RETRY_HOURS, least=1, most=240),
        late_hours=fields.number("late_hours", HOURS_LATE, least=1, most=8760),
        return_path=fields.parsed("return_path", return_path) or "",
    )
    fields.finish()
    return sending


def _retry_minutes(fields: Fields) -> tuple[float, ...]:
    """The waits between tries, none shorter than the one before it."""
    value = fields.take("retry_minutes")
    if value is None:
        return RETRY_MINUTES
    given = value if isinstance(value, list) else [value]
    minutes = [
        float(each)
        for each in given
        if isinstance(each, int | float)
        and not isinstance(each, bool)
        and RETRY_MINUTES_LEAST <= each <= RETRY_MINUTES_MOST
    ]
    if len(minutes) != len(given) or not 1 <= len(minutes) <= RETRIES_MOST:
        expected = f"1 to {RETRIES_MOST} numbers of minutes, each from 0.1 to 1440, such as [5, 30]"
        fields.wrong("retry_minutes", f"expected {expected}", shown(value))
        return RETRY_MINUTES
    if minutes != sorted(minutes):
        expected = "expected each wait at least as long as the one before it"
        fields.wrong("retry_minutes", expected, ", ".join(f"{each:g}" for each in minutes)[:60])
    return tuple(minutes)


def return_path(text: str) -> str:
    """An address to which `+` and a token can be added, in ASCII. Raises ValueError."""
    local = text.partition("@")[0]
    if not RETURN_PATH.fullmatch(text) or local.strip(".") != local or ".." in local:
        raise ValueError(
            "an address such as bounces@news.example.org: letters, digits, '.', '_' and '-', "
            "at most 30 before the @; a domain in other letters as xn--…"
        )
    local, _, domain = text.partition("@")
    return f"{local}@{domain.lower()}"
