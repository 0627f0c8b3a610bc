"""An output folder with pages of plain text, as each new build sees it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from pipeline.jobs.inline import InlineJobs
from pipeline.output.database import Database
from pipeline.output.folder import OutputFolder
from pipeline.output.manifest import Manifest
from pipeline.render.page import Page
from tests.newsrooms import stamps, tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.ports.building import Changes, Jobs

HOME = '<meta name="generator" content="enewsupdate">'
SITE = {"index.html": HOME, "a.txt": "a", "b/c.txt": "c", "b/d/e.txt": "e"}


class Room:
    """`live` and `spare` below `root`, and the database; `rendered` says which pages were made."""

    def __init__(self, root: Path, jobs: Jobs | None = None) -> None:
        self.live = root / "output"
        self.spare = root / "state" / "spare"
        self.database = root / "state" / "build.sqlite"
        self.rendered: list[str] = []
        self._jobs = jobs or InlineJobs()

    def publish(self, site: Mapping[str, str], *, code: str = "code") -> Changes:
        """A build of its own: each page's key is its text."""
        database = Database(self.database, code)
        try:
            folder = OutputFolder(self.live, self.spare, Manifest(database))
            return folder.publish([self._page(*page) for page in site.items()], self._jobs)
        finally:
            database.close()

    def intact(self) -> bool:
        """What a build asks before it does anything."""
        database = Database(self.database, "code")
        try:
            return OutputFolder(self.live, self.spare, Manifest(database)).intact()
        finally:
            database.close()

    def holds(self, site: Mapping[str, str]) -> bool:
        """True where the live tree is just that."""
        return tree(self.live) == {path: text.encode() for path, text in site.items()}

    def twins(self) -> bool:
        """True where the spare tree has the very files of the live one."""
        return stamps(self.live) == stamps(self.spare)

    def lose_memory(self) -> None:
        """Delete the state folder."""
        shutil.rmtree(self.database.parent)

    def _page(self, path: str, text: str) -> Page:
        def render() -> bytes:
            self.rendered.append(path)
            if text.startswith("error"):
                raise ZeroDivisionError(text)
            return text.encode()

        return Page(path=path, key=text, render=render)
