"""Two equal trees, one of them live: how a whole site changes in one step.

`live` is the output folder, `spare` its twin below `.pipeline/`, file for file the same (by hard
links, so that it costs no space and files keep their times). A build changes the spare tree,
exchanges the two in one system call, and brings the other one up to date. So the output is the old
site or the new one at every moment, whatever is killed when, and a change of ten files costs
twenty links.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.ports.building import Jobs

_AT_FDCWD = -100 if sys.platform.startswith("linux") else -2
_EXCHANGE = 2
_NOT_HERE = {errno.ENOSYS, errno.EINVAL, errno.EXDEV, errno.ENOTSUP, errno.EPERM}


def exchange(one: Path, other: Path) -> None:
    """Swap two folders in one step, or, where the system has no such call, in two renames.

    Raises OutputError where neither works: the output is a mount point, say.
    """
    try:
        if _exchange_at_once(os.fsencode(one), os.fsencode(other)):
            return
        aside = _aside(one)
        one.rename(aside)
        try:
            other.rename(one)
        except OSError:
            aside.rename(one)
            raise
        aside.rename(other)
    except OSError as error:
        raise OutputError(
            f"{one} cannot be replaced: {error.strerror}. Where it is a mount point, "
            "give a folder inside of it with --output."
        ) from error


def mend(live: Path, spare: Path) -> None:
    """Finish what was cut off: an exchange by two renames, and the moving of what is not ours."""
    aside = _aside(live)
    if aside.exists() and not live.exists():
        aside.rename(live)
    if live.is_dir():
        for old in (aside, spare):
            _carry(old, live)
    clear(aside)


def clone(source: Path, target: Path, paths: Sequence[str], jobs: Jobs) -> None:
    """Make `target` anew with these files of `source`, and no others."""
    clear(target)
    target.mkdir(parents=True)
    for _ in jobs.map(partial(_clone, str(source), str(target)), paths):
        pass


def _clone(source: str, target: str, paths: Sequence[str]) -> None:
    made: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder not in made:
            Path(target, folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        link(f"{source}/{path}", f"{target}/{path}")


def follow(source: Path, target: Path, touched: Iterable[str], gone: Iterable[str]) -> None:
    """Bring `target`, which was `source` until a moment ago, up to date with it."""
    try:
        for path in gone:
            remove(target, path)
    finally:
        _carry(target, source)
    for path in touched:
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        link(f"{source}/{path}", str(file))


def link(source: str, target: str) -> None:
    """Make `target` the same file as `source`; where links are unknown, a copy as old."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in {*_NOT_HERE, errno.EMLINK}:
            raise
        shutil.copy2(source, target)


def write(root: str, path: str, data: bytes) -> os.stat_result:
    """Put a new file at `path` below `root`; never into the one there, which has another name too.

    Raises OutputError.
    """
    target = f"{root}/{path}"
    try:
        file = _new(target)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(file, left) :]
            return os.fstat(file)
        finally:
            os.close(file)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from error


def _new(target: str) -> int:
    """A new file, open, by the system's own calls: a file object costs as much as the writing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(target, flags, 0o666)
    except FileExistsError:
        Path(target).unlink()
    except FileNotFoundError:
        _make_folder(target.rpartition("/")[0])
    return os.open(target, flags, 0o666)


def _make_folder(folder: str) -> None:
    """A folder for a new page; most have one of their own, in a folder that is there."""
    try:
        os.mkdir(folder)  # noqa: PTH102  # ten thousand times
    except OSError:
        Path(folder).mkdir(parents=True, exist_ok=True)


def remove(root: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    target = root / path
    with suppress(FileNotFoundError, NotADirectoryError):
        target.unlink()
    folder = target.parent
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def clear(folder: Path) -> None:
    """Remove a folder with all that is in it, or whatever else is in its place."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def _aside(live: Path) -> Path:
    return live.with_name(f".{live.name}.aside")


def _carry(old: Path, live: Path) -> None:
    """Move what begins with a dot (`.git`, `.well-known`): somebody else put it there."""
    if not old.is_dir():
        return
    for path in old.iterdir():
        if path.name.startswith(".") and not os.path.lexists(live / path.name):
            path.rename(live / path.name)


def _exchange_at_once(one: bytes, other: bytes) -> bool:
    """True where the system swapped them (Linux `renameat2`, macOS `renameatx_np`)."""
    # Most commands exchange nothing.
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    call = getattr(libc, "renameat2", None) or getattr(libc, "renameatx_np", None)
    if call is None:
        return False
    if call(_AT_FDCWD, one, _AT_FDCWD, other, _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:
        return False
    raise OSError(code, os.strerror(code))
