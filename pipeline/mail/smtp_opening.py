"""A connection to a mail server, up to where mails can be sent; by aiosmtplib.

::

    connect ─▶ greeting ─▶ EHLO ─▶ STARTTLS ─▶ EHLO ─▶ AUTH ─▶ an open line

What goes wrong is one of two things: MailTemporaryError, to try again later, and MailRefusedError,
which waiting does not mend: the login, the certificate, the protocol.
"""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ECONNRESET
from os import strerror
from typing import TYPE_CHECKING, Protocol, cast

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)

from pipeline.errors import ConfigError, MailLoginError, MailRefusedError, MailTemporaryError
from pipeline.mail.envelope import Offers, offers
from pipeline.mail.reaching import reach
from pipeline.mail.server_url import Security
from pipeline.mail.smtp_replies import cleaned

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from pipeline.errors import MailError
    from pipeline.mail.server_url import MailServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An open connection that waits for MAIL FROM, and what the server offered on it."""

    transport: asyncio.Transport
    offered: Offers


class Opening(Protocol):
    """How connections are made."""

    async def __call__(self, timeout: float) -> Line:
        """Another connection; `timeout` is in seconds for each step. Raises MailError."""
        ...


def trust(server: MailServer) -> ssl.SSLContext | None:
    """Whose certificates are believed; None where there is no TLS. Raises ConfigError."""
    if server.security is Security.NONE:
        return None
    try:
        return ssl.create_default_context(cafile=server.authorities or None)
    except (OSError, ssl.SSLError) as error:
        why = (
            getattr(error, "reason", None)
            or getattr(error, "strerror", None)
            or "not a certificate"
        )
        raise ConfigError(f"ENEWS_SMTP_URL: ca={server.authorities}: {why}") from error


async def open_line(server: MailServer, context: ssl.SSLContext | None, timeout: float) -> Line:
    """A connection, greeted, encrypted and logged in as the server's URL asks.

    `timeout` is in seconds for each step. Raises MailTemporaryError and MailRefusedError.
    """
    with _told(server):
        reached = await reach(server.host, server.port, timeout)
    smtp = SMTP(
        hostname=server.host,
        sock=reached,
        local_hostname=server.greeting or "localhost",  # put right before it is said
        timeout=timeout,
        use_tls=server.security is Security.TLS,
        start_tls=False,
        tls_context=context,
    )
    try:
        with _told(server):
            await smtp.connect()
            smtp.local_hostname = server.greeting or _own_name(smtp)
            await _greet(smtp, server)
            if server.security is Security.STARTTLS:
                await _upgrade(smtp, server)
            if server.user:
                await _log_in(smtp, server)
            return Line(transport=_transport(smtp), offered=offers(smtp.esmtp_extensions))
    except BaseException:
        transport = smtp.transport
        smtp.close()
        if transport is not None:
            # With TLS, to close politely takes until the server answers.
            cast("asyncio.Transport", transport).abort()
        else:
            reached.close()
        raise


def _transport(smtp: SMTP) -> asyncio.Transport:
    """The open connection, out of the library's hands."""
    if smtp.transport is None or not smtp.is_connected:
        raise ConnectionError(ECONNRESET, "it hung up")
    # uvloop's is one in all but its type.
    return cast("asyncio.Transport", smtp.transport)


def _own_name(smtp: SMTP) -> str:
    """What to call oneself (RFC 5321 §4.1.4): the full name, or else the address in brackets.

    No name server is asked: that may take half a minute.
    """
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    address = smtp.get_transport_info("sockname")[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


async def _greet(smtp: SMTP, server: MailServer) -> None:
    """EHLO; HELO for a server that has not heard of it, where no more is needed of it."""
    try:
        await smtp.ehlo()
    except SMTPHeloError as error:
        if error.code < 500 or server.user or server.security is Security.STARTTLS:
            raise
        await smtp.helo()


async def _upgrade(smtp: SMTP, server: MailServer) -> None:
    """TLS, or nothing: where the offer is missing, somebody between may have taken it out."""
    if not smtp.supports_extension("starttls"):
        raise MailRefusedError(
            f"{server} offers no STARTTLS, so that nothing was sent: if it never does, use "
            "smtps:// or smtp://; if it did before, somebody listens between it and here",
            str(server),
        )
    await smtp.starttls()
    await smtp.ehlo()


async def _log_in(smtp: SMTP, server: MailServer) -> None:
    if not smtp.supported_auth_methods:
        raise MailRefusedError(
            f"{server} offers no login that is known here (PLAIN, LOGIN or CRAM-MD5): "
            "if it needs none, take the user out of ENEWS_SMTP_URL",
            str(server),
        )
    await smtp.login(server.user, server.password)


@contextmanager
def _told(server: MailServer) -> Iterator[None]:
    """Errors of the library and of the network as ours."""
    try:
        yield
    except SMTPResponseException as error:
        # Not chained: its words may hold the login.
        raise _said(server, error) from None
    except (SMTPException, OSError, ValueError) as error:
        raise _trouble(server, error) from error


def _said(server: MailServer, error: SMTPResponseException) -> MailError:
    """The server answered, and not as it should."""
    said = _without_secrets(error.message, server).encode(errors="replace")
    words = f"{error.code} {cleaned(said)}".strip()
    if 400 <= error.code < 500:
        return MailTemporaryError(f"{server} takes no mail now: {words}", str(server))
    if isinstance(error, SMTPAuthenticationError):
        return MailLoginError(
            f"{server} refused the login: {words}; look at user and password in ENEWS_SMTP_URL",
            str(server),
        )
    if error.code < 400:
        return MailRefusedError(
            f"{server} does not answer as a mail server does; look at host and port in "
            "ENEWS_SMTP_URL",
            str(server),
        )
    return MailRefusedError(f"{server} refused: {words}", str(server))


def _without_secrets(text: str, server: MailServer) -> str:
    """A server's words without the login, should it repeat it, as it is or as AUTH sends it.

    They go to terminals, journals and operators' mails.
    """
    if not server.password:
        return text
    both = f"\0{server.user}\0{server.password}"
    sent = [b64encode(part.encode()).decode().rstrip("=") for part in (both, server.password)]
    for secret in (server.password, *sent):
        text = text.replace(secret, "…")
    return text


def _trouble(server: MailServer, error: Exception) -> MailError:
    """There was no answer; the library wraps what happened, sometimes more than once."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = f"its certificate is not to be trusted: {cause.verify_message}"
            return MailRefusedError(f"{server}: {why}; nothing was sent", str(server))
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            why = f"no TLS there ({cause.reason or 'broken off'})"
            hint = "smtps:// is for port 465, smtp+starttls:// for 587"
            return MailRefusedError(f"{server}: {why}; {hint}", str(server))
        if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
            return MailRefusedError(f"{server}: there is no host of this name", str(server))
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return MailTemporaryError(f"{server} did not answer in time", str(server))
    words = next(filter(None, map(_words, causes)), "the connection ended")
    return MailTemporaryError(f"{server} cannot be reached: {words}", str(server))


def _words(cause: BaseException) -> str:
    """The system's own words for an error; asyncio puts others there."""
    if not isinstance(cause, OSError) or not cause.errno:
        return ""
    return (cause.strerror or "") if isinstance(cause, socket.gaierror) else strerror(cause.errno)
