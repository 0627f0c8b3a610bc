"""A text file with front matter: decoded, cleaned, split, its YAML read as strings.

Everything an editor types stays what they typed: `No`, `010`, `12:30` and `1.10` are text until
the schema says otherwise. Anchors' aliases and tags are refused: nothing here needs them, and both
are ways to make a small file large or a text into an object.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pipeline.core.text import legal
from pipeline.errors import ContentError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, time

    import yaml

    Raw: TypeAlias = "str | int | bool | float | date | time | list[Raw] | dict[str, Raw]"

HEAD_MOST = 64 * 1024
BODY_MOST = 1024 * 1024
DEPTH_MOST = 16
PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")) | {"!"}

_FENCE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_BREAKS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
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
    text = decode(path, raw)
    head, body, body_line = _split(path, text)
    if len(body.encode()) > BODY_MOST:
        raise _refuse(path, 0, "the text is longer than 1 MiB: split it, or attach it as a file")
    tree = _Tree(path)
    data = tree.read(head)
    return Document(
        path=path,
        data=data,
        lines=tree.lines,
        body=body,
        body_line=body_line,
        digest=hashlib.sha256(raw).hexdigest(),
    )


def decode(path: str, raw: bytes) -> str:
    """UTF-8 to text with line feeds; drops a byte order mark and characters no XML can carry.

    Raises ContentError for other encodings and for NUL, which no text file holds.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refuse(path, 1, "this file is UTF-16: save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x}"
        raise _refuse(path, line, "this file is not UTF-8: save it as UTF-8", found) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _refuse(path, line, "remove it: no text file holds one", "a NUL character")
    return legal(_BREAKS.sub("\n", text))


def _split(path: str, text: str) -> tuple[str, str, int]:
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        raise _refuse(path, 1, "the file begins with a line '---', its front matter, and '---'")
    end = _FENCE.search(rest)
    if end is None:
        raise _refuse(path, 1, "the front matter has no end: close it with a line '---'")
    head = rest[: end.start()]
    if len(head.encode()) > HEAD_MOST:
        raise _refuse(path, 1, "the front matter is longer than 64 KiB")
    return head, rest[end.end() :].lstrip("\n"), _body_line(rest, end.end())


def _body_line(rest: str, start: int) -> int:
    blank = len(rest[start:]) - len(rest[start:].lstrip("\n"))
    return 2 + rest.count("\n", 0, start + blank)


class _Tree:
    """Builds plain data from YAML's events, noting lines and problems.

    From events and not from composed nodes: libyaml's own recursion ends the process on a few
    thousand nested brackets, and here an alias or a tag is seen before it does anything.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def read(self, head: str) -> dict[str, Raw]:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        try:
            data = self._build(yaml.parse(head, Loader=loader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 2 if mark else 1
            raise _refuse(self.path, line, _advice(error)) from error
        except yaml.YAMLError as error:
            raise _refuse(self.path, 1, f"the front matter is not YAML: {error}") from error
        if self.problems:
            raise ContentError(self.problems)
        if data is None:
            return {}
        if not isinstance(data, dict):
            raise _refuse(self.path, 2, "the front matter is lines of 'key: value'")
        return data

    def _build(self, events: Iterator[yaml.Event]) -> Raw | None:
        import yaml

        root: list[Raw] = []
        open_: list[_Open] = [_Open(root, "")]
        for event in events:
            line = event.start_mark.line + 2 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                self._wrong(line, open_[-1], "put '*' in quotes: aliases are not supported")
                open_[-1].put("", self, line)
            elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
                if event.tag is not None and event.tag not in PLAIN_TAGS:
                    self._wrong(line, open_[-1], f"remove the tag {event.tag}: values are plain")
                value: Raw = {} if isinstance(event, yaml.MappingStartEvent) else []
                if isinstance(event, yaml.ScalarEvent):
                    open_[-1].put(str(event.value), self, line)
                    continue
                where = open_[-1].put(value, self, line)
                open_.append(_Open(value, where))
                if len(open_) > DEPTH_MOST:
                    raise _refuse(self.path, line, f"nested deeper than {DEPTH_MOST}")
            elif isinstance(event, yaml.CollectionEndEvent):
                open_.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and root:
                raise _refuse(self.path, line, "the front matter is one block only")
        return root[0] if root else None

    def _wrong(self, line: int, inside: _Open, expected: str) -> None:
        where = inside.where_next()
        self.problems.append(Problem(path=self.path, line=line, field=where, expected=expected))


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
        self.key = value if isinstance(value, str) else "?"
        where = self.where_next()
        expected = ""
        if not isinstance(value, str):
            expected = "a key is a word, not a list or a block"
        elif where in tree.lines:
            expected = f"this key stands twice, first in line {tree.lines[where]}: keep one"
        if expected:
            problem = Problem(path=tree.path, line=line, field=where, expected=expected)
            tree.problems.append(problem)
        tree.lines.setdefault(where, line)


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "not YAML"
    if "mapping values are not allowed" in problem:
        return "put the value in quotes: it holds a colon"
    if "could not find expected ':'" in problem:
        return "expected 'key: value'"
    if "cannot start any token" in problem:
        return "put the value in quotes: it begins with a character that YAML keeps for itself"
    if "undefined alias" in problem:
        return "put the value in quotes: it begins with '*'"
    return f"the front matter is not YAML here: {problem}"


def _refuse(path: str, line: int, expected: str, found: str = "") -> ContentError:
    return ContentError([Problem(path=path, line=line, expected=expected, found=found)])
