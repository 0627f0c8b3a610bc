"""How far each mailing had come, in small files beside the database; the port `Tokens`.

A copy of the database that was restored knows less than they do, and sends nothing twice.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIGITS = 12


class TokenFolder:
    """One file an issue below `folder`, which is made when something is noted.

    Not synced to the disk: the claims that are counted are, in the database, so that a power cut
    can only leave a token that is too small, which refuses nobody.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, issue: str) -> int:
        """The claims that were counted; 0 for none. Raises StoreError."""
        path = self._path(issue)
        try:
            text = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _wrong(path, error) from error
        try:
            return int(text or "0")
        except ValueError as error:
            raise StoreError(
                f"{path} holds no number: delete it if the database is newest"
            ) from error

    def write(self, issue: str, claims: int) -> None:
        """Note them, never fewer than before. Raises StoreError."""
        path = self._path(issue)
        try:
            with _locked(path) as file:
                if int(os.pread(file, DIGITS, 0) or b"0") < claims:
                    os.pwrite(file, f"{claims:0{DIGITS}d}\n".encode(), 0)
        except OSError as error:
            raise _wrong(path, error) from error

    def _path(self, issue: str) -> Path:
        return self._folder / f"{issue}.claims"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _wrong(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: {error.strerror}; mail is sent only where this can be kept")
