"""The ports of a build in memory: files that are edited by hand, and who was asked for what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import ContentError, Problem
from pipeline.flows.workshop import Workshop
from pipeline.jobs.inline import InlineJobs
from pipeline.mail.composer import MimeComposer
from pipeline.ports.building import Changes, Rendered, Scan, Stamp, Text
from pipeline.render.templates import Templates
from tests.feed_site import NEWSROOM, make

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.plan import Plan
    from pipeline.core.theme import Theme
    from pipeline.ports.building import Jobs
    from pipeline.render.page import Page

A = TypeVar("A")

TEMPLATES = Templates([Path(__file__).parent.parent / "templates"])
BEGAN = 10**15
"""Long after any file of these tests was written."""


class MemoryContent:
    """Files by path: an item or a theme with its body, a media file, or what is wrong with it."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[Item | Theme, str] | MediaFile | Problem] = {}
        self.room: Newsroom = NEWSROOM
        self.read: list[str] = []
        self._stamps: dict[str, Stamp] = {}
        self._clock = 1
        self.touch("newsroom.toml")

    def write(self, path: str, file: tuple[Item | Theme, str] | MediaFile | Problem) -> None:
        self.files[path] = file
        self.touch(path)

    def touch(self, path: str, *, late: bool = False) -> None:
        """Another stamp; `late` is so late that the file may change again without a new one."""
        self._clock += 1
        time = BEGAN if late else self._clock
        self._stamps[path] = Stamp(time, time, 1, 1)

    def remove(self, path: str) -> None:
        del self.files[path], self._stamps[path]

    def scan(self) -> Scan:
        def below(folder: str) -> dict[str, Stamp]:
            return {path: self._stamps[path] for path in self.files if path.startswith(folder)}

        return Scan(
            newsroom={"newsroom.toml": self._stamps["newsroom.toml"]},
            items=below("items/"),
            themes=below("themes/"),
            media=below("media/"),
            issues=below("issues/"),
        )

    def newsroom(self) -> Newsroom:
        self.read.append("newsroom.toml")
        return self.room

    def item(self, path: str, newsroom: Newsroom, themes: Collection[str]) -> Text:
        del newsroom, themes
        return self._text(path)

    def theme(self, path: str) -> Text:
        return self._text(path)

    def media(self, path: str) -> MediaFile:
        self.read.append(path)
        file = self.files[path]
        if isinstance(file, Problem):
            raise ContentError([file])
        assert not isinstance(file, tuple)
        return file

    def line_of(self, path: str, field: str, value: str) -> int:
        del path, field, value
        return 0

    def _text(self, path: str) -> Text:
        self.read.append(path)
        file = self.files[path]
        if isinstance(file, Problem):
            raise ContentError([file])
        assert isinstance(file, tuple)
        return Text(record=file[0], body=file[1], body_line=5)


@dataclass
class MemoryCache:
    """What was found out, in dictionaries."""

    known: dict[str, tuple[Stamp, object]] = field(default_factory=dict)
    bodies: dict[str, Rendered] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def stamps(self) -> Mapping[str, Stamp]:
        return {path: stamp for path, (stamp, _) in self.known.items()}

    def records(self, paths: Iterable[str]) -> Mapping[str, object]:
        return {path: self.known[path][1] for path in paths if path in self.known}

    def remember(self, records: Iterable[tuple[str, Stamp, object]]) -> None:
        self.known.update((path, (stamp, record)) for path, stamp, record in records)

    def forget(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.known.pop(path, None)

    def body(self, key: str) -> Rendered | None:
        return self.bodies.get(key)

    def keep_bodies(self, bodies: Iterable[tuple[str, Rendered]]) -> None:
        self.bodies.update(bodies)

    def tidy(self, keys: Collection[str]) -> None:
        kept = set(keys)
        self.bodies = {key: body for key, body in self.bodies.items() if key in kept}

    def forget_all(self) -> None:
        self.__init__()  # type: ignore[misc]

    def note(self, name: str) -> str:
        return self.notes.get(name, "")

    def keep_note(self, name: str, value: str) -> None:
        self.notes[name] = value


class MemoryOutput:
    """Keeps each page's key; renders nothing. Raises `trouble` where there is one."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.published = 0
        self.whole = True
        self.trouble: Exception | None = None

    def intact(self) -> bool:
        return self.whole

    def publish(
        self,
        pages: Iterable[Page],
        jobs: Jobs,
        *,
        intact: bool = False,
        others: bool = False,
        meanwhile: Callable[[], object] | None = None,
    ) -> Changes:
        del jobs, intact, meanwhile
        wanted = {page.path: page.key for page in pages}
        if others:
            wanted = {**self.keys, **wanted}
        if self.trouble is not None:
            raise self.trouble
        self.published += 1
        before, self.keys = self.keys, wanted
        both = before.keys() & wanted.keys()
        return Changes(
            new=tuple(sorted(wanted.keys() - before.keys())),
            changed=tuple(sorted(path for path in both if before[path] != wanted[path])),
            removed=tuple(sorted(before.keys() - wanted.keys())),
            unchanged=sum(before[path] == wanted[path] for path in both),
        )


class MemoryPublished:
    """The record of ids."""

    def __init__(self) -> None:
        self.record: dict[str, str] = {}

    def ids(self) -> Mapping[str, str]:
        return dict(self.record)

    def keep(self, ids: Mapping[str, str]) -> None:
        self.record = dict(ids)


class NoIssues:
    """A newsroom that has sent nothing yet."""

    def ids(self) -> frozenset[str]:
        return frozenset()

    def released(self) -> frozenset[str]:
        return frozenset()

    def locks(self) -> tuple[Lock, ...]:
        return ()

    def plans(
        self, newsletters: Mapping[str, Sequence[str]], released: Collection[str]
    ) -> tuple[Plan, ...]:
        del newsletters, released
        return ()

    def message(self, lock: Lock, lang: str = "") -> bytes:
        raise LookupError(lock.id, lang)

    def create(self, plan: Plan, titles: Mapping[str, str]) -> Plan:
        raise LookupError(plan.id, titles)

    def refresh(self, old: Plan, new: Plan) -> Plan:
        raise LookupError(old.id, new.id)

    def release(self, lock: Lock, messages: Mapping[str, bytes]) -> None:
        raise LookupError(lock.id, messages)


class NoPictures:
    """Draws nothing."""

    def original(self, media: MediaFile) -> bytes:
        return media.path.encode()

    def variant(self, media: MediaFile, width: int, height: int) -> bytes:
        return f"{media.path} {width} {height}".encode()


class Desk:
    """A newsroom at work in memory. `rendered` counts the bodies that were rendered."""

    def __init__(self) -> None:
        self.content = MemoryContent()
        self.cache = MemoryCache()
        self.output = MemoryOutput()
        self.published = MemoryPublished()
        self.rendered = 0
        self.too_hard: type[Exception] | None = None
        self.code = "code"

    def write(self, name: str, on: str, body: str = "A body.", /, **values: object) -> Item:
        """Write an item's file."""
        item = make(name, on, **values)
        digest = f"{item!r} {body}"
        item = replace(item, digest=digest)
        self.content.write(item.source, (item, body))
        return item

    def workshop(self) -> Workshop:
        return Workshop(
            content=self.content,
            pictures=NoPictures(),
            cache=self.cache,
            output=self.output,
            jobs=InlineJobs(),
            bounded=self,
            published=self.published,
            templates=TEMPLATES,
            issues=NoIssues(),
            composer=MimeComposer(),
            code=self.code,
            began=BEGAN,
        )

    def __call__(self, work: Callable[[], A]) -> A:
        """The port `Bounded`."""
        self.rendered += 1
        if self.too_hard is not None:
            raise self.too_hard("10 s of processor time")
        return work()
