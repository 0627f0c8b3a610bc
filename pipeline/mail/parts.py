"""A message from anybody, taken apart within bounds: its headers, and its parts as texts.

The standard library takes it apart, told that enclosed messages are mere text: nothing in them is
looked for but headers, and what nests a thousand deep is not followed. Whatever the bytes are,
nothing here raises: what cannot be read is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

READ_MOST = 262_144
"""Bytes of a message that are looked at: a report says its own before it returns what was sent."""

BOUNDARIES_MOST = 20
"""Boundaries that a message may have; the library compares each line with all that are open."""

PARTS_MOST = 40
TEXT_MOST = 65_536
"""Characters of a part that are looked at."""

PARAMETERS_MOST = 100
"""Parameters that a header may have; the library takes quadratic time for an open quote."""

HEADERS_MOST = 400
VALUE_MOST = 4_000
"""Characters of a header that are looked at."""

ENCLOSED = "text/enclosed."
"""Instead of `message/`: `text/enclosed.delivery-status`."""

CHARSETS = (
    "iso-8859-",
    "windows-125",
    "cp125",
    "koi8-",
    "gb",
    "big5",
    "euc-",
    "iso-2022-",
    "shift",
)
"""How those begin that a text is decoded by, if it is not UTF-8; some others take hours."""

_BOUNDARY = re.compile(rb"boundary[*0-9]*\s*=", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Headers:
    """Headers by their names in lower case; unfolded, not decoded (RFC 2047)."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """The first of that name, or ""."""
        found = self.values.get(name, ())
        return found[0] if found else ""

    def all(self, *names: str) -> tuple[str, ...]:
        """All of these names, in the order of the names."""
        return tuple(value for name in names for value in self.values.get(name, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that holds no others: its type (`text/plain`, `text/enclosed.rfc822`) and text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message; `report` is the type of report that it says it is (RFC 6522), "" for none."""

    headers: Headers
    report: str = ""
    parts: tuple[Part, ...] = ()

    def text_of(self, *kinds: str) -> str:
        """The text of the first part of one of these types, or ""."""
        return next((part.text for part in self.parts if part.kind in kinds), "")


class _Shallow(Message):
    """To which an enclosed message is text, so that the parser does not go into it.

    All that the library does with a header, it asks for here: one with too many parameters has
    none.
    """

    def get(self, name: str, failobj: Any = None) -> Any:
        """The first header of that name, as text; `failobj` where there is none."""
        value = super().get(name, failobj)
        if value is None or value is failobj:
            return value
        text = str(value)
        return text if text.count(";") <= PARAMETERS_MOST else text.partition(";")[0]

    def get_content_type(self) -> str:
        """The type in lower case; `text/enclosed.…` for `message/…`."""
        kind = super().get_content_type()
        return kind.replace("message/", ENCLOSED, 1) if kind.startswith("message/") else kind


def take_apart(raw: bytes) -> Mail:
    """Headers and parts of a message, as far as READ_MOST and the other bounds reach."""
    raw = raw[:READ_MOST]
    try:
        if len(_BOUNDARY.findall(raw)) > BOUNDARIES_MOST:
            return Mail(headers=_headers(BytesHeaderParser(_Shallow).parsebytes(raw)))
        whole = BytesParser(_Shallow).parsebytes(raw)
        report = whole.get_param("report-type", "")
        return Mail(
            headers=_headers(whole),
            report=report.lower() if isinstance(report, str) else "",
            parts=tuple(_parts(whole)),
        )
    except Exception:  # the library raises all sorts of things, which differ by its version
        return Mail(headers=Headers())


def headers_of(text: str) -> Headers:
    """The headers that a text begins with."""
    raw = text[:READ_MOST].lstrip("\r\n").encode("utf-8", "replace")
    try:
        return _headers(BytesHeaderParser(_Shallow).parsebytes(raw))
    except Exception:  # as above
        return Headers()


def one_line(text: str, most: int) -> str:
    """A text on one line, without what cannot be seen, and not longer than `most` characters."""
    seen = "".join(c if c.isprintable() else " " for c in text[: 4 * most])
    return _SPACE.sub(" ", seen).strip()[:most]


def _headers(message: Message[Any, Any]) -> Headers:
    values: dict[str, tuple[str, ...]] = {}
    for count, (name, value) in enumerate(message.raw_items()):
        if count >= HEADERS_MOST:
            break
        raw = str(value)[:VALUE_MOST].encode("ascii", "surrogateescape")
        key = name.lower()
        values[key] = (*values.get(key, ()), one_line(_decoded(raw, ""), VALUE_MOST))
    return Headers(values)


def _parts(whole: Message[Any, Any]) -> Iterator[Part]:
    for count, part in enumerate(whole.walk()):
        if count >= PARTS_MOST:
            return
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                charset = part.get_content_charset("") or ""
                text = _decoded(payload[: 4 * TEXT_MOST], charset)[:TEXT_MOST]
                yield Part(kind=part.get_content_type(), text=text.replace("\r\n", "\n"))


def _decoded(raw: bytes, charset: str) -> str:
    """As UTF-8 where it is, else as `charset` says, if that can be; else as Latin-1."""
    names = [charset] if charset.lower().replace("_", "-").startswith(CHARSETS) else []
    # Texts in ISO-2022 are ASCII to look at.
    names = [*names, "utf-8"] if charset.lower().startswith("iso-2022") else ["utf-8", *names]
    for name in names:
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")
