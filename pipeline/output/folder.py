"""The output folder: the port `Output`."""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import OutputError
from pipeline.output import trees
from pipeline.output.manifest import Entry, intact, strangers
from pipeline.ports.building import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pipeline.output.manifest import Manifest
    from pipeline.ports.building import Jobs
    from pipeline.render.page import Page

OURS = re.compile(rb'<meta name="?generator"? content="?enewsupdate"?|<generator>enewsupdate<')
SIGNED = ("index.html", "404.html", "atom.xml")
"""The files that say who made them; a newsroom's own templates may say nothing."""


class OutputFolder:
    """`live` is what the world sees, `spare` its twin for the next build (see `trees`)."""

    def __init__(self, live: Path, spare: Path, manifest: Manifest) -> None:
        self._live = live
        self._spare = spare
        self._manifest = manifest

    def intact(self) -> bool:
        """True where both trees are as the last build left them, and no other file is there."""
        entries = self._manifest.entries()
        since = self._since()
        if not entries or since is None or intact(str(self._live), entries):
            return False
        if self._spare.exists() and intact(str(self._spare), entries):
            return False
        return not strangers(str(self._live), entries, since)

    def publish(
        self,
        pages: Iterable[Page],
        jobs: Jobs,
        *,
        intact: bool = False,
        others: bool = False,
        meanwhile: Callable[[], object] | None = None,
    ) -> Changes:
        """Make the output exactly these pages; renders only those whose key has moved.

        What is `intact` is not looked at again; with `others` all other pages stay; `meanwhile` is
        called here while other processes render, if there is work for several. Raises OutputError;
        whatever is raised, and wherever the process ends, the live tree is the old one or the new
        one, whole.
        """
        try:
            return self._publish(
                {page.path: page for page in pages},
                jobs,
                whole=intact,
                others=others,
                meanwhile=meanwhile,
            )
        except OSError as error:
            where, why = error.filename or self._live, error.strerror or error
            raise OutputError(f"{where} cannot be written: {why}") from error

    def _publish(
        self,
        pages: Mapping[str, Page],
        jobs: Jobs,
        *,
        whole: bool,
        others: bool,
        meanwhile: Callable[[], object] | None,
    ) -> Changes:
        trees.mend(self._live, self._spare)
        entries = self._manifest.entries()
        known = entries if whole else self._found(entries)
        wanted = pages.keys() | entries.keys() if others else pages.keys()
        stale = [page for path, page in pages.items() if _moved(page, known.get(path))]
        gone = sorted(known.keys() - wanted)
        unwanted = entries.keys() - wanted
        written: dict[str, Entry] = {}
        touched: list[str] = []
        if stale or gone or unwanted or self._since() is None:
            self._ready_spare(entries, known, wanted, jobs, whole=whole)
            stage = partial(_stage, str(self._live), str(self._spare))
            for staged in jobs.map(stage, stale, meanwhile=meanwhile):
                written.update((path, entry) for path, entry, _ in staged)
                touched.extend(path for path, _, fresh in staged if fresh)
            touched.sort()
            exchanged = self._swap(differ=bool(touched or gone))
            self._manifest.change(written, unwanted)
            self._keep_twin(touched, gone, exchanged=exchanged)
        new = tuple(path for path in touched if path not in known)
        changed = tuple(path for path in touched if path in known)
        unchanged = len(wanted) - len(touched)
        return Changes(new=new, changed=changed, removed=tuple(gone), unchanged=unchanged)

    def _found(self, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        """The files that lie in the live tree. Raises OutputError where it is not ours."""
        moved = intact(str(self._live), entries)
        if self._live.is_symlink():
            raise OutputError(f"{self._live} is a link: name the folder that it leads to")
        if len(moved) == len(entries):
            self._refuse_strangers()
        return self._known(entries, moved)

    def _since(self) -> int | None:
        """The time after which only others changed the live tree; None: the spare is no twin."""
        word, inode, since = (*self._manifest.spare().split(), "", "", "")[:3]
        status = _status(self._live)
        if word != "clean" or not since or status is None or inode != str(status.st_ino):
            return None
        return int(since)

    def _known(self, entries: Mapping[str, Entry], moved: Sequence[str]) -> dict[str, Entry]:
        """The files that lie in the live tree; without a key where somebody else had them."""
        root = str(self._live)
        known = dict(entries)
        for path in (*moved, *strangers(root, entries, self._since() or 0)):
            status = _status(self._live / path)
            if status is None or stat.S_ISDIR(status.st_mode):
                known.pop(path, None)
            else:
                known[path] = Entry("", status.st_size, status.st_mtime_ns)
        return known

    def _ready_spare(
        self,
        entries: Mapping[str, Entry],
        known: Mapping[str, Entry],
        wanted: Collection[str],
        jobs: Jobs,
        *,
        whole: bool,
    ) -> None:
        """The spare tree like the live one, made anew where it is not its twin.

        Without what is unwanted, so that a file may become a folder. `whole`: if it is there, it
        has been looked at.
        """
        clean = self._since() is not None and self._spare.exists()
        if clean and not whole:
            twin = {path: entry for path, entry in known.items() if path in entries}
            clean = not intact(str(self._spare), twin)
        self._manifest.mark("dirty")
        if clean:
            for path in sorted(entries.keys() - wanted):
                trees.remove(self._spare, path)
        else:
            trees.clone(self._live, self._spare, [path for path in known if path in wanted], jobs)

    def _swap(self, *, differ: bool) -> bool:
        """Make the spare tree the live one if they differ; True where it took the live one's place.

        Where there was none, there is no spare tree any more.
        """
        if not self._live.exists():
            self._live.parent.mkdir(parents=True, exist_ok=True)
            self._spare.rename(self._live)
            return False
        if differ:
            shutil.copymode(self._live, self._spare)
            trees.exchange(self._live, self._spare)
        return differ

    def _keep_twin(self, touched: Sequence[str], gone: Sequence[str], *, exchanged: bool) -> None:
        """Bring the spare tree up to date with the live one; where that fails, the next build does.

        The new tree is seen already, so nothing is raised. After a first build there is no spare
        tree: the next one makes it, if there is one.
        """
        status = self._live.stat()
        with suppress(OSError):
            if exchanged:
                trees.follow(self._live, self._spare, touched, gone)
            self._manifest.mark(f"clean {status.st_ino} {status.st_ctime_ns}")

    def _refuse_strangers(self) -> None:
        """Never replace a folder that something else made: none of our files is there."""
        if not self._live.exists():
            return
        if not self._live.is_dir():
            raise OutputError(f"{self._live} is not a folder: move it, or name another one")
        if all(path.name.startswith(".") for path in self._live.iterdir()):
            return
        if not any(OURS.search(_beginning(self._live / name)) for name in SIGNED):
            raise OutputError(
                f"{self._live} holds files that this program did not make: "
                "empty it, or name another folder with --output"
            )


def _moved(page: Page, entry: Entry | None) -> bool:
    return entry is None or entry.key != page.key


def _stage(live: str, spare: str, pages: Sequence[Page]) -> list[tuple[str, Entry, bool]]:
    """Render pages into the spare tree; True for those whose bytes the live one does not have."""
    done = []
    there = os.path.isdir(live)  # noqa: PTH112  # given as text
    for page in pages:
        data = page.render()
        same = _same(f"{live}/{page.path}", data) if there else None
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


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError:
        return b""


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None
