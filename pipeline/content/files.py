"""Finds the files below `content/` and their stamps, and says what has no place there."""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.errors import Problem
from pipeline.ports.building import Scan, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Found = dict[str, Stamp]

FOLDERS = ("items", "themes", "media", "issues")
TEXT = ".md"
FOLDERS_DEEP_MOST = 16
NAME_MOST = 200
"""Bytes of a media file's name: a smaller copy's is longer, and file systems stop at 255."""
LEFTOVERS = frozenset({"Thumbs.db", "desktop.ini"})
MEDIA_CHARACTERS = frozenset('<>:"\\|?*')


def scan(root: Path) -> Scan:
    """Every file with its stamp; reads none of them, and follows no link out of `root`."""
    problems: list[Problem] = []
    found = {folder: _below(root, folder, problems) for folder in FOLDERS}
    newsroom = _stamps(root, ("newsroom.toml",), problems)
    for folder in ("items", "themes"):
        for path in [path for path in found[folder] if not path.endswith(TEXT)]:
            del found[folder][path]
            problems.append(Problem(path=path, expected=_text_only(path)))
    nested = [path for path in found["themes"] if path.count("/") > 1]
    for path in nested:
        problems.append(Problem(path=path, expected="themes lie in content/themes/ itself"))
        del found["themes"][path]
    problems.extend(
        Problem(path=path, expected=f"rename the file: {expected}")
        for path in found["media"]
        if (expected := _wrong_name(path)) is not None
    )
    return Scan(
        newsroom=newsroom,
        items=found["items"],
        themes=found["themes"],
        media=found["media"],
        issues=found["issues"],
        problems=tuple(problems),
    )


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp in what `stat` says."""
    return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _wrong_name(path: str) -> str | None:
    """What a media file's name should be instead; None where it is good."""
    if MEDIA_CHARACTERS.intersection(path):
        return "letters, digits, spaces, '-', '_' and '.' only"
    if unicodedata.normalize("NFC", path) != path:
        return "type its name anew: its accents stand apart from their letters"
    if len(path.rpartition("/")[2].encode()) > NAME_MOST:
        return f"at most {NAME_MOST} bytes"
    return None


def _text_only(path: str) -> str:
    if path.lower().endswith((".md", ".markdown", ".mdown")):
        return "rename the file: its name ends with .md"
    return "only .md files lie here: remove it, or move a picture or a file to content/media/"


def _below(root: Path, folder: str, problems: list[Problem]) -> Found:
    """The files below a folder, in the order of their paths."""
    top = root / folder
    if not top.is_dir():
        if top.exists():
            problems.append(Problem(path=folder, expected="this is a folder, not a file"))
        elif top.is_symlink():
            _stays_inside(str(top), root.resolve(), folder, problems)
        return {}
    boundary = root.resolve()
    if top.is_symlink() and not _stays_inside(str(top), boundary, folder, problems):
        return {}
    return dict(sorted(_walk(str(top), folder, boundary, problems)))


def _walk(
    place: str, prefix: str, boundary: Path, problems: list[Problem]
) -> Iterator[tuple[str, Stamp]]:
    for entry in _entries(place, prefix, problems):
        path = f"{prefix}/{entry.name}"
        if not _can_be_shown(path, problems):
            continue
        if entry.is_symlink() and not _stays_inside(entry.path, boundary, path, problems):
            continue
        if entry.is_dir():
            if entry.name.endswith(TEXT):
                expected = "a folder named like a file: rename it, or move its text out of it"
                problems.append(Problem(path=path, expected=expected))
                continue
            yield from _walk(entry.path, path, boundary, problems)
        elif entry.is_file():
            # It may be gone since the folder was listed, as editors' files are.
            with suppress(FileNotFoundError):
                yield path, stamp_of(entry.stat())
        else:
            problems.append(Problem(path=path, expected="only files and folders lie here"))


def _entries(place: str, prefix: str, problems: list[Problem]) -> list[os.DirEntry[str]]:
    """What lies in a folder, without what systems and editors leave there."""
    if prefix.count("/") > FOLDERS_DEEP_MOST:
        expected = f"move its files up: folders lie {FOLDERS_DEEP_MOST} deep at most"
        problems.append(Problem(path=prefix, expected=expected))
        return []
    try:
        entries = list(os.scandir(place))
    except OSError as error:
        problems.append(Problem(path=prefix, expected=f"cannot be read: {error.strerror}"))
        return []
    return [
        entry
        for entry in entries
        if not entry.name.startswith((".", "#"))
        and not entry.name.endswith("~")
        and entry.name not in LEFTOVERS
    ]


def _can_be_shown(path: str, problems: list[Problem]) -> bool:
    """False for a name that cannot be written down or seen."""
    if path.isprintable():
        return True
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in path)
    expected = "rename the file: its name holds a character that cannot be seen"
    if any("\ud800" <= character <= "\udfff" for character in path):
        expected = "rename the file: its name is not UTF-8"
    problems.append(Problem(path=shown, expected=expected))
    return False


def _stays_inside(place: str, boundary: Path, path: str, problems: list[Problem]) -> bool:
    """True for a link to a file below `boundary`; links to folders may lead in circles."""
    expected = ""
    try:
        target = os.path.realpath(place, strict=True)
    except OSError:
        expected = "this link leads nowhere: remove it"
    else:
        if os.path.commonpath([target, boundary]) != str(boundary):
            expected = "this link leaves content/: copy the file here"
        elif os.path.isdir(target):  # noqa: PTH112  # with the string that realpath gave
            expected = "a link to a folder: move the folder here"
    if expected:
        problems.append(Problem(path=path, expected=expected))
    return not expected


def _stamps(root: Path, names: tuple[str, ...], problems: list[Problem]) -> Found:
    found = {}
    for name in names:
        file = root / name
        try:
            found[name] = stamp_of(file.stat())
        except OSError:
            continue
        if file.is_symlink():
            _stays_inside(str(file), root.resolve(), name, problems)
    return found
