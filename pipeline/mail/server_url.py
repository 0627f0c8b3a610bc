"""Where mails go to, as `ENEWS_SMTP_URL` says it. No message repeats a password.

::

    smtp+starttls://user:password@host:587    STARTTLS, or nothing is sent at all
    smtps://user:password@host:465            TLS from the first byte (RFC 8314 §3.3)
    smtp://host:25                            in clear; with a password only to this machine
    outbox:  outbox:folder                    files; see `mail.outbox`
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pipeline.errors import ConfigError

EXPECTED = (
    "expected smtp+starttls://user:password@host:587, smtps://user:password@host:465, "
    "smtp://host:25 or outbox:"
)
ESCAPES = (
    "'@', ':', '/', '?', '#' and '%' in a user or a password are written %40 %3A %2F %3F %23 %25"
)
OPTIONS = {"ca": "a file of certificates", "name": "how to greet the server"}


class Security(StrEnum):
    """How a connection is protected; the value is the URL's scheme."""

    NONE = "smtp"  # in clear
    STARTTLS = "smtp+starttls"  # begins in clear; nothing but the upgrade is said before TLS
    TLS = "smtps"  # TLS from the first byte


PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server that takes mail: a relay, or the machine's own.

    `authorities` is a file of certificates that are trusted instead of the system's, "" for those;
    `greeting` is the name for EHLO, "" for this machine's own.
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    authorities: str = ""
    greeting: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFolder:
    """Letters become files there; "" is the newsroom's own folder for it."""

    path: str = ""


def parse_server_url(url: str) -> MailServer | OutboxFolder:
    """What a URL stands for. Raises ConfigError."""
    scheme, colon, rest = url.partition(":")
    if colon and scheme.lower() == "outbox":
        return OutboxFolder(path=rest)
    if not colon or scheme.lower() not in set(Security):
        # What stands before the colon may be anything, a password too: it is not repeated.
        raise ConfigError(f"ENEWS_SMTP_URL: {EXPECTED}")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        # Its own words hold a part of the URL.
        raise ConfigError(f"ENEWS_SMTP_URL: host or port cannot be read; {ESCAPES}") from None
    if not host or parts.path.strip("/") or parts.fragment or port == 0:
        raise ConfigError(f"ENEWS_SMTP_URL: {EXPECTED}; {ESCAPES}")
    security = Security(parts.scheme.lower())
    user, password = _login(parts, host, security)
    options = _options(parts.query)
    return MailServer(
        host=host,
        port=port or PORTS[security],
        security=security,
        user=user,
        password=password,
        authorities=_authorities(options, security),
        greeting=_greeting(options),
    )


def _login(parts: SplitResult, host: str, security: Security) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user and not password:
        return "", ""
    if not user or not password:
        raise ConfigError(
            "ENEWS_SMTP_URL: user and password go together, user:password@host; to keep them out "
            f"of the environment, put the URL into a file and name that in ENEWS_SMTP_URL_FILE; "
            f"{ESCAPES}"
        )
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in user + password):
        raise ConfigError("ENEWS_SMTP_URL: a control character in the user or the password")
    if security is Security.NONE and not _is_loopback(host):
        raise ConfigError(
            f"ENEWS_SMTP_URL: smtp:// would send the password to {host} in clear: "
            "use smtp+starttls:// or smtps://"
        )
    return user, password


def _is_loopback(host: str) -> bool:
    """Whether a connection stays in this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name not in OPTIONS:
            known = ", ".join(f"{key}= ({meaning})" for key, meaning in OPTIONS.items())
            raise ConfigError(
                f"ENEWS_SMTP_URL: an unknown option after '?'; there are {known}; {ESCAPES}"
            )
    return options


def _authorities(options: dict[str, str], security: Security) -> str:
    """The file of certificates, if it is one and of any use."""
    path = options.get("ca", "")
    if not path:
        return ""
    if security is Security.NONE:
        raise ConfigError("ENEWS_SMTP_URL: ca= is of no use with smtp://, which has no TLS")
    if not Path(path).is_file():
        raise ConfigError(f"ENEWS_SMTP_URL: ca={path}: there is no such file")
    return path


def _greeting(options: dict[str, str]) -> str:
    """The name for EHLO: a domain, or an address in brackets (RFC 5321 §4.1.1.1)."""
    name = options.get("name", "")
    if name and not (name.isascii() and name.isprintable() and " " not in name):
        raise ConfigError("ENEWS_SMTP_URL: name= has to be a host's name, such as mail.example.org")
    return name
