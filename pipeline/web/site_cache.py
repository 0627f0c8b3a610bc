"""What was read of the site: each file in the codings that were asked for, within a bound."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from pipeline.core.requests import IDENTITY
from pipeline.web.representation import About, about, compressed, digest, represent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.web.headers import Shield
    from pipeline.web.representation import Representation
    from pipeline.web.site_folder import SiteFolder, Stamp

LARGE = 1 << 20
"""Bytes from which a file is read from the disk each time."""

ROOM = 64 << 20
"""Bytes of all that is held."""

ENTRY = 4096
"""Bytes that a file takes besides its own, roughly."""

SOON = 16 << 10
"""Bytes that are compressed at once; more is for another thread, so that nobody waits."""


class Held:
    """What is known of one path. `file` is None where it is too large to be held.

    `sure` holds until a build is published, `until` a time by the monotonic clock, `shown` the form
    for each order of codings that was asked for, `mark` what the tags of all forms have in common.
    """

    __slots__ = ("about", "file", "forms", "mark", "shown", "sure", "until")

    def __init__(self, found: About, file: Representation | None, mark: str, until: float) -> None:
        self.about = found
        self.file = file
        self.mark = mark
        self.forms: dict[int, Representation | None] = {IDENTITY: file}
        self.shown: dict[tuple[int, ...], Representation] = {}
        self.sure = True
        self.until = until

    @property
    def weight(self) -> int:
        """Bytes of memory, roughly."""
        return ENTRY + sum(len(form.data) for form in self.forms.values() if form is not None)


class SiteCache:
    """`held` by path; what was read longest ago goes first."""

    def __init__(self, folder: SiteFolder, shield: Shield) -> None:
        self.held: dict[str, Held] = {}
        self._folder = folder
        self._shield = shield
        self._weight = 0

    def doubt(self) -> None:
        """A build was published: each file may be another one."""
        for held in self.held.values():
            held.sure = False

    def checked(self, held: Held, until: float) -> Held | None:
        """The same where the file is; None, and nothing held, where it is another one."""
        path = held.about.path
        opened = self._folder.open(path)
        if opened is not None:
            os.close(opened[0])
            if opened[1] == held.about.stamp:
                held.sure, held.until = True, until
                return held
        self.drop(path)
        return None

    def drop(self, path: str) -> None:
        """Forget a path."""
        held = self.held.pop(path, None)
        if held is not None:
            self._weight -= held.weight

    async def load(self, path: str, until: float) -> Held | None:
        """Read a file; None where there is none. Raises IsFolderError."""
        opened = self._folder.open(path)
        if opened is None:
            return None
        file, stamp = opened
        try:
            held = self._read(path, file, stamp, until)
        except OSError:
            return None
        finally:
            os.close(file)
        self.drop(path)
        self.held[path] = held
        self._weight += held.weight
        self._make_room()
        return held

    def open_large(self, path: str) -> tuple[int, About, str] | None:
        """A file that is not held, open, to be closed by who asked; None where it is gone."""
        opened = self._folder.open(path)
        if opened is None:
            return None
        file, stamp = opened
        return file, about(path, stamp, self._shield), _mark(stamp)

    def _read(self, path: str, file: int, stamp: Stamp, until: float) -> Held:
        found = about(path, stamp, self._shield)
        if stamp.size > LARGE:
            return Held(found, None, _mark(stamp), until)
        data = b""
        while piece := os.read(file, LARGE + 1):
            data += piece
        mark = digest(data)
        return Held(found, represent(found, data, IDENTITY, mark), mark, until)

    async def choose(self, held: Held, wanted: Sequence[int]) -> Representation:
        """The first form of these that the file has: compressed now, if it never was."""
        plain = held.file
        assert plain is not None  # noqa: S101  # what is large is not chosen from
        if not held.about.compressible:
            return plain
        for coding in wanted:
            if coding not in held.forms:
                await self._compress(held, plain, coding)
            form = held.forms[coding]
            if form is not None:
                return form
        return plain

    async def _compress(self, held: Held, plain: Representation, coding: int) -> None:
        if len(plain.data) <= SOON:
            data = compressed(plain.data, coding)
        else:
            data = await asyncio.to_thread(compressed, plain.data, coding)
        if coding in held.forms:
            return
        before = held.weight
        form = None if data is None else represent(held.about, data, coding, held.mark)
        held.forms[coding] = form
        if self.held.get(held.about.path) is held:
            self._weight += held.weight - before
            self._make_room()

    def _make_room(self) -> None:
        """The newest entry stays, whatever it takes."""
        while self._weight > ROOM and len(self.held) > 1:
            self.drop(next(iter(self.held)))


def _mark(stamp: Stamp) -> str:
    """For the tag of what is too large to be read for one."""
    return f"{stamp.mtime:x}-{stamp.size:x}"
