"""A text file with front matter: decoded, cleaned, split, its YAML read as strings.

Everything an editor types stays what they typed: `No`, `010`, `12:30` and `1.10` are text until
the schema says otherwise. Anchors, aliases and tags are refused: nothing here needs them, they make
small files large and texts into objects, and an editor who typed one meant a plain character.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pipeline.content.plain_head import read_plain
from pipeline.core.text import legal, one_line
from pipeline.errors import ContentError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, time

    import yaml

    Raw: TypeAlias = "str | int | bool | float | date | time | list[Raw] | dict[str, Raw]"

HEAD_MOST = 64 * 1024
BODY_MOST = 1024 * 1024
FILE_MOST = HEAD_MOST + BODY_MOST + 1024
"""Bytes of a file with the longest front matter and the longest body; more is never read."""
HEAD_LINE = 2
"""The line on which front matter begins, after its `---`."""
DEPTH_MOST = 16
PROBLEMS_MOST = 20
KEY_MOST = 60

TOO_LONG = "the text is longer than 1 MiB: split it, or attach it as a file"

_FENCE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_BREAKS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_RAW_BREAKS = re.compile(rb"\r\n?|\n")
_HASHTAG = re.compile(r"[ \t]+(#[^\s#]\S*)")


class Document(NamedTuple):
    """A file below `content/`: its front matter, the line of each key path, and its body.

    `body_line` is the line on which the body begins; `digest` the SHA-256 of the file's bytes.
    """

    path: str
    data: dict[str, Raw]
    lines: Mapping[str, int]
    body: str
    body_line: int
    digest: str


def parse_document(path: str, raw: bytes) -> Document:
    """Split and read a file. Raises ContentError with every problem that it can name."""
    if len(raw) > FILE_MOST:
        raise _refuse(path, 0, TOO_LONG)
    text = decode(path, raw)
    head, body, body_line = _split(path, text)
    if len(body.encode()) > BODY_MOST:
        raise _refuse(path, 0, TOO_LONG)
    data, lines = _read(path, head)
    return Document(
        path=path,
        data=data,
        lines=lines,
        body=body,
        body_line=body_line,
        digest=hashlib.sha256(raw).hexdigest(),
    )


def decode(path: str, raw: bytes) -> str:
    """UTF-8 to text with line feeds; drops a byte order mark and characters no XML can carry.

    Raises ContentError for other encodings and for NUL, which no text file holds.
    """
    if _is_utf16(raw):
        raise _refuse(path, 1, "this file is UTF-16: save it as UTF-8")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = len(_RAW_BREAKS.findall(raw, 0, error.start)) + 1
        found = f"the byte 0x{raw[error.start]:02x}"
        raise _refuse(path, line, "this file is not UTF-8: save it as UTF-8", found) from error
    if text.replace("\n", "").isprintable():
        # Neither byte order marks nor other breaks nor NUL are: most texts need no more.
        return text
    text = _BREAKS.sub("\n", text.lstrip("\ufeff"))
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _refuse(path, line, "remove it: no text file holds one", "a NUL character")
    return legal(text)


def _is_utf16(raw: bytes) -> bool:
    """By its mark, or by the zero in every second byte of Latin text without one."""
    start = raw[:64]
    return raw.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        len(start) > 3 and max(start[::2].count(0), start[1::2].count(0)) * 3 > len(start)
    )


def _split(path: str, text: str) -> tuple[str, str, int]:
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        raise _refuse(
            path, 1, "the file must begin with a line '---', its front matter, and another '---'"
        )
    end = _FENCE.search(rest)
    if end is None:
        raise _refuse(path, 1, "the front matter has no end: close it with a line '---'")
    head = rest[: end.start()]
    if len(head.encode()) > HEAD_MOST:
        raise _refuse(path, 1, "the front matter is longer than 64 KiB: move text below it")
    return head, rest[end.end() :].lstrip("\n"), _body_line(rest, end.end())


def _body_line(rest: str, start: int) -> int:
    blank = len(rest[start:]) - len(rest[start:].lstrip("\n"))
    return 2 + rest.count("\n", 0, start + blank)


def _read(path: str, head: str) -> tuple[dict[str, Raw], Mapping[str, int]]:
    plain = read_plain(head, HEAD_LINE)
    if plain is not None:
        return plain
    tree = _Tree(path, head)
    return tree.read(), tree.lines


class _Tree:
    """Builds plain data from YAML's events, noting lines and problems.

    From events and not from composed nodes: libyaml's own recursion ends the process on a few
    thousand nested brackets, and here an alias or a tag is seen before it does anything.
    """

    def __init__(self, path: str, head: str) -> None:
        self.path = path
        self.head = head
        self.texts = head.split("\n")
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def read(self) -> dict[str, Raw]:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        try:
            data = self._build(yaml.parse(self.head, Loader=loader))
        except yaml.MarkedYAMLError as error:
            raise ContentError([*self.problems, self._not_yaml(error)]) from error
        except yaml.YAMLError as error:
            raise _refuse(self.path, 1, f"the front matter is not YAML: {error}") from error
        if self.problems:
            raise ContentError(self.problems)
        if data is None:
            return {}
        if not isinstance(data, dict):
            expected = "the front matter is lines of 'key: value', with a space after the colon"
            raise _refuse(self.path, 2, expected)
        return data

    def _build(self, events: Iterator[yaml.Event]) -> Raw | None:
        import yaml

        root: list[Raw] = []
        open_: list[_Open] = [_Open(root, "")]
        for event in events:
            line = event.start_mark.line + HEAD_LINE if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                self._wrong(line, open_[-1], "put the value in quotes: it begins with *")
                open_[-1].put("", self, line)
            elif isinstance(event, yaml.ScalarEvent):
                self._check_mark(event, line, open_[-1])
                self._check_comment(event, line, open_[-1])
                open_[-1].put(str(event.value), self, line)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._check_mark(event, line, open_[-1])
                value: Raw = {} if isinstance(event, yaml.MappingStartEvent) else []
                where = open_[-1].put(value, self, line)
                open_.append(_Open(value, where))
                if len(open_) > DEPTH_MOST:
                    expected = "put the value in quotes: too many brackets or dashes in one another"
                    self.note(line, open_[2].where[:KEY_MOST], expected)
                    raise ContentError(self.problems)
            elif isinstance(event, yaml.CollectionEndEvent):
                open_.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and root:
                expected = "put this line in quotes: a line that begins with --- ends a block"
                raise _refuse(self.path, line, expected)
        return root[0] if root else None

    def _check_mark(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, line: int, inside: _Open
    ) -> None:
        """An anchor or a tag would vanish from the value without a word."""
        if event.anchor is not None:
            self._wrong(line, inside, "put the value in quotes: it begins with &")
        if event.tag is not None:
            expected = "put the value in quotes, or remove the tag: it begins with !"
            self._wrong(line, inside, expected)

    def _check_comment(self, event: yaml.ScalarEvent, line: int, inside: _Open) -> None:
        """`We are #1` is `We are` and a comment, which nobody who types it means."""
        end = event.end_mark
        if event.style or end is None or "#" not in self.texts[end.line]:
            return
        match = _HASHTAG.match(self.texts[end.line], end.column)
        if match:
            expected = "put the value in quotes, or a space after #: a comment begins here"
            self._wrong(line, inside, expected, match[1][:KEY_MOST])

    def _not_yaml(self, error: yaml.MarkedYAMLError) -> Problem:
        from pipeline.content.advice import advice

        line, field, found, expected = advice(error, self.texts)
        return Problem(
            path=self.path, line=line + HEAD_LINE, field=field, found=found, expected=expected
        )

    def _wrong(self, line: int, inside: _Open, expected: str, found: str = "") -> None:
        self.note(line, inside.where_next(), expected, found)

    def note(self, line: int, where: str, expected: str, found: str = "") -> None:
        """Note a problem; gives up where there are too many to read."""
        problem = Problem(path=self.path, line=line, field=where, found=found, expected=expected)
        self.problems.append(problem)
        if len(self.problems) >= PROBLEMS_MOST:
            raise ContentError(self.problems)


class _Open:
    """A collection that is still being filled; `where` is its key path."""

    def __init__(self, value: Raw, where: str) -> None:
        self.value = value
        self.where = where
        self.key: str | None = None

    def where_next(self) -> str:
        """The key path of the value that comes next."""
        if isinstance(self.value, list):
            return f"{self.where}[{len(self.value) + 1}]" if self.where else ""
        if self.key is None:
            return self.where
        return f"{self.where}.{self.key}" if self.where else self.key

    def put(self, value: Raw, tree: _Tree, line: int) -> str:
        """Add a value, or take it as the next key; gives its key path."""
        if isinstance(self.value, list):
            where = self.where_next()
            self.value.append(value)
            return where
        if not isinstance(self.value, dict):
            return self.where
        if self.key is None:
            self._take_key(value, tree, line)
            return self.where
        where = self.where_next()
        self.value[self.key] = value
        self.key = None
        return where

    def _take_key(self, value: Raw, tree: _Tree, line: int) -> None:
        self.key = one_line(legal(value))[:KEY_MOST] if isinstance(value, str) else "?"
        where = self.where_next()
        if not isinstance(value, str):
            expected = "put the value in quotes if it begins with { or [: a key is a word"
            tree.note(line, where.rpartition(".")[0], expected)
        elif not value:
            tree.note(line, where, "a key is missing before the colon")
        elif value != self.key or not value.isprintable():
            tree.note(line, where, "type this key anew: a word of letters, digits, '-' and '_'")
        elif where in tree.lines:
            first = tree.lines[where]
            tree.note(line, where, f"this key stands twice, first in line {first}: keep one")
        tree.lines.setdefault(where, line)


def _refuse(path: str, line: int, expected: str, found: str = "") -> ContentError:
    return ContentError([Problem(path=path, line=line, expected=expected, found=found)])
