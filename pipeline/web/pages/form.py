"""A form's body, `application/x-www-form-urlencoded`, within bounds; what it holds is data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from pipeline.core.text import legal, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY_MOST = 64 * 1024
"""Bytes of a body."""
FIELDS_MOST = 100
SHOWN_MOST = 500
"""Characters of a value that are put back into the form: nobody typed more."""
ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The field by which a mail program leaves, and its value; some send it as multipart/form-data."""
_PLAIN = "=".join(ONE_CLICK).encode()
_NAMED = (b'name="list-unsubscribe"', b"name=list-unsubscribe")
_VALUE = ONE_CLICK[1].lower().encode()
BROKEN = "\ufffd"
"""Stands for bytes that are not UTF-8."""


class Unread(StrEnum):
    """Why a body is no form."""

    LARGE = "large"  # more bytes, or more fields, than any form of ours
    OTHER = "other"  # of another type


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, by field, in order."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The first value of a field without white space around it, "" for none."""
        values = self.values.get(name, ())
        return values[0].strip() if values else ""

    def several(self, name: str) -> frozenset[str]:
        """All values of a field."""
        return frozenset(self.values.get(name, ()))


def read_form(body: bytes, content_type: str) -> Form | Unread:
    """What a body holds; bytes that are not UTF-8 are U+FFFD in it."""
    if len(body) > BODY_MOST:
        return Unread.LARGE
    kind = content_type.partition(";")[0].strip().lower()
    # Whoever leaves is let go, also by a program that forgets to say what it sends.
    if body.strip() == _PLAIN or (kind == "multipart/form-data" and _leaves_in_parts(body)):
        return Form({ONE_CLICK[0]: (ONE_CLICK[1],)})
    if body and kind != "application/x-www-form-urlencoded":
        return Unread.OTHER
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="replace",
            max_num_fields=FIELDS_MOST,
        )
    except ValueError:
        return Unread.LARGE
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        values[name] = (*values.get(name, ()), value)
    return Form(values)


def _leaves_in_parts(body: bytes) -> bool:
    """True where a part has the field's name in its head, and then the value as its first line.

    Each line is looked at once: what strangers send costs no more than its length.
    """
    named = ended = False
    for line in body.lower().split(b"\r\n"):
        if ended and line == _VALUE:
            return True
        ended = named and not line
        named = bool(line) and (named or line.endswith(_NAMED))
    return False


def put_back(value: str) -> str:
    """A value as it stands in the form again: without what nobody can see."""
    return one_line(legal(value))[:SHOWN_MOST]


def is_legible(value: str) -> bool:
    """True where a value holds nothing but characters that people type on one line."""
    return BROKEN not in value and value.isprintable()


def is_one_click(form: Form) -> bool:
    """True for what a mail program sends whose user pressed its button (RFC 8058 §3.1)."""
    return form.one(ONE_CLICK[0]) == ONE_CLICK[1]
