"""The output folder: the port `Output`."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import OutputError
from pipeline.output import trees
from pipeline.output.manifest import Entry, intact
from pipeline.ports import Changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.output.manifest import Manifest
    from pipeline.ports import Jobs
    from pipeline.render.page import Page

OURS = re.compile(rb'<meta name="?generator"? content="?enewsupdate"?')


class OutputFolder:
    """`live` is what the world sees, `spare` its twin for the next build (see `trees`)."""

    def __init__(self, live: Path, spare: Path, manifest: Manifest) -> None:
        self._live = live
        self._spare = spare
        self._manifest = manifest

    def intact(self) -> bool:
        """True where every file is as the last build left it."""
        entries = self._manifest.entries()
        return bool(entries) and not intact(str(self._live), entries)

    def publish(self, pages: Iterable[Page], jobs: Jobs) -> Changes:
        """Make the output exactly these pages; renders only those whose key has moved.

        Raises OutputError; whatever is raised, and wherever the process ends, the live tree is the
        old one or the new one, whole.
        """
        trees.mend(self._live)
        self._refuse_strangers()
        known = self._known()
        wanted = {page.path: page for page in pages}
        stale = [page for path, page in wanted.items() if _moved(page, known.get(path))]
        gone = sorted(known.keys() - wanted.keys())
        written: dict[str, Entry] = {}
        touched: list[str] = []
        if stale or gone or not self._live.exists():
            self._ready_spare(known, gone)
            for entries in jobs.map(partial(_stage, str(self._live), str(self._spare)), stale):
                written.update((path, entry) for path, entry, _ in entries)
                touched.extend(path for path, _, fresh in entries if fresh)
            self._swap(sorted(touched), gone)
        self._manifest.change(written, gone)
        if touched or gone or not self._manifest.spare():
            self._manifest.mark(f"clean {self._live.stat().st_ino}")
        new = tuple(path for path in sorted(touched) if path not in known)
        changed = tuple(path for path in sorted(touched) if path in known)
        unchanged = len(wanted) - len(touched)
        return Changes(new=new, changed=changed, removed=tuple(gone), unchanged=unchanged)

    def _known(self) -> dict[str, Entry]:
        """The manifest, without what somebody else changed since."""
        entries = self._manifest.entries()
        for path in intact(str(self._live), entries):
            status = _status(self._live / path)
            if status is None:
                del entries[path]
            else:
                entries[path] = Entry("", status.st_size, status.st_mtime_ns)
        return entries

    def _ready_spare(self, known: Mapping[str, Entry], gone: Sequence[str]) -> None:
        """The spare tree like the live one, made anew where the last build was cut off.

        Without what is gone, so that a file may become a folder.
        """
        inode = self._live.stat().st_ino if self._live.exists() else 0
        clean = self._manifest.spare() == f"clean {inode}" and self._spare.exists()
        self._manifest.mark("dirty")
        if not clean:
            trees.clone(self._live, self._spare, known)
        for path in gone:
            trees.remove(self._spare, path)

    def _swap(self, touched: Sequence[str], gone: Sequence[str]) -> None:
        """Exchange the trees and bring the old one up to date."""
        if self._live.exists():
            trees.exchange(self._live, self._spare)
            for path in gone:
                trees.remove(self._spare, path)
            for path in touched:
                target = self._spare / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                trees.link(f"{self._live}/{path}", str(target))
        else:
            self._live.parent.mkdir(parents=True, exist_ok=True)
            self._spare.rename(self._live)
            trees.clone(self._live, self._spare, touched)

    def _refuse_strangers(self) -> None:
        """Never replace a folder that something else made."""
        if not self._live.exists():
            return
        if not self._live.is_dir() or self._live.is_symlink():
            raise OutputError(f"{self._live} is not a folder: move it, or name another one")
        if not any(self._live.iterdir()):
            return
        home = self._live / "index.html"
        if not home.is_file() or not OURS.search(home.read_bytes()[:4096]):
            raise OutputError(
                f"{self._live} holds files that this program did not make: "
                "empty it, or name another folder with --output"
            )


def _moved(page: Page, entry: Entry | None) -> bool:
    return entry is None or entry.key != page.key


def _stage(live: str, spare: str, pages: Sequence[Page]) -> list[tuple[str, Entry, bool]]:
    """Render pages into the spare tree; True for those whose bytes the live one does not have."""
    done = []
    for page in pages:
        data = page.render()
        same = _same(f"{live}/{page.path}", data)
        if same is None:
            status = trees.write(spare, page.path, data)
        else:
            status = same
            if not os.path.exists(f"{spare}/{page.path}"):  # noqa: PTH110  # ten thousand times
                Path(spare, page.path).parent.mkdir(parents=True, exist_ok=True)
                trees.link(f"{live}/{page.path}", f"{spare}/{page.path}")
        entry = Entry(page.key, status.st_size, status.st_mtime_ns)
        done.append((page.path, entry, same is None))
    return done


def _same(path: str, data: bytes) -> os.stat_result | None:
    """The status of the file at `path` where it holds just `data`."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # ten thousand times
            status = os.fstat(file.fileno())
            return status if status.st_size == len(data) and file.read() == data else None
    except OSError:
        return None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
