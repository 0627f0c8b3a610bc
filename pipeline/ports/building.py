"""What building asks of the world; the adapters are in `content`, `output`, `mail` and `jobs`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pipeline.core.answer import Answer
    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.media import MediaFile
    from pipeline.core.message import Message, Parts
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.plan import Plan
    from pipeline.core.theme import Theme
    from pipeline.errors import Problem

A = TypeVar("A")
B = TypeVar("B")


class Stamp(NamedTuple):
    """What the file system says of a file; equal stamps mean equal bytes.

    Times in nanoseconds, size in bytes. The time of the last status change is part of it, so that
    a copy that keeps an old modification time is still seen.
    """

    mtime: int
    ctime: int
    size: int
    inode: int


class Scan(NamedTuple):
    """The files below `content/`, by path, in the order of their names, and what is wrong there."""

    newsroom: Mapping[str, Stamp]
    items: Mapping[str, Stamp]
    themes: Mapping[str, Stamp]
    media: Mapping[str, Stamp]
    issues: Mapping[str, Stamp]
    problems: tuple[Problem, ...] = ()


class Text(NamedTuple):
    """An item or a theme as read, with its body's Markdown; `body_line` is where that begins."""

    record: Item | Theme
    body: str
    body_line: int


class Content(Protocol):
    """Reads `content/`. Every method raises ContentError (ConfigError) naming file and line."""

    def scan(self) -> Scan:
        """Every file with its stamp; reads none of them."""
        ...

    def newsroom(self) -> Newsroom:
        """What `newsroom.toml` says."""
        ...

    def item(self, path: str, newsroom: Newsroom, themes: Collection[str]) -> Text:
        """One item."""
        ...

    def theme(self, path: str) -> Text:
        """One theme."""
        ...

    def media(self, path: str) -> MediaFile:
        """What is known of one media file."""
        ...

    def line_of(self, path: str, field: str, value: str) -> int:
        """The line on which `field` (or, in the body, `value`) stands; 0 if unknown."""
        ...


class PictureMaker(Protocol):
    """Makes smaller copies of pictures."""

    def original(self, media: MediaFile) -> bytes:
        """The bytes of a media file."""
        ...

    def variant(self, media: MediaFile, width: int, height: int) -> bytes:
        """The same picture, `width` by `height` pixels, in the same format."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An item or a theme, ready for pages: its record, and the relative URLs in its body."""

    record: Item | Theme
    body_key: str
    urls: tuple[str, ...] = ()


class Rendered(NamedTuple):
    """A body as rendered: HTML with marked URLs, these URLs, and an excerpt."""

    html: str
    urls: tuple[str, ...]
    excerpt: str


class Cache(Protocol):
    """What earlier builds found out; losing it costs time and nothing else."""

    def stamps(self) -> Mapping[str, Stamp]:
        """The stamp that each file had when it was read."""
        ...

    def records(self, paths: Iterable[str]) -> Mapping[str, object]:
        """What was read from files: `Prepared`, `MediaFile`, `Newsroom`."""
        ...

    def remember(self, records: Iterable[tuple[str, Stamp, object]]) -> None:
        """Keep what was read from files."""
        ...

    def forget(self, paths: Iterable[str]) -> None:
        """Drop files that are gone."""
        ...

    def body(self, key: str) -> Rendered | None:
        """A rendered body."""
        ...

    def keep_bodies(self, bodies: Iterable[tuple[str, Rendered]]) -> None:
        """Keep rendered bodies."""
        ...

    def tidy(self, keys: Collection[str]) -> None:
        """Drop bodies that no file has any more; put the rest in good order."""
        ...

    def forget_all(self) -> None:
        """Start from nothing."""
        ...

    def note(self, name: str) -> str:
        """A short text kept under a name; "" where there is none."""
        ...

    def keep_note(self, name: str, value: str) -> None:
        """Keep a short text."""
        ...


class Page(NamedTuple):
    """A file at `path` below the output folder, before anybody knows whether it has to be made.

    `key` stands for all that `render` reads: where it is equal to that of the last build, the bytes
    are too, and `render` is not called.
    """

    path: str
    key: str
    render: Callable[[], bytes]


class Changes(NamedTuple):
    """What a build did to the output: paths, sorted; `unchanged` counts the rest."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def total(self) -> int:
        """The files of the output."""
        return len(self.new) + len(self.changed) + self.unchanged


class Output(Protocol):
    """The output folder: seen whole or not at all, one writer at a time."""

    def intact(self) -> bool:
        """True where every file is as the last build left it."""
        ...

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

        `intact` is what the method said, if it was asked; with `others`, which needs that, all
        other pages stay as they are. `meanwhile` is called here while other processes render, if
        there is work for several.
        """
        ...


class Jobs(Protocol):
    """Does the same work for many values, here or in several processes."""

    def map(
        self,
        work: Callable[[Sequence[A]], B],
        values: Sequence[A],
        *,
        meanwhile: Callable[[], object] | None = None,
    ) -> Iterator[B]:
        """`work` on chunks of `values`, results in no certain order; errors are raised here.

        Where other processes are at work, `meanwhile` is called here, once: what it loads is then
        there for the next work too.
        """
        ...

    def begin(self, work: Callable[[], bool]) -> Callable[[], bool]:
        """Begin `work`, in another process where there are several; call the result for its own.

        An error in another process counts as False.
        """
        ...


class Bounded(Protocol):
    """Runs one piece of work within a bound of processor time."""

    def __call__(self, work: Callable[[], A]) -> A:
        """The result; raises TimeoutError where the bound was passed."""
        ...


class Published(Protocol):
    """The record of every id that readers have seen; not a cache."""

    def ids(self) -> Mapping[str, str]:
        """Each id with the file it came from."""
        ...

    def keep(self, ids: Mapping[str, str]) -> None:
        """Replace the record."""
        ...


class IssueFiles(Protocol):
    """The plans, locks and messages in `content/issues/`."""

    def ids(self) -> frozenset[str]:
        """The ids of every plan, lock and message that is there, right or wrong."""
        ...

    def released(self) -> frozenset[str]:
        """The ids of those with a lock, right or wrong."""
        ...

    def locks(self) -> tuple[Lock, ...]:
        """Every released issue; raises ContentError, also for a message that was changed."""
        ...

    def plans(
        self, newsletters: Mapping[str, Sequence[str]], released: Collection[str]
    ) -> tuple[Plan, ...]:
        """Every plan that is not `released`; raises ContentError with every problem.

        `newsletters` has the key of each and its further languages.
        """
        ...

    def message(self, lock: Lock, lang: str = "") -> bytes:
        """The bytes that were released in a language ("": the main one).

        Raises ContentError where they are not there any more.
        """
        ...

    def create(self, plan: Plan, titles: Mapping[str, str]) -> Plan:
        """Write a new plan, its items' titles beside their ids; raises IssueError."""
        ...

    def refresh(self, old: Plan, new: Plan) -> Plan:
        """Add to a plan's file what `new` has more of; raises IssueError."""
        ...

    def release(self, lock: Lock, messages: Mapping[str, bytes]) -> None:
        """Write the message in each language, then the lock; raises IssueError."""
        ...


class Composer(Protocol):
    """Writes messages down as bytes, and reads them back."""

    def compose(self, message: Message) -> bytes:
        """The message's bytes; raises IssueError for a header that cannot be."""
        ...

    def parts(self, raw: bytes) -> Parts:
        """What a released message says; raises IssueError."""
        ...


class Outside(Protocol):
    """Asks other sites whether addresses are there: politely, within bounds, and never twice."""

    def ask(self, urls: Sequence[str]) -> Mapping[str, Answer]:
        """What each said; an address that could not be asked in time has an answer as well."""
        ...
