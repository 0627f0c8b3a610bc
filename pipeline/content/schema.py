"""Typed reading of a mapping, with every problem noted and none fatal.

The same for front matter (all strings, with lines) and for `newsroom.toml` (typed, no lines)::

    fields = Fields(data, report)
    title = fields.text("title", required=True)
    kind = fields.choice("kind", newsroom.kinds, required=True)
    fields.finish()        # what was not asked for is unknown
    report.raise_if_any()

A method that meets a wrong value notes it and returns its default, so that reading goes on.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pipeline.core.text import legal, one_line
from pipeline.errors import ContentError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from pipeline.content.frontmatter import Raw

T = TypeVar("T")

KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
URL = re.compile(r"https?://[^\s/?#\"<>\\^`{|}]+[^\s\"<>\\^`{|}]*", re.IGNORECASE)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
SLUG_MOST, SLUG_BYTES_MOST = 120, 200
LIST_MOST = 200
UNKNOWN_MOST = 20
KNOWN_MOST = 24

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class Report:
    """The problems of one file; `lines` gives the line of a key path such as `image.alt`."""

    path: str
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, where: str, expected: str, found: str = "") -> None:
        """Note a problem at a key path."""
        self.problems.append(
            Problem(
                path=self.path,
                line=self.line_of(where),
                field=one_line(legal(where))[:120],
                found=found,
                expected=expected,
            )
        )

    def line_of(self, where: str) -> int:
        """The line of a key path, or of the nearest one that holds it; 0 if unknown."""
        while where and where not in self.lines and f"{where}[1]" not in self.lines:
            where = where.rpartition(".")[0]
        return self.lines.get(where) or self.lines.get(f"{where}[1]", 0)

    def raise_if_any(self) -> None:
        """Raises ContentError with all of them."""
        if self.problems:
            raise ContentError(self.problems)


class Fields:
    """The keys of one mapping, taken one by one; `prefix` is its own key path with a dot."""

    def __init__(self, data: Mapping[str, Raw], report: Report, prefix: str = "") -> None:
        self._data = data
        self._report = report
        self._prefix = prefix
        self._asked: set[str] = set()

    def take(self, key: str, *, required: str = "") -> Raw | None:
        """The raw value; None where it is absent or empty. `required` says what should be there."""
        self._asked.add(key)
        value = self._data.get(key)
        if value is None or value == "":
            if required:
                found = "nothing" if key in self._data else ""
                self.wrong(key, f"required: {required}", found)
            return None
        return value

    def wrong(self, key: str, expected: str, found: str = "") -> None:
        """Note that the value of `key` is not right."""
        self._report.add(self._prefix + key, expected, found)

    def text(self, key: str, default: str = "", *, required: str = "", most: int = 1000) -> str:
        """One line of text, at most `most` characters; other white space becomes spaces."""
        value = self.take(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str):
            self.wrong(key, "expected text", shown(value))
            return default
        line = one_line(legal(value))
        if not visible(line):
            if required:
                self.wrong(key, f"required: {required}", "nothing that can be seen")
            return default
        if len(line) > most:
            self.wrong(key, f"expected at most {most} characters", f"{len(line)} characters")
        return line

    def parsed(self, key: str, parse: Callable[[str], T], *, required: str = "") -> T | None:
        """Text read by `parse`, whose ValueError says what would be right."""
        value = self.take(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(key, "expected text", shown(value))
            return None
        try:
            return parse(unicodedata.normalize("NFC", value.strip()))
        except ValueError as error:
            self.wrong(key, f"expected {error}", shown(value))
            return None

    def choice(
        self,
        key: str,
        known: Collection[str],
        what: str,
        *,
        default: str = "",
        required: bool = False,
    ) -> str:
        """One of the `known` words."""
        value = self.take(key, required=f"one of {', '.join(known)}" if required else "")
        if value is None:
            return default
        if isinstance(value, str) and value in known:
            return value
        self.wrong(key, unknown(what, shown(value, quotes=False), known), shown(value))
        return default

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """True or false (front matter: `true`, `false`, `yes`, `no`)."""
        value = self.take(key)
        words = {"true": True, "yes": True, "false": False, "no": False}
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        self.wrong(key, "expected true or false", shown(value))
        return default

    def integer(self, key: str, default: int, *, least: int = 1, most: int = 100_000) -> int:
        """A whole number from `least` to `most`."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(key, f"expected a whole number from {least} to {most}", shown(value))
        return default

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """A number from `least` to `most`, with or without decimals."""
        value = self.take(key)
        if value is None:
            return default
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and least <= value <= most
        ):
            return float(value)
        self.wrong(key, f"expected a number from {least:g} to {most:g}", shown(value))
        return default

    def texts(self, key: str, *, required: str = "") -> tuple[str, ...]:
        """A list of short texts; a single text counts as a list of one."""
        value = self.take(key, required=required)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.wrong(key, "expected a list of texts, such as [one, two]", shown(value))
            return ()
        if len(value) > LIST_MOST:
            self.wrong(key, f"expected at most {LIST_MOST}", f"a list of {len(value)}")
            return ()
        lines = Counter(one_line(legal(str(entry))) for entry in value)
        for line, times in lines.items():
            if times > 1:
                self.wrong(key, "expected each one once", f"{shown(line)} {times} times")
        return tuple(line for line in lines if visible(line))

    def choices(
        self, key: str, known: Collection[str], what: str, *, required: str = ""
    ) -> tuple[str, ...]:
        """A list of `known` words."""
        words = self.texts(key, required=required)
        for word in words:
            if word not in known:
                listed = isinstance(self._data.get(key), str) and "," in word
                hint = f"; write a list: [{word}]" if listed else ""
                self.wrong(key, unknown(what, word, known) + hint, shown(word))
        return tuple(word for word in words if word in known)

    def table(self, key: str, *, required: str = "") -> Fields | None:
        """A nested mapping."""
        value = self.take(key, required=required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, "expected keys with values", shown(value))
            return None
        return Fields(value, self._report, f"{self._prefix}{key}.")

    def tables(self, key: str) -> list[Fields]:
        """A list of mappings."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.wrong(key, "expected a list of entries, each with keys and values", shown(value))
            return []
        return [
            Fields(entry, self._report, f"{self._prefix}{key}[{number}].")
            for number, entry in enumerate(value, 1)
            if isinstance(entry, dict)
        ]

    def has(self, key: str) -> bool:
        """True where the key is there, right or wrong."""
        return key in self._data

    def names(self) -> Iterable[str]:
        """The keys that are there, in order."""
        return self._data.keys()

    def finish(self) -> None:
        """Note every key that was not asked for."""
        strange = [key for key in self._data if key not in self._asked]
        for key in strange[:UNKNOWN_MOST]:
            self.wrong(key, unknown("key", key, self._asked))
        if len(strange) > UNKNOWN_MOST:
            more = f"{len(strange) - UNKNOWN_MOST} more unknown keys"
            self._report.add(self._prefix.rstrip("."), "remove them, or rename them", more)


def shown(value: Raw, *, quotes: bool = True) -> str:
    """A value as an editor would recognise it, at most 60 characters."""
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = _DIRECTIONS.sub("", one_line(legal(str(value))))
    text = text if len(text) <= 60 else text[:57] + "…"
    return f'"{text}"' if quotes and isinstance(value, str) else text


def visible(text: str) -> bool:
    """True where a reader would see something."""
    return any(character.isprintable() and not character.isspace() for character in text)


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """`unknown theme; did you mean "care-economy"?`, or the list where nothing is near."""
    # Only a mistake pays for loading difflib.
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f'unknown {what}; did you mean "{near[0]}"?'
    if not names:
        return f"unknown {what}; there is none yet"
    more = ", …" if len(names) > KNOWN_MOST else ""
    return f"unknown {what}; known: {', '.join(names[:KNOWN_MOST])}{more}"


def slug(text: str) -> str:
    """One segment of a path, in any script. Raises ValueError."""
    if not _is_segment(text) or DEVICES.fullmatch(text):
        raise ValueError(
            f"letters, digits, '-' and '_' only, at most {SLUG_MOST}, such as sse-academy-in-seoul"
        )
    if len(text.encode()) > SLUG_BYTES_MOST:
        raise ValueError(f"something shorter: {SLUG_BYTES_MOST // 3} letters of this script")
    return text


def item_id(text: str) -> str:
    """An id: like a slug, with dots allowed inside. Raises ValueError."""
    if not _is_segment(text.replace(".", "-")):
        raise ValueError("letters, digits, '-', '_' and '.' only, such as 2017-07-10-sse-academy")
    return text


def _is_segment(text: str) -> bool:
    """Words of any script, so with the marks that its letters carry, joined by hyphens."""
    return (
        0 < len(text) <= SLUG_MOST
        and all(c.isalnum() or c in "_-" or unicodedata.category(c)[0] == "M" for c in text)
        and (text[0].isalnum() or text[0] == "_")
        and text[-1] != "-"
    )


def key(text: str) -> str:
    """A key: lower-case letters, digits and hyphens. Raises ValueError."""
    if not KEY.fullmatch(text) or DEVICES.fullmatch(text):
        raise ValueError("lower-case letters, digits and '-', such as care-economy")
    return text


def web_address(text: str) -> str:
    """An absolute http or https URL. Raises ValueError."""
    try:
        parts = urlsplit(text)
        good = URL.fullmatch(text) and text.isprintable() and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError("a whole web address without spaces, such as https://example.org/page")
    return text


def language(text: str) -> str:
    """A language tag (BCP 47), such as `en`, `fr` or `pt-BR`. Raises ValueError."""
    if not LANGUAGE.fullmatch(text):
        raise ValueError("a language tag such as en, fr, es, ar or pt-BR")
    return text
