"""A message as bytes (RFC 5322, MIME): the same on every machine, and safe to send as it is.

`multipart/alternative`, the plain text first (RFC 2046 §5.1.4: the best comes last). Nothing here
is read from a clock, a host name or a counter: the date is the issue's, the boundary comes from the
content, and a Message-ID is for each recipient and so for later.
"""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes
from email.header import Header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import TYPE_CHECKING

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.message import RECIPIENT, Message, Parts
from pipeline.errors import IssueError

if TYPE_CHECKING:
    from email.message import Message as AnyMessage

BODY_COLUMNS = 76
"""The longest line of quoted-printable text (RFC 2045 §6.7)."""

ENCODED = "=?"
"""How an encoded word begins (RFC 2047 §2)."""

LINE_BEST = 78
"""Characters that a line of a header should not exceed (RFC 5322 §2.1.1)."""

LINE_MOST = 998
"""The longest line of a message without its CRLF (RFC 5322 §2.1.1)."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD = re.compile(r" *[^ ]+(?: +$)?")
_CUT = b"(?:=\r\n)?"
_TOKENS = re.compile(
    b"|".join(
        _CUT.join(re.escape(letter).encode() for letter in token)
        for token in (UNSUBSCRIBE, PREFERENCES)
    )
)
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


class _Policy(EmailPolicy):
    """Folds at 76 columns, as bodies need, with two exceptions.

    The standard library turns a token longer than the line into an encoded word, which ends
    one-click unsubscribing (RFC 8058): `List-` headers go out on one line. And where it folds
    between two encoded words it loses the space that one of them ends with (Python 3.11): what is
    not ASCII is encoded whole, by the older `Header`.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header as bytes."""
        if name.lower().startswith("list-"):
            return _WIDE.fold_binary(name, value)
        if value.isascii() and len(name) + len(value) + 2 <= LINE_BEST:
            # The library would leave the header's own line empty, which mail filters dislike.
            return f"{name}: {value}\r\n".encode("ascii")
        if value.isascii() and name.lower() == "subject":
            return f"{_folded(name, value)}\r\n".encode("ascii")
        if value.isascii():
            return _NARROW.fold_binary(name, value)
        if isinstance(value, AddressHeader):
            address = value.addresses[0]
            words = _encoded(name, address.display_name)
            return f"{name}: {words}\r\n <{address.addr_spec}>\r\n".encode("ascii")
        return f"{name}: {_encoded(name, value)}\r\n".encode("ascii")


def _folded(name: str, value: str) -> str:
    """A text in lines, each break before a space, which unfolding gives back (RFC 5322 §2.2.3)."""
    lines = [f"{name}:"]
    for word in _WORD.findall(f" {value}"):
        if len(lines[-1]) + len(word) > BODY_COLUMNS and lines != [f"{name}:"]:
            lines.append(word)
        else:
            lines[-1] += word
    return "\r\n".join(lines)


def _encoded(name: str, value: str) -> str:
    """Encoded words of at most 75 characters (RFC 2047 §2), folded."""
    header = Header(value, "utf-8", maxlinelen=BODY_COLUMNS, header_name=name)
    return header.encode(linesep="\r\n")


_NARROW = SMTP.clone(max_line_length=BODY_COLUMNS)
_WIDE = SMTP.clone(max_line_length=LINE_MOST)
POLICY = _Policy(max_line_length=BODY_COLUMNS, linesep="\r\n")


def compose(message: Message) -> bytes:
    """The message's bytes, with CRLF. Raises IssueError for a header that cannot be."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = mailbox_value("sender", message.sender)
    if message.reply_to:
        mail["Reply-To"] = mailbox_value("reply_to", message.reply_to)
    mail["To"] = RECIPIENT
    mail["Subject"] = header_line("subject", message.subject)
    mail["Date"] = format_datetime(message.date)
    mail["List-Id"] = _list_id(message)
    mail["List-Unsubscribe"] = f"<{UNSUBSCRIBE}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = header_line("language", message.lang)
    mail.set_boundary(_boundary(message))
    raw = with_whole_tokens(mail.as_bytes())
    longest = max(map(len, raw.split(b"\r\n")))
    if longest > LINE_MOST:
        raise IssueError(f"a header is too long for a mail: {longest} characters on one line")
    return raw


def with_whole_tokens(raw: bytes) -> bytes:
    """Each token on one line: what sends looks for it in the bytes, where lines are cut.

    A cut moves to before the token, and another stands behind it (RFC 2045 §6.7, rule 5).
    """
    return _TOKENS.sub(_uncut, raw)


def _uncut(match: re.Match[bytes]) -> bytes:
    token = match[0].replace(b"=\r\n", b"")
    if match[0] == token:
        return token
    ends = match.string.startswith(b"\r\n", match.end())
    return b"=\r\n" + token + (b"" if ends else b"=\r\n")


def parts(raw: bytes) -> Parts:
    """Read a released message back. Raises IssueError where it is not one of ours."""
    mail = message_from_bytes(raw, policy=POLICY)
    if not isinstance(mail, EmailMessage):
        raise IssueError("not a message")
    return Parts(
        subject=str(mail.get("Subject", "")),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part: AnyMessage | None = mail.get_body((kind,))
    payload = part.get_payload(decode=True) if part is not None else None
    if not isinstance(payload, bytes):
        raise IssueError(f"the message has no part of the type text/{kind}")
    return payload.decode().replace("\r\n", "\n")


def header_line(name: str, value: str) -> str:
    """`value`, if it can stand in a header: a line break there would begin another header."""
    if _CONTROL.search(value):
        raise IssueError(f"{name}: a line break or a control character cannot stand in a header")
    if ENCODED in value:
        # What follows would be decoded, here or by who reads it (RFC 2047): a line break too.
        raise IssueError(f'{name}: "{ENCODED}" cannot stand in a header: put a space in between')
    if not value.strip():
        raise IssueError(f"{name}: required, nothing there")
    return value


def mailbox_value(name: str, value: str) -> str:
    """Exactly one address, with a name or without."""
    parsed: dict[str, object] = {"defects": []}
    AddressHeader.parse(header_line(name, value), parsed)
    groups = parsed.get("groups")
    addresses = [a for group in groups for a in group.addresses] if isinstance(groups, list) else []
    good = len(addresses) == 1 and addresses[0].domain and addresses[0].addr_spec.isascii()
    if parsed["defects"] or not good:
        raise IssueError(f'{name}: expected "Name <news@example.org>", found "{value}"')
    return value


def _list_id(message: Message) -> str:
    """The list's name, where it needs no encoding, and its id."""
    ident = f"<{header_line('list id', message.list_id)}>"
    title = message.list_title
    plain = _PHRASE.fullmatch(title) and ENCODED not in title
    return f"{title} {ident}" if plain else ident


def _boundary(message: Message) -> str:
    """From the content; '=_' cannot occur in quoted-printable text (RFC 2045 §6.7)."""
    both = f"{message.text}\0{message.html}".encode()
    return f"=_{hashlib.sha256(both).hexdigest()[:32]}"
