"""How far each mailing had come, in small files beside the database; the port `Tokens`.

A copy of the database that was restored knows less than they do, and sends nothing twice.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import StoreError
from pipeline.store.workers import this_boot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIGITS = 15
SIZE = 2 * DIGITS + 40
BEFORE, AFTER = DIGITS + 1, 2 * DIGITS + 1
"""Where the number of all steps stands in a file."""
_TOKEN = re.compile(rb"(\d+) (\d+) ([\w-]*)\s*")


class TokenFolder:
    """One file an issue below `folder`: steps that are on the disk for sure, all, and the boot.

    The files themselves are not synced. A power cut may lose the database's last steps and not
    the file's, so that after it only the former are asked for; what a worker of before had taken
    is uncertain then. `sure` says that the database itself may lose steps at other times too (a
    PostgreSQL server that crashed): only what is on its disk for sure is ever asked for.
    """

    def __init__(self, folder: Path, *, sure: bool = False) -> None:
        self._folder = folder
        self._sure = sure
        self._open: dict[str, int] = {}
        self._boot = this_boot()
        self._rest = _line(0, 0, self._boot)[AFTER:]

    def read(self, issue: str) -> int:
        """The steps that a database must have counted to be the newest. Raises StoreError."""
        path = self._path(issue)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _wrong(path, error.strerror) from error
        lasting, steps, boot = _parsed(path, raw)
        cut = not boot or boot != self._boot
        return lasting if cut or self._sure else steps

    def write(self, issue: str, steps: int, *, lasting: bool) -> None:
        """Note them, never fewer than before. Raises StoreError."""
        file = self._open.get(issue)
        if file is None or lasting:
            self._write(issue, steps, lasting=lasting)
            return
        # Once a mail or a few: no more than it takes.
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                raw = os.pread(file, SIZE, 0)
                if raw[AFTER:] == self._rest and raw[BEFORE:AFTER].isdigit():
                    if int(raw[BEFORE:AFTER]) < steps:
                        os.pwrite(file, b"%0*d" % (DIGITS, steps), BEFORE)
                    return
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        except OSError as error:
            raise _wrong(self._path(issue), error.strerror) from error
        self._write(issue, steps, lasting=lasting)

    def _write(self, issue: str, steps: int, *, lasting: bool) -> None:
        with self._locked(issue) as file:
            before, all_, _ = _parsed(self._path(issue), os.pread(file, SIZE, 0) or b"0 0 ")
            self._put(file, max(before, steps if lasting else 0), max(all_, steps))

    def accept(self, issue: str, steps: int) -> None:
        """By an editor's word, this database is the newest. Raises StoreError."""
        with self._locked(issue) as file:
            self._put(file, steps, steps)

    def close(self) -> None:
        """Close the files."""
        while self._open:
            os.close(self._open.popitem()[1])

    @contextmanager
    def _locked(self, issue: str) -> Iterator[int]:
        path = self._path(issue)
        try:
            file = self._open.get(issue)
            if file is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = self._open[issue] = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield file
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        except OSError as error:
            raise _wrong(path, error.strerror) from error

    def _path(self, issue: str) -> Path:
        return self._folder / f"{issue}.steps"

    def _put(self, file: int, lasting: int, steps: int) -> None:
        os.pwrite(file, _line(lasting, steps, self._boot), 0)


def _line(lasting: int, steps: int, boot: str) -> bytes:
    text = f"{lasting:0{DIGITS}d} {steps:0{DIGITS}d} {boot:.36}"
    return f"{text:<{SIZE - 1}}\n".encode("ascii", "replace")


def _parsed(path: Path, raw: bytes) -> tuple[int, int, str]:
    found = _TOKEN.fullmatch(raw)
    if found is None:
        raise _wrong(path, "not what was written there; delete it if the database is the newest")
    return int(found[1]), int(found[2]), found[3].decode()


def _wrong(path: Path, why: str | None) -> StoreError:
    return StoreError(f"{path}: {why}. Mail is sent only where this can be kept")
