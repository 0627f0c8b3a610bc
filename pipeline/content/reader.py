"""Reads `content/` from disk: the port `Content`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from pipeline.content.files import scan
from pipeline.content.frontmatter import FILE_MOST, Document, parse_document
from pipeline.content.item import Vocabulary, read_item
from pipeline.content.media import MediaFolder
from pipeline.content.theme import read_theme
from pipeline.errors import ConfigError, ContentError, Problem
from pipeline.ports.building import Scan, Text

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsroom


class ContentFolder:
    """A newsroom's `content/` folder at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._media = MediaFolder(root)

    def scan(self) -> Scan:
        """Every file with its stamp; reads none of them."""
        return scan(self._root)

    def newsroom(self) -> Newsroom:
        """What `newsroom.toml` says. Raises ConfigError with every problem."""
        # Most builds find it in the cache, and do without a reader of TOML.
        from pipeline.content.newsroom import FILE, read_newsroom

        try:
            raw = (self._root / FILE).read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{self._root / FILE}: {error.strerror}. "
                "Run this in a newsroom, name one with -C, or start one with 'enews init'."
            ) from error
        return read_newsroom(raw)

    def item(self, path: str, newsroom: Newsroom, themes: Collection[str]) -> Text:
        """One item. Raises ContentError with every problem of the file."""
        document = self._document(path)
        item = read_item(document, Vocabulary(newsroom=newsroom, themes=themes))
        return Text(record=item, body=document.body, body_line=document.body_line)

    def theme(self, path: str) -> Text:
        """One theme. Raises ContentError with every problem of the file."""
        document = self._document(path)
        record = read_theme(document)
        return Text(record=record, body=document.body, body_line=document.body_line)

    def media(self, path: str) -> MediaFile:
        """What is known of one media file. Raises ContentError."""
        return self._media.describe(path)

    def line_of(self, path: str, field: str, value: str) -> int:
        """The line on which `field`, or in the body `value`, stands; 0 if unknown."""
        if path.endswith(".toml"):
            return self._newsroom_line(field)
        try:
            document = self._document(path)
        except ContentError:
            return 0
        if field:
            return document.lines.get(field, document.lines.get(field.partition(".")[0], 0))
        # A short address such as `x` stands in many a word: where links are is better.
        address = re.escape(value)
        ways = (
            rf"(?:\]\(|\]:|\b(?:src|href)=)[ \t<\"']*{address}(?![\w/.-])",
            rf"[(<:=\"'][ \t<\"']*{address}(?![\w/.-])",
            address,
        )
        found = (re.search(way, document.body) for way in ways)
        match = next((match for match in found if match), None)
        return document.body_line + document.body.count("\n", 0, match.start()) if match else 0

    def _newsroom_line(self, field: str) -> int:
        """The line of a key path in `newsroom.toml`, or of what holds it."""
        from pipeline.content.newsroom import FILE
        from pipeline.content.toml_lines import key_lines

        try:
            lines = key_lines((self._root / FILE).read_text("utf-8"))
        except (OSError, ValueError):
            return 0
        while field and field not in lines:
            field = field.rpartition(".")[0]
        return lines.get(field, 0)

    def _document(self, path: str) -> Document:
        try:
            # Ten thousand times, so with no buffer: it is read as a whole.
            with open(f"{self._root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123  # quicker, for thousands of files
                # A number to read reserves that much memory at once, which takes longer than this.
                long = os.fstat(file.fileno()).st_size > FILE_MOST
                raw = file.read(FILE_MOST + 1) if long else file.read()
        except OSError as error:
            problem = Problem(path=path, expected=f"cannot be read: {error.strerror}")
            raise ContentError([problem]) from error
        return parse_document(path, raw)
