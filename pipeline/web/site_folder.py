"""Files below the output folder, by the paths of URLs; never anything beside it.

A build exchanges the whole folder. Who looks a file up meanwhile may stand in the tree that is just
being brought up to date, and miss a file there that both sites have: so what is missing is looked
up again where the folder at the root has become another one.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME_MOST = 255
TRIES = 50
"""Builds that may be published while one file is looked up."""

OPEN_TO_ALL = ".well-known"
"""The one name with a dot that is shown, and only at the root (RFC 8615)."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells one version of a file from another; times in nanoseconds, size in bytes."""

    inode: int
    size: int
    mtime: int


class IsFolderError(Exception):
    """A path without a slash at its end names a folder."""


class SiteFolder:
    """`root` need not exist yet."""

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root)

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes when a build is published; None without a folder."""
        try:
            found = os.stat(self._root)  # noqa: PTH116  # at every request
        except OSError:
            return None
        return found.st_ino, found.st_ctime_ns, found.st_mtime_ns

    def open(self, path: str) -> tuple[int, Stamp] | None:
        """A file, open, to be closed by who asked; None where there is none.

        `path` starts with a slash; one at the end stands for the `index.html` there. Raises
        IsFolderError.
        """
        names = parts(path)
        if names is None:
            return None
        for _ in range(TRIES):
            before = self.stamp()
            found = self._open(names)
            if found is not None or self.stamp() == before:
                return found
        return None

    def _open(self, names: list[bytes]) -> tuple[int, Stamp] | None:
        try:
            folder = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
        except OSError:
            return None
        file = -1
        try:
            for name in names[:-1]:
                inner = os.open(name, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            file = os.open(names[-1], _FILE, dir_fd=folder)
            status = os.fstat(file)
            if stat.S_ISREG(status.st_mode):
                found = Stamp(inode=status.st_ino, size=status.st_size, mtime=status.st_mtime_ns)
                kept, file = file, -1
                return kept, found
            if stat.S_ISDIR(status.st_mode) and _has_index(file):
                raise IsFolderError
        except OSError:
            pass
        finally:
            os.close(folder)
            if file >= 0:
                os.close(file)
        return None


def parts(path: str) -> list[bytes] | None:
    """The names that lead to a file; None for what can name none of ours."""
    if not path.startswith("/") or "\\" in path or "\0" in path:
        return None
    try:
        names = path[1:].encode().split(b"/")
    except UnicodeEncodeError:
        return None
    if not names[-1]:
        names[-1] = b"index.html"
    shown = names[1:] if names[0] == OPEN_TO_ALL.encode() else names
    if any(not name or name.startswith(b".") or len(name) > NAME_MOST for name in shown):
        return None
    return names


def _has_index(folder: int) -> bool:
    try:
        return stat.S_ISREG(os.stat("index.html", dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
