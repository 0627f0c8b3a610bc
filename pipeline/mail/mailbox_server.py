"""The mailbox of bounces, as `ENEWS_BOUNCES_URL` says it. No message repeats a password.

::

    imaps://user:password@host:993/INBOX          TLS from the first byte (RFC 8314)
    imap+starttls://user:password@host:143/INBOX  TLS, or not even the password is said
    pop3s://user:password@host:995                the same for POP3
    pop3+starttls://user:password@host:110
    imap:// and pop3://                           in clear: to this machine only

`?handled=FOLDER` (IMAP) moves what was handled there instead of deleting it; `?ca=FILE` trusts the
certificates of a file instead of the system's.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pipeline.errors import ConfigError, MailTemporaryError
from pipeline.mail.parts import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ssl import SSLContext

EXPECTED = "expected imaps://user:password@host/INBOX or pop3s://user:password@host"
ESCAPES = (
    "'@', ':', '/', '?', '#' and '%' in a user or a password are written %40 %3A %2F %3F %23 %25"
)
PORTS = {
    "imap": 143,
    "imap+starttls": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3+starttls": 110,
    "pop3s": 995,
}
OPTIONS = ("ca", "handled")
SECONDS = 30.0
"""How long a server may say nothing."""

WORDS_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxServer:
    """Where the mailbox is; `scheme` is one of PORTS, `folder` and `handled` are IMAP's."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    handled: str = ""
    authorities: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def protocol(self) -> str:
        """`imap` or `pop3`."""
        return self.scheme[:4]

    @property
    def upgrades(self) -> bool:
        """True where TLS begins with a command."""
        return self.scheme.endswith("+starttls")

    def trust(self) -> SSLContext:
        """Whose certificates are believed; a server's name has to be in its own."""
        import ssl

        return ssl.create_default_context(cafile=self.authorities or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How many messages were handled, could not be read and stay, and wait for the next time."""

    handled: int = 0
    left: int = 0
    waiting: int = 0


class Mailbox(Protocol):
    """A mailbox on a server."""

    def poll(self, handle: Callable[[bytes], object], most: int) -> Polled:
        """Hand over up to `most` messages, the oldest first; one is deleted when it was handled.

        What `handle` raises ends the poll, and its message stays. Raises MailError.
        """
        ...


def parse_mailbox_url(url: str) -> MailboxServer:
    """What a URL stands for. Raises ConfigError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        # Its own words hold a part of the URL.
        raise ConfigError(f"ENEWS_BOUNCES_URL: cannot be read: {EXPECTED}; {ESCAPES}") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not host or port == 0 or parts.fragment:
        raise ConfigError(f"ENEWS_BOUNCES_URL: {EXPECTED}; {ESCAPES}")
    user, password = _login(parts)
    if scheme in {"imap", "pop3"} and not _is_loopback(host):
        raise ConfigError(
            f"ENEWS_BOUNCES_URL: {scheme}:// would send the password to {host} in clear: "
            f"use {scheme}s:// or {scheme}+starttls://"
        )
    options = _options(parts.query, scheme)
    return MailboxServer(
        scheme=scheme,
        host=host,
        port=port or PORTS[scheme],
        user=user,
        password=password,
        folder=_folder(unquote(parts.path.strip("/")), scheme) or "INBOX",
        handled=_folder(options.get("handled", ""), scheme),
        authorities=options.get("ca", ""),
    )


@contextmanager
def trouble(server: MailboxServer, *kinds: type[Exception]) -> Iterator[None]:
    """Says what went wrong with a server, for people; `kinds` are the protocol's own errors."""
    import ssl

    from pipeline.errors import MailRefusedError

    # What is no number, no ASCII, or a number beyond all bounds, the libraries pass on as it is.
    odd = (ValueError, OverflowError)
    expected: tuple[type[Exception], ...] = (OSError, EOFError, *odd, *kinds)
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        said = f"{server}: its certificate is not right: {error.verify_message}"
        raise MailRefusedError(
            f"{said}. ENEWS_BOUNCES_URL may name a file by ?ca=", str(server)
        ) from error
    except expected as error:
        raise MailTemporaryError(
            f"{server}: {server_words(error, server)}. Nothing is lost: run it again", str(server)
        ) from error


def server_words(error: Exception, server: MailboxServer) -> str:
    """What an error says, on one line, without the password should a server repeat it."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    last = error.args[-1] if error.args else error
    text = last.decode("utf-8", "replace") if isinstance(last, bytes) else str(last)
    said = getattr(error, "strerror", None) or text or "the connection ended"
    hidden = said.replace(server.password, "…") if server.password else said
    return one_line(hidden, WORDS_MOST)


def _login(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password:
        raise ConfigError(
            "ENEWS_BOUNCES_URL: user and password are required, user:password@host; to keep them "
            f"out of the environment, put the URL into a file and name that in "
            f"ENEWS_BOUNCES_URL_FILE; {ESCAPES}"
        )
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in user + password):
        raise ConfigError("ENEWS_BOUNCES_URL: a control character in the user or the password")
    return user, password


def _options(query: str, scheme: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if set(options) - set(OPTIONS):
        raise ConfigError(
            "ENEWS_BOUNCES_URL: an unknown option after '?'; there are handled= (a folder) and "
            f"ca= (a file of certificates); {ESCAPES}"
        )
    if "ca" in options and scheme in {"imap", "pop3"}:
        raise ConfigError(f"ENEWS_BOUNCES_URL: ca= is of no use with {scheme}://, without TLS")
    if "ca" in options and not Path(options["ca"]).is_file():
        raise ConfigError(f"ENEWS_BOUNCES_URL: ca={options['ca']}: there is no such file")
    return options


def _folder(name: str, scheme: str) -> str:
    if name and not scheme.startswith("imap"):
        raise ConfigError("ENEWS_BOUNCES_URL: POP3 has no folders: leave them out, or use imaps://")
    if not (name.isascii() and (name.isprintable() or not name)):
        raise ConfigError(
            "ENEWS_BOUNCES_URL: a folder has to be named in ASCII, as the server does"
        )
    return name


def _is_loopback(host: str) -> bool:
    """Whether a connection stays in this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
