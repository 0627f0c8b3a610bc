"""A feed before a format is chosen: which items, under which name, at which address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.announcement import announced_versions, announcement
from pipeline.core.issue import issues_path
from pipeline.core.item import newest_first
from pipeline.core.versions import further_languages, languages, newsletter_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsletter, Newsroom


class Feed(NamedTuple):
    """The newest items of one selection, newest first.

    `base` is the path of the folder that holds `feed.xml`, `atom.xml` and `feed.json` ("" for
    everything); `page` the path of the web page it mirrors; `id` a tag URI (RFC 4151); `updated`
    the latest change to any entry, so that unchanged items mean unchanged bytes; `lang` its
    language.
    """

    id: str
    title: str
    description: str
    base: str
    page: str
    items: tuple[Item, ...]
    updated: datetime
    lang: str


def feeds(catalogue: Catalogue, issues: Sequence[Lock] = ()) -> Iterator[Feed]:
    """Everything, then each kind, each theme, and each newsletter's issues a language.

    `issues` are the released ones.
    """
    newsroom = catalogue.newsroom
    limit = newsroom.feeds.limit

    def feed(
        base: str, title: str, about: str, page: str, items: tuple[Item, ...], *, lang: str = ""
    ) -> Feed:
        newest = items[:limit]
        return Feed(
            id=newsroom.tag(f"feed:{base.rstrip('/')}"),
            title=title,
            description=about or title,
            base=base,
            page=page,
            items=newest,
            updated=max((item.modified for item in newest), default=beginning(newsroom)),
            lang=lang or newsroom.language,
        )

    yield feed("", newsroom.title, newsroom.description, "", catalogue.items)
    for key, label in newsroom.kinds.items():
        page = next((f"{x.path}/" for x in newsroom.listings if key in x.kinds), "")
        title = f"{newsroom.title}: {label}"
        yield feed(f"kinds/{key}/", title, title, page, catalogue.of_kind[key])
    for key, theme in sorted(catalogue.themes.items()):
        title = f"{newsroom.title}: {theme.title}"
        yield feed(theme.path, title, theme.summary, theme.path, catalogue.of_theme[key])
    for newsletter in newsroom.newsletters:
        base = issues_path(newsletter.key)
        told = tuple(item for item in catalogue.items if item.path.startswith(base))
        main = languages(newsletter, newsroom)[0]
        yield feed(base, newsletter.title, f"Issues of {newsletter.title}", base, told, lang=main)
        for lang in further_languages(newsletter, newsroom, issues):
            title = newsletter_in(newsletter, lang).title
            versions = _versions(newsletter, lang, issues, catalogue)
            # The page of past issues is one for all languages.
            yield feed(issues_path(newsletter.key, lang), title, title, base, versions, lang=lang)


def _versions(
    newsletter: Newsletter, lang: str, issues: Sequence[Lock], catalogue: Catalogue
) -> tuple[Item, ...]:
    """The items that announce a newsletter's issues in a further language, newest first."""
    found: list[Item] = []
    for lock in issues:
        main = announcement(lock, catalogue.newsroom)
        if lock.newsletter == newsletter.key and main and catalogue.is_public(main):
            told = announced_versions(lock, catalogue.newsroom)
            found.extend(item for item in told if item.lang == lang)
    return tuple(sorted(found, key=newest_first))


def beginning(newsroom: Newsroom) -> datetime:
    """When the newsroom's authority began (RFC 4151 §2.1): the date of a feed without entries."""
    year, *rest = newsroom.authority.partition(",")[2].split("-")
    month, day = [*map(int, rest), 1, 1][:2]
    return datetime(int(year), month, day, tzinfo=UTC)
