"""Where the templates' own words come from: PO files in `words/` beside them, `fr.po` for French.

A newsroom's own file is laid over the default one, text by text; a language tag is looked up as
RFC 4647 §3.4 does (`fr-CH`, then `fr`), and what no file translates is English. Babel takes 50 ms
to read them, so what they came to is kept beside the compiled templates, and read from there while
they are the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import RenderError
from pipeline.render.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.render.po import Entry

ENGLISH = "en"
KEPT = 1
"""The form of what is kept; another number makes what an older program kept useless."""

Texts = dict[str, tuple[str, list[str]]]
"""By their keys the texts of a language: the plural expression ("" for none), and the forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A PO file: its name below the folder of templates, and its bytes."""

    name: str
    raw: bytes


class WordFiles:
    """The PO files of one part (`site`, `email`) in `folders`, the newsroom's own first.

    `kept` is the folder for what they came to, or None.
    """

    def __init__(self, part: str, folders: Sequence[Path], kept: Path | None) -> None:
        self._part = part
        self._folders = folders
        self._kept = kept

    def words(self, lang: str) -> Words:
        """The words for a language tag. Raises RenderError for a file that cannot be used."""
        files = list(self._files(lang))
        english = self._english()
        digest = _digest([*files, english])
        path = self._kept / f"words-{self._part}-{_safe(lang)}.json" if self._kept else None
        texts = _recall(path, digest) if path else None
        if texts is None:
            texts = _texts(files, english)
            if path:
                _keep(path, digest, texts)
        return Words(texts, f"templates/{self._part}/words", lang)

    def check(self) -> None:
        """Read the newsroom's own files, whichever languages are in use.

        Raises RenderError for the first that cannot be used.
        """
        own = [path for folder in self._folders[:-1] for path in self._named(folder).values()]
        if own:
            _texts([self._file(path) for path in own], self._english())

    def _english(self) -> _File:
        """What the default templates were written with: no folder comes after theirs."""
        path = self._named(self._folders[-1]).get(ENGLISH) if self._folders else None
        if path is None:
            raise RenderError(f"{self._part}/words/{ENGLISH}.po", 0, "this file is missing")
        return self._file(path)

    def _files(self, lang: str) -> Iterator[_File]:
        """Those that say something in `lang`, the weakest first."""
        for tag in reversed([*_lookup(lang), *([ENGLISH] if lang != ENGLISH else [])]):
            for folder in reversed(self._folders):
                path = self._named(folder).get(tag)
                if path is not None:
                    yield self._file(path)

    def _file(self, path: Path) -> _File:
        return _File(name=f"{self._part}/words/{path.name}", raw=path.read_bytes())

    def _named(self, folder: Path) -> dict[str, Path]:
        """The files of a folder by their language tags."""
        found = sorted((folder / self._part / "words").glob("*.po"))
        return {path.stem.lower().replace("_", "-"): path for path in found}


def _lookup(lang: str) -> list[str]:
    """`zh-Hant-TW` gives itself, `zh-hant`, `zh`."""
    parts = lang.lower().split("-")
    return ["-".join(parts[:most]) for most in range(len(parts), 0, -1)]


def _texts(files: Sequence[_File], english: _File) -> Texts:
    # Babel, and only where a file is new.
    from pipeline.render.po import check_entries, parse_po

    reference = parse_po(english.raw, english.name)
    merged: dict[str, Entry] = {}
    for file in files:
        entries = reference if file == english else parse_po(file.raw, file.name)
        check_entries(entries, reference, file.name)
        merged.update(entries)
    return {key: (entry.plural, list(entry.forms)) for key, entry in sorted(merged.items())}


def _digest(files: Sequence[_File]) -> str:
    total = hashlib.blake2b(str(KEPT).encode(), digest_size=16)
    for file in files:
        total.update(f"\0{file.name}\0{len(file.raw)}\0".encode() + file.raw)
    return total.hexdigest()


def _safe(lang: str) -> str:
    """A language tag as a part of a file's name."""
    return lang.lower() if lang.replace("-", "").isalnum() and lang.isascii() else "other"


def _recall(path: Path, digest: str) -> Texts | None:
    """What was kept for these very files; None where it was not, or is damaged."""
    try:
        kept = json.loads(path.read_bytes())
        if kept["digest"] != digest:
            return None
        return {key: (plural, forms) for key, (plural, forms) in kept["texts"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(path: Path, digest: str, texts: Texts) -> None:
    """Whole or not at all; a folder that cannot be written costs time and nothing else."""
    spare = path.with_suffix(f".{os.getpid()}")
    text = json.dumps({"digest": digest, "texts": texts}, ensure_ascii=False)
    with suppress(OSError):
        spare.write_text(text, "utf-8")
        spare.replace(path)
