"""Reads the newsroom: only files that changed are read, typed and rendered again.

`survey` compares stamps, `read` does the work and finds every problem there is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.conflicts import conflicts
from pipeline.core.item import Item
from pipeline.core.media import MediaFile
from pipeline.core.newsroom import Newsroom
from pipeline.core.theme import Theme
from pipeline.errors import ConfigError, ContentError, Problem
from pipeline.ports.building import Prepared, Rendered, Scan, Stamp
from pipeline.render import markdown
from pipeline.render.page import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pipeline.core.conflicts import Conflict
    from pipeline.flows.workshop import Workshop
    from pipeline.ports.building import Content

SETTLED = 20_000_000
"""Nanoseconds within which a file system may give two changes the same time."""

MANY = 100
"""Changed files from which on some of them are sure to hold a text."""

NEVER = Stamp(0, 0, 0, 0)


class Survey(NamedTuple):
    """What lies in `content/` and which of it has to be read; `vocabulary` is what items may name.

    `broken` is set where `newsroom.toml` is wrong; `newsroom` then holds what could be made of it.
    """

    scan: Scan
    newsroom: Newsroom
    vocabulary: str
    themes: frozenset[str]
    stale: tuple[str, ...]
    gone: tuple[str, ...]
    broken: ConfigError | None = None

    @property
    def quiet(self) -> bool:
        """True where nothing changed since the last reading."""
        return not (self.stale or self.gone or self.scan.problems or self.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything in `content/` but the issues, typed and rendered.

    `failed` are the files that could not be read, `problems` what is wrong in them and between the
    others, `broken` what is wrong with `newsroom.toml`; `compile_site` raises them, with its own.
    """

    newsroom: Newsroom
    items: tuple[Item, ...]
    themes: Mapping[str, Theme]
    media: Mapping[str, MediaFile]
    urls: Mapping[str, tuple[str, ...]]
    body_keys: Mapping[str, str]
    failed: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    broken: ConfigError | None = None

    def raise_if_wrong(self, more: Iterable[Problem] = ()) -> None:
        """Raises ContentError, or ConfigError where `newsroom.toml` is wrong, with everything."""
        problems = sorted({*self.problems, *more})
        if self.broken is not None:
            both = (*self.broken.problems, *problems)
            raise ConfigError("\n".join(map(str, both)), both)
        if problems:
            raise ContentError(problems)


class _Outcome(NamedTuple):
    """What became of one file."""

    path: str
    record: object
    rendered: Rendered | None
    problems: tuple[Problem, ...]


def survey(workshop: Workshop) -> Survey:
    """Compare stamps; reads `newsroom.toml` if it changed. Raises ConfigError."""
    scan = workshop.content.scan()
    stamps = workshop.cache.stamps()
    newsroom, broken = _newsroom(workshop, scan, stamps)
    themes = frozenset(path.rpartition("/")[2].removesuffix(".md") for path in scan.themes)
    vocabulary = key_of(newsroom, sorted(themes))
    same_words = broken is None and workshop.cache.note("vocabulary") == vocabulary
    groups = (scan.themes, scan.media, scan.issues)
    stale = [
        path for path, stamp in chain(*(g.items() for g in groups)) if stamps.get(path) != stamp
    ]
    stale += [
        path for path, stamp in scan.items.items() if not same_words or stamps.get(path) != stamp
    ]
    here = {*scan.newsroom, *scan.items, *scan.themes, *scan.media, *scan.issues}
    return Survey(
        scan=scan,
        newsroom=newsroom,
        vocabulary=vocabulary,
        themes=themes,
        stale=tuple(stale),
        gone=tuple(sorted(stamps.keys() - here)),
        broken=broken,
    )


def read(
    workshop: Workshop, found: Survey, *, meanwhile: Callable[[], object] | None = None
) -> Reading:
    """Read what changed and take the rest from the cache; what could be read is remembered.

    `meanwhile` is called here while other processes read, if there is work for several.
    """
    problems = list(found.scan.problems)
    if not found.quiet:
        # What is read here is not stale any more, but the output is, until a build has ended.
        workshop.cache.keep_note("since", "")
    fresh = _read_stale(workshop, found, problems, meanwhile)
    records = {**workshop.cache.records(_cached_paths(found)), **fresh}
    reading = _assemble(found, records)
    problems.extend(located(workshop.content, _conflicts(reading)))
    return replace(reading, problems=tuple(problems), broken=found.broken)


def located(content: Content, found: Iterable[Conflict]) -> Iterator[Problem]:
    """Conflicts with the lines on which they stand; only mistakes pay for finding them."""
    for path, field, value, expected in found:
        line = content.line_of(path, field, value.strip('"')) if field or value else 0
        yield Problem(path=path, line=line, field=field, found=value, expected=expected)


def _newsroom(
    workshop: Workshop, scan: Scan, stamps: Mapping[str, Stamp]
) -> tuple[Newsroom, ConfigError | None]:
    for path, stamp in scan.newsroom.items():
        if stamps.get(path) == stamp:
            record = workshop.cache.records([path]).get(path)
            if isinstance(record, Newsroom):
                return record, None
    try:
        newsroom = workshop.content.newsroom()
    except ConfigError as error:
        if not isinstance(error.partial, Newsroom):
            raise
        return error.partial, error
    workshop.cache.remember(
        (path, settled(stamp, workshop.began), newsroom) for path, stamp in scan.newsroom.items()
    )
    return newsroom, None


def _read_stale(
    workshop: Workshop,
    found: Survey,
    problems: list[Problem],
    meanwhile: Callable[[], object] | None,
) -> dict[str, object]:
    """Read stale files, here or in several processes; remembers what is right."""
    scan = found.scan
    stamps = {**scan.items, **scan.themes, **scan.media}
    work = partial(_read_chunk, workshop, found.newsroom, found.themes)
    fresh: dict[str, object] = {}
    stale = [path for path in found.stale if path in stamps]
    if len(stale) > MANY:
        markdown.load()
    for outcomes in workshop.jobs.map(work, stale, meanwhile=meanwhile):
        good = [outcome for outcome in outcomes if outcome.record is not None]
        problems.extend(problem for outcome in outcomes for problem in outcome.problems)
        fresh.update((outcome.path, outcome.record) for outcome in good)
        workshop.cache.keep_bodies(
            (outcome.record.body_key, outcome.rendered)
            for outcome in good
            if outcome.rendered is not None and isinstance(outcome.record, Prepared)
        )
        if found.broken is None:
            workshop.cache.remember(
                (outcome.path, settled(stamps[outcome.path], workshop.began), outcome.record)
                for outcome in good
            )
    if found.broken is None:
        workshop.cache.forget(found.gone)
        _forget_unread(workshop, found, fresh)
        workshop.cache.keep_note("vocabulary", found.vocabulary)
    return fresh


def _forget_unread(workshop: Workshop, found: Survey, fresh: Collection[str]) -> None:
    """A file that could not be read this time has no record that would still be right."""
    workshop.cache.forget(
        path for path in found.stale if path not in fresh and path not in found.scan.issues
    )


def _read_chunk(
    workshop: Workshop, newsroom: Newsroom, themes: Collection[str], paths: Sequence[str]
) -> list[_Outcome]:
    return [_read_one(workshop, newsroom, themes, path) for path in paths]


def _read_one(
    workshop: Workshop, newsroom: Newsroom, themes: Collection[str], path: str
) -> _Outcome:
    content = workshop.content
    try:
        if path.startswith("media/"):
            return _Outcome(path, content.media(path), None, ())
        if path.startswith("themes/"):
            text = content.theme(path)
        else:
            text = content.item(path, newsroom, themes)
    except ContentError as error:
        return _Outcome(path, None, None, error.problems)
    record = text.record
    name = record.key if isinstance(record, Theme) else record.path.split("/")[-2]
    body_key = key_of(record.digest, name)
    known = workshop.cache.body(body_key)
    rendered = known
    if rendered is None:
        try:
            body = workshop.bounded(partial(markdown.body, text.body, name=name))
        except (TimeoutError, RecursionError) as error:
            return _Outcome(path, None, None, (_too_hard(path, text.body_line, error),))
        rendered = Rendered(html=body.html, urls=body.urls, excerpt=body.excerpt)
    if not record.summary:
        record = replace(record, summary=rendered.excerpt)
    prepared = Prepared(record=record, body_key=body_key, urls=rendered.urls)
    return _Outcome(path, prepared, None if known else rendered, ())


def _too_hard(path: str, line: int, error: Exception) -> Problem:
    if isinstance(error, TimeoutError):
        found = f"a text that takes {error} to render"
        expected = "look for long runs of '[', '<' or '*' and put them in a code block"
    else:
        found = (
            "lists, quotes, brackets or HTML nested too deep or never closed, or a long address "
            "used too often"
        )
        expected = "a text that a reader could follow"
    return Problem(path=path, line=line, found=found, expected=expected)


def _cached_paths(found: Survey) -> set[str]:
    scan = found.scan
    return {*scan.items, *scan.themes, *scan.media}.difference(found.stale)


def _assemble(found: Survey, records: Mapping[str, object]) -> Reading:
    every = (*found.scan.items, *found.scan.themes, *found.scan.media)
    prepared = [record for record in records.values() if isinstance(record, Prepared)]
    themes = [p.record for p in prepared if isinstance(p.record, Theme)]
    return Reading(
        newsroom=found.newsroom,
        items=tuple(p.record for p in prepared if isinstance(p.record, Item)),
        themes={theme.key: theme for theme in sorted(themes, key=lambda theme: theme.key)},
        media={
            path: record
            for path in found.scan.media
            if isinstance(record := records.get(path), MediaFile)
        },
        urls={p.record.source: p.urls for p in prepared if p.urls},
        body_keys={p.record.source: p.body_key for p in prepared},
        failed=frozenset(path for path in every if path not in records),
    )


def _conflicts(reading: Reading) -> Iterator[Conflict]:
    """What is wrong between files; of what could not be read nobody knows the id."""
    ordered = sorted(reading.items, key=lambda item: item.source)
    themes = reading.themes.values()
    for conflict in conflicts(ordered, themes, reading.media, reading.newsroom.logo):
        unsure = conflict.field == "translations" and reading.failed
        if not unsure and conflict.found.strip('"') not in reading.failed:
            yield conflict


def settled(stamp: Stamp, began: int) -> Stamp:
    """The stamp, or one that no file has where the file changed too late to trust it."""
    return stamp if max(stamp.mtime, stamp.ctime) + SETTLED < began else NEVER
