"""Finds the files below `content/` and their stamps, and says what has no place there."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

from pipeline.errors import Problem
from pipeline.ports import Scan, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Found = dict[str, Stamp]

FOLDERS = ("items", "themes", "media", "issues")
TEXT = ".md"
MEDIA_CHARACTERS = frozenset('<>:"\\|?*\x7f') | {chr(code) for code in range(32)}


def scan(root: Path) -> Scan:
    """Every file with its stamp; reads none of them, and follows no link out of `root`."""
    problems: list[Problem] = []
    found = {folder: _below(root, folder, problems) for folder in FOLDERS}
    newsroom = _stamps(root, ("newsroom.toml",))
    for folder in ("items", "themes"):
        for path in [path for path in found[folder] if not path.endswith(TEXT)]:
            del found[folder][path]
            problems.append(Problem(path=path, expected=_text_only(path)))
    nested = [path for path in found["themes"] if path.count("/") > 1]
    for path in nested:
        problems.append(Problem(path=path, expected="themes lie in content/themes/ itself"))
        del found["themes"][path]
    for path in found["media"]:
        if MEDIA_CHARACTERS.intersection(path) or unicodedata.normalize("NFC", path) != path:
            expected = "rename the file: letters, digits, spaces, '-', '_' and '.' only"
            problems.append(Problem(path=path, expected=expected))
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


def _text_only(path: str) -> str:
    if path.lower().endswith((".md", ".markdown", ".mdown")):
        return "rename the file: its name ends with .md"
    return "only .md files lie here: move it to content/media/"


def _below(root: Path, folder: str, problems: list[Problem]) -> Found:
    """The files below a folder, in the order of their paths."""
    top = root / folder
    if not top.is_dir():
        if top.exists():
            problems.append(Problem(path=folder, expected="this is a folder, not a file"))
        return {}
    boundary = root.resolve()
    return dict(sorted(_walk(str(top), folder, boundary, problems)))


def _walk(
    place: str, prefix: str, boundary: Path, problems: list[Problem]
) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = list(os.scandir(place))
    except OSError as error:
        problems.append(Problem(path=prefix, expected=f"cannot be read: {error.strerror}"))
        return
    for entry in entries:
        if entry.name.startswith((".", "#")) or entry.name.endswith("~"):
            continue
        path = f"{prefix}/{entry.name}"
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = path.encode(errors="replace").decode()
            problems.append(Problem(path=shown, expected="rename the file: its name is not UTF-8"))
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
            yield path, stamp_of(entry.stat())
        else:
            problems.append(Problem(path=path, expected="only files and folders lie here"))


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


def _stamps(root: Path, names: tuple[str, ...]) -> Found:
    found = {}
    for name in names:
        try:
            found[name] = stamp_of((root / name).stat())
        except OSError:
            continue
    return found
