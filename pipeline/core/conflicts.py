"""What is wrong between files that are each right by themselves."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.media import variants

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pipeline.core.item import Item, Picture
    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.plan import Plan
    from pipeline.core.theme import Theme


class Conflict(NamedTuple):
    """A problem whose line is not known yet: file, key path, what was found, what is expected."""

    path: str
    field: str
    found: str
    expected: str


def conflicts(
    items: Sequence[Item],
    themes: Iterable[Theme],
    media: Mapping[str, MediaFile],
    logo: Picture | None = None,
) -> Iterator[Conflict]:
    """Ids and addresses given twice; translations and pictures that are not there."""
    yield from _picture("newsroom.toml", logo, media, "newsroom.logo.src")
    yield from _twice(items, "id", "id")
    yield from _twice(items, "slug", "path")
    yield from _aliases(items)
    yield from _copies(media)
    ids = {item.id for item in items}
    for item in items:
        for other in item.translations:
            if other == item.id:
                expected = "expected the id of another item: this is its own"
                yield Conflict(item.source, "translations", f'"{other}"', expected)
            elif other not in ids:
                expected = "expected the id of another item" + _nearest(other, ids)
                yield Conflict(item.source, "translations", f'"{other}"', expected)
        yield from _picture(item.source, item.image, media)
    for theme in themes:
        yield from _picture(theme.source, theme.image, media)


def wrong_layouts(
    newsroom: Newsroom, plans: Iterable[Plan], known: Collection[str]
) -> Iterator[Conflict]:
    """Sections that ask for a layout that no template has."""
    asked = [
        (
            "newsroom.toml",
            f"newsletters[{place}].sections[{number}].layout",
            section.layout,
        )
        for place, newsletter in enumerate(newsroom.newsletters, 1)
        for number, section in enumerate(newsletter.sections, 1)
    ]
    asked += [
        (plan.source, f"sections[{number}].layout", section.layout)
        for plan in plans
        for number, section in enumerate(plan.sections, 1)
    ]
    for path, field, layout in asked:
        if layout and layout not in known:
            expected = f"a layout: {', '.join(sorted(known))}" + _nearest(layout, known)
            yield Conflict(path, field, f'"{layout}"', expected)


def vanished(published: Mapping[str, str], items: Iterable[Item]) -> Iterator[Conflict]:
    """Ids that readers have seen and that no file has any more."""
    now_here = {item.id: item for item in items}
    for name, source in sorted(published.items()):
        if name in now_here:
            continue
        heir = next((item for item in now_here.values() if item.source == source), None)
        if heir is not None:
            expected = f"give it back: id: {name}. Readers would see an old item as new"
            yield Conflict(source, "id", f'"{heir.id}", published as "{name}"', expected)
        elif source.endswith(".lock.json"):
            expected = "the lock of a released issue is gone: restore it from version control"
            yield Conflict(source, "", "", expected)
        else:
            expected = (
                f"the item with the id {name} was published and is gone. Renamed: give the new "
                f"file 'id: {name}', and its old address in 'aliases:'. Withdrawn: keep the file "
                f"with 'expires:', or say 'enews build --withdraw {name}'"
            )
            yield Conflict(source, "", "", expected)


def alias_file(alias: str) -> str:
    """The output file of an old address: `/old/page/` → `old/page/index.html`."""
    path = alias.lstrip("/")
    if path.endswith("/") or "." not in path.rpartition("/")[2]:
        return f"{path.rstrip('/')}/index.html".lstrip("/")
    return path


def _twice(items: Sequence[Item], field: str, attribute: str) -> Iterator[Conflict]:
    if len({_folded(getattr(item, attribute)) for item in items}) == len(items):
        return
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[_folded(getattr(item, attribute))].append(item)
    for group in groups.values():
        for item in group[1:]:
            value = item.id if attribute == "id" else item.path.rstrip("/").rpartition("/")[2]
            year = "" if attribute == "id" else f" in {item.date.year}"
            expected = f"each item has its own; {group[0].source} has it too: give one '{field}:'"
            yield Conflict(item.source, field, f'"{value}"{year}', expected)


def _aliases(items: Sequence[Item]) -> Iterator[Conflict]:
    if not any(item.aliases for item in items):
        return
    pages = {_folded(f"{item.path}index.html"): item for item in items}
    folders: dict[str, Item] = {}
    for item in items:
        for alias in item.aliases:
            file = _folded(alias_file(alias))
            above = [file[:end] for end, letter in enumerate(file) if letter == "/"]
            other: Item | None = pages.setdefault(file, item)
            if other is item and file != _folded(f"{item.path}index.html"):
                # A file cannot be the folder of another one too.
                other = next((pages[path] for path in above if path in pages), folders.get(file))
                folders.update((path, item) for path in above if other is None)
            if other is not None:
                expected = f"remove it here: {other.source} has this address"
                yield Conflict(item.source, "aliases", f'"{alias}"', expected)


def _copies(media: Mapping[str, MediaFile]) -> Iterator[Conflict]:
    """Names that differ in a way that not every file system sees, or that a smaller copy has."""
    first: dict[str, str] = {}
    for path in media:
        other = first.setdefault(_folded(path), path)
        if other != path:
            yield Conflict(path, "", "", f"rename the file: {other} has the same name elsewhere")
    for file in media.values():
        for variant in variants(file):
            if taken := first.get(_folded(variant.path)):
                expected = f"rename the file: a smaller copy of {file.path} has its name"
                yield Conflict(taken, "", "", expected)


def _picture(
    source: str,
    picture: Picture | None,
    media: Mapping[str, MediaFile],
    field: str = "image.src",
) -> Iterator[Conflict]:
    if picture is None:
        return
    file = media.get(picture.src)
    if file is None:
        expected = "expected a picture in content/media/" + _nearest(picture.src, media)
        yield Conflict(source, field, f'"{picture.src}"', expected)
    elif not file.is_picture:
        expected = "expected a JPEG, PNG, GIF or WebP picture"
        yield Conflict(source, field, f'"{picture.src}"', expected)


def _nearest(word: str, known: Iterable[str]) -> str:
    # Only a mistake pays for loading difflib.
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _folded(text: str) -> str:
    """Alike for file systems that ignore case and composition."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).casefold()
