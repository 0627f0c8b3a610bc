"""From what was read to a site: who is public now, where links lead, what every page may show."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.core.catalogue import Catalogue, compile_catalogue
from pipeline.core.conflicts import Conflict, vanished, wrong_layouts
from pipeline.core.media import variants
from pipeline.errors import ContentError, OutputError
from pipeline.flows.following import environment_of
from pipeline.flows.issue_reading import issue_conflicts, read_issues
from pipeline.flows.reading import located
from pipeline.render.links import is_elsewhere, targets
from pipeline.render.page import Page, key_of
from pipeline.render.site import Site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from pipeline.core.item import Item
    from pipeline.core.plan import Plan
    from pipeline.flows.reading import Reading
    from pipeline.flows.workshop import Workshop


LAYOUTS = "email/layouts/"

ELSEWHERE = (
    "a picture on another site, which would learn who reads this one: save it in content/media/"
)


def compile_site(
    workshop: Workshop,
    reading: Reading,
    *,
    now: datetime,
    withdrawn: Collection[str] = (),
    changed: frozenset[str] | None = None,
) -> Site:
    """The site as it is at `now`; `changed` are the ids that alone have news, if known.

    Raises ContentError (ConfigError, where `newsroom.toml` is wrong too) with everything that is
    wrong in any file and between files: links that lead nowhere, published ids that vanished.
    """
    try:
        issues = read_issues(workshop, reading.newsroom)
    except ContentError as error:
        reading.raise_if_wrong(error.problems)
        raise
    catalogue = compile_catalogue(
        reading.newsroom,
        (*reading.items, *issues.announcements.values()),
        themes=reading.themes,
        media=reading.media,
        now=now,
    )
    urls = {**reading.urls, **issues.urls}
    published = workshop.published.ids().items()
    kept = {x: at for x, at in published if x not in withdrawn and at not in reading.failed}
    found = chain(
        _dangling(urls, catalogue, reading.failed),
        () if reading.failed else issue_conflicts(issues, reading.items),
        vanished(kept, catalogue.by_id.values()),
        wrong_layouts(reading.newsroom, issues.drafts, workshop.templates.names(LAYOUTS)),
    )
    reading.raise_if_wrong(located(workshop.content, found))
    return Site(
        catalogue=catalogue,
        templates=workshop.templates,
        body_of=partial(_body_of, workshop, reading.body_keys, issues.bodies),
        intros={
            key: _html(workshop, reading.body_keys[theme.source])
            for key, theme in reading.themes.items()
        },
        issues=issues.released,
        drafts=issues.drafts,
        environment=environment_of(workshop, reading.newsroom),
        link_keys=_link_keys(urls, issues.drafts, catalogue),
        changed=changed,
    )


def media_pages(workshop: Workshop, catalogue: Catalogue) -> Iterator[Page]:
    """Every media file as it is, and the smaller copies of pictures."""
    for media in catalogue.media.values():
        yield Page(
            path=media.path,
            key=key_of(media.digest, workshop.code),
            render=partial(workshop.pictures.original, media),
        )
        for variant in variants(media):
            yield Page(
                path=variant.path,
                key=key_of(media.digest, variant, workshop.code),
                render=partial(workshop.pictures.variant, media, variant.width, variant.height),
            )


def _body_of(
    workshop: Workshop, body_keys: Mapping[str, str], announced: Mapping[str, str], item: Item
) -> str:
    if item.source in announced:
        return announced[item.source]
    return _html(workshop, body_keys[item.source])


def _html(workshop: Workshop, key: str) -> str:
    body = workshop.cache.body(key)
    if body is None:
        raise OutputError("a text is gone from the cache: run 'enews build --full'")
    return body.html


def _dangling(
    urls: Mapping[str, tuple[str, ...]], catalogue: Catalogue, failed: Collection[str]
) -> Iterator[Conflict]:
    """Relative links and pictures that lead nowhere; not those to what could not be read."""
    unread = {path.rpartition("/")[2] for path in failed}
    expected = (
        "leads nowhere: give the name of an item's file, an item's id, a file under media/, or a "
        "whole address that starts with https://"
    )
    for source, mine in sorted(urls.items()):
        for url, target in targets(mine, source, catalogue).items():
            if is_elsewhere(url):
                yield Conflict(source, "", f'"{url}"', ELSEWHERE)
                continue
            name = url.partition("#")[0].rpartition("/")[2]
            unsure = failed and (name in unread or "." not in name)
            if target is None and not unsure:
                yield Conflict(source, "", f'"{url}"', expected)


def _link_keys(
    urls: Mapping[str, tuple[str, ...]], drafts: Iterable[Plan], catalogue: Catalogue
) -> Mapping[str, str]:
    """What stands for where relative links lead now, by the id of their item or draft."""
    owners: dict[str, str] = {plan.source: plan.id for plan in drafts}
    keys = {}
    for source, mine in urls.items():
        item = catalogue.by_source.get(source)
        owner = item.id if item else owners.get(source)
        if owner is not None:
            keys[owner] = key_of(*targets(mine, source, catalogue).items())
    return keys
