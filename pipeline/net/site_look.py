"""One look at the newsroom's own site: who answers there, by which certificate, at what time."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pipeline.net.reaching import URL_SAFE, system_trust, trouble_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 8.0
"""For each step."""

BODY_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLook:
    """`status` is 0 where nobody answered: `trouble` says why, `bad` that waiting is of no use.

    `said` is the beginning of the answer; `told` the time that the server has; `good_until` the
    end of its certificate, None without TLS; `here` is True where this machine itself answers.
    """

    status: int = 0
    said: str = ""
    told: datetime | None = None
    good_until: datetime | None = None
    here: bool = False
    trouble: str = ""
    bad: bool = False


def look_at(
    url: str, *, seconds: float = SECONDS, trust: Callable[[], ssl.SSLContext] = system_trust
) -> SiteLook:
    """Ask for `url` once, without following redirects. Never raises for what the network does."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        numbers = {str(at[0]) for *_, at in socket.getaddrinfo(host, port)}
    except (socket.gaierror, UnicodeError) as error:
        away = getattr(error, "errno", None) == socket.EAI_AGAIN
        why = "no name server answers" if away else f"there is no {host}"
        return SiteLook(trouble=why, bad=not away)
    here = any(map(is_here, numbers))
    connection = (
        HTTPSConnection(host, port, timeout=seconds, context=trust())
        if parts.scheme == "https"
        else HTTPConnection(host, port, timeout=seconds)
    )
    with closing(connection):
        try:
            return _asked(connection, quote(parts.path or "/", safe=URL_SAFE), here=here)
        except (OSError, HTTPException) as error:
            bad = isinstance(error, ssl.SSLCertVerificationError)
            return SiteLook(trouble=trouble_in_words(error), bad=bad, here=here)


def _asked(connection: HTTPConnection, path: str, *, here: bool) -> SiteLook:
    connection.connect()
    good_until = _good_until(connection.sock)
    connection.request("GET", path, headers={"User-Agent": "enews doctor", "Accept": "*/*"})
    answer = connection.getresponse()
    return SiteLook(
        status=answer.status,
        said=answer.read(BODY_MOST).decode("utf-8", "replace"),
        told=_moment(answer.headers.get("Date", "")),
        good_until=good_until,
        here=here,
    )


def _good_until(stream: Any) -> datetime | None:  # a socket, as the library types it
    if not isinstance(stream, ssl.SSLSocket):
        return None
    end = (stream.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(end)), UTC) if end else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_here(number: str) -> bool:
    """True for a number of this machine: one can be bound to no other."""
    family = socket.AF_INET6 if ":" in number else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((number, 0))
    except OSError:
        return False
    return True
