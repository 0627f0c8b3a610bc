"""The composition root: the only place that chooses adapters and looks at the clock."""

from __future__ import annotations

import gc
import hashlib
import os
import sqlite3
import sys
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import moment_in
from pipeline.content.issues import IssueFolder
from pipeline.content.media import MediaFolder
from pipeline.content.reader import ContentFolder
from pipeline.errors import ConfigError
from pipeline.flows.workshop import Workshop
from pipeline.jobs.forked import ForkedJobs
from pipeline.jobs.limit import MEMORY, ProcessorLimit
from pipeline.mail.composer import MimeComposer
from pipeline.output.cache import SqliteCache
from pipeline.output.database import Database
from pipeline.output.folder import OutputFolder
from pipeline.output.lock import Patience, writer_lock
from pipeline.output.manifest import Manifest
from pipeline.output.published import PublishedFile
from pipeline.render.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from zoneinfo import ZoneInfo

    from pipeline.config import Folders, Settings
    from pipeline.net.asker import Asker
    from pipeline.store.opening import Store

PACKAGE = Path(__file__).parent
LIBRARIES = (
    "babel", "cssutils", "feedgen", "jinja2", "lxml", "markdown", "markupsafe", "nh3", "pillow",
    "premailer", "pyyaml", "tzdata",
)  # fmt: skip


UNSEEN = frozenset({"cli", "net", "postroom", "service", "store", "web"})
"""Folders with no part in what is built: the layers keep what renders from importing them."""


class App:
    """A newsroom with everything that works on it."""

    def __init__(self, settings: Settings, *, forks: bool = True) -> None:
        """With `forks` it is alone in its process: no other thread is at work."""
        self.settings = settings
        self._alone = forks
        self.patience = Patience()
        self._processes = (settings.processes or _cores()) if forks else 1

    def now(self) -> datetime:
        """The time, aware; `ENEWS_NOW`, or `ENEWS_NOW_FILE`, stands in for the clock."""
        if self.settings.now_file is not None:
            return moment_in(self.settings.now_file)
        return self.settings.now or datetime.now(UTC)

    @contextmanager
    def workshop(
        self,
        who: str,
        *,
        wait: bool = True,
        waiting: Callable[[str], None] = lambda _: None,
    ) -> Iterator[Workshop]:
        """The adapters, while this process is the only writer; `who` is what others are told.

        Raises LockedError where another process is at work and `wait` is False, ConfigError where
        there is no newsroom.
        """
        folders = self.settings.folders
        if not folders.content.is_dir():
            # Says what is missing, before a state folder is made where there is no newsroom.
            ContentFolder(folders.content).newsroom()
        with (
            self._only_writer(who, wait=wait, waiting=waiting) as began,
            closing(ForkedJobs(self._processes)) as jobs,
            _no_collecting() if self._alone else nullcontext(),
        ):
            code = code_digest()
            build = _build_folder(folders)
            database = Database(build / "build.sqlite", code)
            try:
                (build / "templates").mkdir(parents=True, exist_ok=True)
                yield Workshop(
                    content=ContentFolder(folders.content),
                    pictures=MediaFolder(folders.content),
                    cache=SqliteCache(database),
                    output=OutputFolder(folders.output, _spare(folders, build), Manifest(database)),
                    jobs=jobs,
                    bounded=ProcessorLimit(self.settings.text_seconds),
                    published=PublishedFile(build.with_name(f"published{build.name[5:]}.json")),
                    templates=Templates(
                        template_folders(folders.templates),
                        bytecode=build / "templates",
                        bounded=ProcessorLimit(self.settings.text_seconds, memory=MEMORY),
                    ),
                    issues=IssueFolder(folders.content),
                    composer=MimeComposer(),
                    code=code,
                    began=began,
                )
            except sqlite3.Error as error:
                raise database.wrap(error) from error
            finally:
                database.close()

    def _only_writer(
        self, who: str, *, wait: bool, waiting: Callable[[str], None]
    ) -> AbstractContextManager[int]:
        mine = f"{who} (process {os.getpid()})"
        path = self.settings.folders.state / "lock"
        return writer_lock(path, mine, wait=wait, waiting=waiting, patience=self.patience)

    @contextmanager
    def store(self, notice: Callable[[str], None], *, known: bool = False) -> Iterator[Store]:
        """Subscribers and the ledger; `notice` hears where the database was of an older version.

        Raises StoreError, and ConfigError where there is no newsroom; not asked where it is `known`
        that there is one, whatever an editor is writing into its file at the moment.
        """
        from pipeline.store.opening import open_store

        folders = self.settings.folders
        if not known:
            # Says what is missing, before a state folder is made where there is no newsroom.
            ContentFolder(folders.content).newsroom()
        url, path = self.settings.database_url, folders.state / "ledger.sqlite"
        collecting = _collecting() if self._alone else nullcontext()
        with collecting, open_store(url, path, notice=notice) as store:
            yield store

    def outside(self) -> Asker:
        """What asks other sites, under the newsroom's name. Raises ConfigError."""
        import time

        from pipeline.core.network import is_public
        from pipeline.net.asker import Asker, Clock
        from pipeline.net.memory import AnswerMemory
        from pipeline.net.reaching import Reach

        memory = AnswerMemory(path=self.settings.folders.state / "links.json", now=self.now())
        return Asker(
            reach=Reach(agent=f"enews link check (+{self.base_url()}/)", allows=is_public),
            memory=memory,
            clock=Clock(seconds=time.monotonic, sleep=time.sleep),
        )

    def base_url(self) -> str:
        """Where the site will live. Raises ConfigError."""
        return ContentFolder(self.settings.folders.content).newsroom().base_url

    def zone(self) -> ZoneInfo:
        """The newsroom's time zone, in which people are told times. Raises ConfigError."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(ContentFolder(self.settings.folders.content).newsroom().timezone)

    def beside(self, folder: Path) -> App:
        """The same newsroom built into `folder`, with state of its own: for comparison."""
        folders = replace(self.settings.folders, output=folder / "output", state=folder / "state")
        return App(replace(self.settings, folders=folders))


@contextmanager
def _collecting() -> Iterator[None]:
    """A search for garbage now and then: a million people pass, and none of them is kept."""
    before = gc.isenabled()
    gc.enable()
    try:
        yield
    finally:
        if not before:
            gc.disable()


@contextmanager
def _no_collecting() -> Iterator[None]:
    """No search for garbage: most of what a build makes lives until its end."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def template_folders(own: Path) -> list[Path]:
    """Where templates are looked up: the newsroom's own folder, then the default theme."""
    default = default_templates()
    folders = [default] if own.resolve() == default.resolve() else [own, default]
    return [folder for folder in folders if folder.is_dir()]


def default_templates() -> Path:
    """The default theme: in the wheel beside the code, in the repository beside the package."""
    packed = PACKAGE / "templates"
    return packed if packed.is_dir() else PACKAGE.parent / "templates"


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Stands for the program: its own files, and the versions of what it renders with."""
    total = hashlib.sha256(sys.version.encode())
    folders = [path for path in PACKAGE.iterdir() if path.is_dir() and path.name not in UNSEEN]
    for path in sorted(chain(PACKAGE.glob("*.py"), *(each.rglob("*.py") for each in folders))):
        total.update(path.read_bytes())
    # A distribution's folder carries its version; importlib.metadata takes 60 ms to say as much.
    spec = find_spec("jinja2")
    place = Path(spec.origin).parents[1] if spec and spec.origin else PACKAGE
    for name in sorted(path.name for path in place.iterdir()):
        if name.endswith(".dist-info") and name.lower().startswith(LIBRARIES):
            total.update(name.encode())
    return total.hexdigest()


def _cores() -> int:
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


def _build_folder(folders: Folders) -> Path:
    """Where caches lie: one folder for the usual output, others for outputs elsewhere."""
    if folders.output == folders.root / "output":
        return folders.state / "cache"
    mark = hashlib.sha256(os.fsencode(folders.output)).hexdigest()[:8]
    return folders.state / f"cache-{mark}"


def _spare(folders: Folders, build: Path) -> Path:
    """The output's twin; on the same file system, since it is exchanged with it."""
    above = next((folder for folder in folders.output.parents if folder.exists()), None)
    if above is None:
        raise ConfigError(f"--output {folders.output}: the whole disk cannot be an output folder")
    if above.stat().st_dev == build.stat().st_dev:
        return build / "spare"
    return folders.output.with_name(f".{folders.output.name}.spare")
