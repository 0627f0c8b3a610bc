"""The newsroom as `newsroom.toml` says it now; while that is broken, as it said before."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pipeline.content.reader import ContentFolder
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.core.newsroom import Newsroom


class Newsdesk:
    """Read again when the file changed; for several threads."""

    def __init__(self, content: Path) -> None:
        """Raises ConfigError where the newsroom is broken from the start."""
        self._folder = ContentFolder(content)
        self._path = content / "newsroom.toml"
        self._lock = threading.Lock()
        self._stamp = self._stamped()
        self._newsroom = self._folder.newsroom()

    def __call__(self) -> Newsroom:
        """It. Never raises: a build tells of what is wrong."""
        with self._lock:
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._newsroom = self._folder.newsroom()
                except EnewsError:
                    return self._newsroom
            return self._newsroom

    def _stamped(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_ino, found.st_size
