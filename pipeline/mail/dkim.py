"""DKIM signatures (RFC 6376), by RSA and by Ed25519 (RFC 8463), for many copies of one message.

`relaxed/relaxed`, SHA-256, the whole body (never `l=`). The body is brought into its canonical form
once, and hashed up to the first gap once; a copy costs the hash of the rest and the signature. The
date of the signature (`t=`) is left out: the message has its own, and the same copy is the same
bytes whenever it is made.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from pipeline.mail.slots import Slot, Slotted, before_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.mail.dkim_keys import DkimKey

OVERSIGNED = ("from", "reply-to", "to", "cc", "subject", "date", "message-id")
"""Signed once more than they are there: nobody may add another (RFC 6376 §8.15)."""

SIGNED = (
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
    "auto-submitted",
    "mime-version",
    "content-type",
    "content-language",
)
"""Signed where they are there; RFC 8058 §4 asks for both fields of one-click unsubscribing."""

COLUMNS = 72
_SPACE = re.compile(rb"[ \t]+")
_SPACE_AT_END = re.compile(rb"[ \t]+(?=\r\n|\Z)")


def relaxed_field(field: bytes) -> bytes:
    """A header field in its canonical form (RFC 6376 §3.4.2), with its CRLF."""
    name, _, value = field.partition(b":")
    flat = _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.rstrip(b" \t").lower() + b":" + flat + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """A body in its canonical form (RFC 6376 §3.4.4)."""
    lines = _SPACE.sub(b" ", _SPACE_AT_END.sub(b"", body)).rstrip(b"\r\n")
    return lines + b"\r\n" if lines else b""


class Seal:
    """Signs the copies of one version of an issue, by one key or several, for one domain.

    `fields` are the header fields by name in lower case, each with its CRLF, and `body` what
    follows them, both with marks for what differs from copy to copy.
    """

    def __init__(
        self, keys: Sequence[DkimKey], domain: str, fields: Mapping[str, bytes], body: bytes
    ) -> None:
        start, rest = before_gaps(relaxed_body(body))
        self._begun = hashlib.sha256(start)
        self._rest = Slotted(rest)
        there = [name for name in (*OVERSIGNED, *SIGNED) if name in fields]
        head = b"".join(map(_canonical, [fields[name] for name in there]))
        names = [*there, *OVERSIGNED]
        self._lines = [_Line(key, domain, names, head) for key in keys]

    @property
    def slow(self) -> bool:
        """True where a signature takes longer than all else of a copy."""
        return any(line.key.algorithm == "rsa-sha256" for line in self._lines)

    def body_hash(self, values: Sequence[bytes]) -> bytes:
        """What goes into BODY_HASH for the copy with these values."""
        state = self._begun.copy()
        for piece in self._rest.pieces(values):
            state.update(piece)
        return b64encode(state.digest())

    def fields(self, values: Sequence[bytes]) -> bytes:
        """The fields `DKIM-Signature` of the copy with these values, BODY_HASH among them."""
        return b"".join([line.signed(values) for line in self._lines])


class _Line:
    """The field of one key."""

    def __init__(self, key: DkimKey, domain: str, names: Sequence[str], head: bytes) -> None:
        text = (
            f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed; d={domain};\r\n"
            f" s={key.selector};\r\n h={_folded(names)};\r\n bh="
        )
        field = text.encode("ascii") + Slot.BODY_HASH.mark + b";\r\n b="
        self._field = Slotted(field)
        # The field itself is signed too, last, with an empty b= and without its CRLF (§3.7).
        self._signed = Slotted(head + relaxed_field(field).removesuffix(b"\r\n"))
        self.key = key

    def signed(self, values: Sequence[bytes]) -> bytes:
        signature = b64encode(self.key.sign(self._signed.filled(values)))
        return self._field.filled(values) + _in_lines(signature) + b"\r\n"


def _canonical(field: bytes) -> bytes:
    """The field's canonical form; that of a field which is a gap fills a gap of its own."""
    return Slot.TO_CANONICAL.mark if field == Slot.TO.mark else relaxed_field(field)


def _folded(names: Sequence[str]) -> str:
    """Names joined by colons, in lines; white space around a colon means nothing (§3.5)."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) >= COLUMNS:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n ".join(lines).removesuffix(":")


def _in_lines(signature: bytes) -> bytes:
    """Base64 in lines, as short as mail asks for; the first one has `b=` before it."""
    lines = [signature[at : at + COLUMNS] for at in range(0, len(signature), COLUMNS)]
    return b"\r\n ".join(lines)
