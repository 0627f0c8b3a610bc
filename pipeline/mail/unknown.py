"""Messages of the bounce mailbox that nobody could tell anything from: kept for people to look at.

`<key>.eml` below `.pipeline/bounces/unknown/`, readable by their owner only.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.core.address import mentions
from pipeline.errors import OutputError
from pipeline.mail.parts import READ_MOST

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

KEPT_MOST = 1000
"""Messages that are kept; beyond that the oldest go, so that spam fills no disk."""


class UnknownFolder:
    """Keeps messages in `path`, which is made with the first one."""

    def __init__(self, path: Path, most: int = KEPT_MOST) -> None:
        self.path = path
        self._most = most

    def keep(self, key: str, raw: bytes) -> None:
        """Keep a message, or as much of it as is read, on the disk when this returns.

        Nothing changes where it is kept already. Raises OutputError.
        """
        place = self.path / f"{key}.eml"
        if place.exists():
            return
        begun = self.path / f".{key}.{os.getpid()}"
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            begun.touch(mode=0o600)
            with begun.open("wb") as file:
                file.write(raw[:READ_MOST])
                file.flush()
                os.fsync(file.fileno())
            begun.replace(place)
            self._make_room()
        except OSError as error:
            with suppress(OSError):
                begun.unlink()
            raise OutputError(
                f"{place}: {error.strerror}. The message stays where it came from; mend that and "
                "run this again"
            ) from error

    def naming(self, addresses: Collection[str]) -> list[Path]:
        """The messages that hold one of these addresses as it is written, or cannot be read."""
        return [path for path in sorted(self.path.glob("*.eml")) if _names(path, addresses)]

    def _make_room(self) -> None:
        kept = list(self.path.glob("*.eml"))
        if len(kept) > self._most:
            kept.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
            for path in kept[: len(kept) - self._most]:
                path.unlink(missing_ok=True)


def _names(path: Path, addresses: Collection[str]) -> bool:
    try:
        return mentions(path.read_bytes().decode("utf-8", "replace"), addresses)
    except OSError:
        return True
