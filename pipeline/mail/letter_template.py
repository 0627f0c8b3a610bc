"""A released message as a template: its fields and its body, with marks for what differs.

What a reader sees stays as it was released, byte for byte: From, Reply-To, Subject, the list's
name, the types, both texts. New are the fields that only a mail on its way has, and the links.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from typing import TYPE_CHECKING

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.errors import MailingError
from pipeline.mail.message import BODY_COLUMNS, with_whole_tokens
from pipeline.mail.slots import NUL, Slot

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_ROOM = 40
"""Characters that are kept free for a token on its line; the longest has 38."""

NEEDED = ("from", "subject", "date")
_FIELD_END = re.compile(rb"(?<=\r\n)(?![ \t])")
_URLS = re.compile(
    b"(?P<cut>^|=\r\n)?(?P<url>%b|%b)(?P<end>\r\n|=\r\n|)"
    % (re.escape(UNSUBSCRIBE.encode()), re.escape(PREFERENCES.encode())),
    re.MULTILINE,
)
_UNIT = re.compile("=..|[^=]")


def fields_and_body(raw: bytes, issue: str) -> tuple[dict[str, bytes], bytes]:
    """The header fields by name in lower case, each with its CRLF, and the body, tokens whole.

    Raises MailingError for what is not a message of ours.
    """
    head, _, body = raw.partition(b"\r\n\r\n")
    fields: dict[str, bytes] = {}
    for field in _FIELD_END.split(head + b"\r\n"):
        name = field.partition(b":")[0].decode("latin-1").strip().lower()
        if name in fields:
            raise _not_ours(issue, f"has {name} twice")
        if field:
            fields[name] = field
    missing = [name for name in NEEDED if name not in fields]
    if missing:
        raise _not_ours(issue, f"has no {missing[0]}")
    bare = raw.replace(b"\r\n", b"")
    if NUL in raw or b"\r" in bare or b"\n" in bare:
        raise _not_ours(issue, "holds a character that no mail can")
    encodings = {
        str(part.get("Content-Transfer-Encoding", "")).lower()
        for part in message_from_bytes(raw).walk()
        if not part.is_multipart()
    }
    if encodings != {"quoted-printable"}:
        raise _not_ours(issue, "has a part that is not quoted-printable")
    body = with_whole_tokens(body)
    return fields, body if body.endswith(b"\r\n") else body + b"\r\n"


def sender_of(raw: bytes, issue: str) -> tuple[str, str]:
    """Local part and domain of the one address in From. Raises MailingError."""
    field = message_from_bytes(raw, policy=policy.SMTP)["From"]
    if not isinstance(field, AddressHeader) or len(field.addresses) != 1:
        raise _not_ours(issue, "has not one sender")
    address = field.addresses[0]
    if not address.username or not address.domain or not address.addr_spec.isascii():
        raise _not_ours(issue, "has a sender that is no address in ASCII")
    return address.addr_spec.rpartition("@")[0], address.domain.lower()


def body_with_marks(body: bytes, urls: Mapping[Slot, str]) -> bytes:
    """The body with each token's URL, which ends in a mark, in place of what stands for it.

    Lines stay at most 76 long (RFC 2045 §6.7): a URL stands on lines of its own, between soft line
    breaks where the text goes on, and breaks itself where it must. `urls` are what comes before the
    marks of UNSUBSCRIBE and PREFERENCES.
    """
    lines = {
        UNSUBSCRIBE.encode(): _url_lines(urls[Slot.UNSUBSCRIBE], Slot.UNSUBSCRIBE),
        PREFERENCES.encode(): _url_lines(urls[Slot.PREFERENCES], Slot.PREFERENCES),
    }

    def replaced(found: re.Match[bytes]) -> bytes:
        before = b"=\r\n" if found["cut"] is None else found["cut"]
        return before + lines[found["url"]] + (found["end"] or b"=\r\n")

    return _URLS.sub(replaced, body)


def stuffed(text: bytes) -> bytes:
    """With a second dot where a line begins with one (RFC 5321 §4.5.2)."""
    lines = text.replace(b"\r\n.", b"\r\n..")
    return b"." + lines if lines.startswith(b".") else lines


def _url_lines(url: str, slot: Slot) -> bytes:
    """A URL in quoted-printable and its mark, in lines that end with soft line breaks."""
    encoded = "".join(c if "!" <= c <= "~" and c != "=" else _escaped(c) for c in url)
    lines = [""]
    for unit in _UNIT.findall(encoded):
        if len(lines[-1]) + len(unit) > BODY_COLUMNS - 1:
            lines.append("")
        lines[-1] += unit
    if len(lines[-1]) > BODY_COLUMNS - 1 - TOKEN_ROOM:
        lines.append("")
    return "=\r\n".join(lines).encode("ascii") + slot.mark


def _escaped(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())


def _not_ours(issue: str, why: str) -> MailingError:
    return MailingError(
        f"the message of {issue} {why}: it is not as 'enews issue release' wrote it, "
        "and is not sent"
    )
