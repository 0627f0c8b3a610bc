"""Where the addresses of the site lead: what a build would make, without making it."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.flows.showing import media_pages
from pipeline.render.feeds import feed_pages
from pipeline.render.gate.facts import PictureFile, Standing
from pipeline.render.issue_page import issue_pages
from pipeline.render.pages import site_pages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.core.item import Item
    from pipeline.core.media import MediaFile, Variant
    from pipeline.flows.workshop import Workshop
    from pipeline.render.page import Page
    from pipeline.render.site import Site

INDEX = "index.html"

_ID = re.compile(r"""\b(?:id|name)=["']([^"']+)["']""")


class Addresses:
    """The site's addresses, as paths below its root, at `now`."""

    def __init__(self, workshop: Workshop, site: Site, *, now: datetime) -> None:
        self._workshop = workshop
        self._site = site
        self._now = now

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by its path, those that nobody can open too; not what announces an issue."""
        every = self._site.catalogue.by_id.values()
        return {item.path: item for item in every if item.source.startswith("items/")}

    def standing(self, path: str) -> Standing:
        """Where a path leads."""
        item = self.items.get(path)
        if item is not None:
            return self._of_item(item)
        if path in self._site.catalogue.media:
            return Standing.THERE
        # Planning every page takes a moment, and most addresses in a mail are those of items.
        return Standing.THERE if self._page(path) else Standing.NOWHERE

    def anchors(self, path: str) -> frozenset[str]:
        """The fragments that the page at a path has."""
        page = self._page(path)
        return frozenset(_ID.findall(page.render().decode())) if page else frozenset()

    def picture(self, path: str) -> PictureFile | None:
        """The file of a picture, as it would be published."""
        found = self._pictures.get(path)
        if found is None:
            return None
        media, variant = found
        if variant is None:
            return PictureFile(size=media.size, width=media.width, height=media.height)
        size = self._size_of(media, variant)
        return PictureFile(size=size, width=variant.width, height=variant.height)

    def _of_item(self, item: Item) -> Standing:
        if self._site.catalogue.is_public(item):
            return Standing.THERE
        if item.draft:
            return Standing.DRAFT
        return Standing.WAITING if item.date > self._now else Standing.EXPIRED

    def _page(self, path: str) -> Page | None:
        names = (path, f"{path}{INDEX}" if path.endswith("/") or not path else f"{path}/{INDEX}")
        return next((self._pages[name] for name in names if name in self._pages), None)

    @cached_property
    def _pages(self) -> Mapping[str, Page]:
        site, workshop = self._site, self._workshop
        pages = chain(
            feed_pages(site),
            site_pages(site),
            media_pages(workshop, site.catalogue),
            issue_pages(
                site,
                plans=site.drafts,
                composer=workshop.composer,
                message_of=workshop.issues.message,
            ),
        )
        return {page.path: page for page in pages}

    @cached_property
    def _pictures(self) -> Mapping[str, tuple[MediaFile, Variant | None]]:
        from pipeline.core.media import variants

        found: dict[str, tuple[MediaFile, Variant | None]] = {}
        for media in self._site.catalogue.media.values():
            found[media.path] = (media, None)
            found.update((variant.path, (media, variant)) for variant in variants(media))
        return found

    def _size_of(self, media: MediaFile, variant: Variant) -> int:
        """The bytes of a smaller copy; made once to be weighed, and then remembered."""
        name = f"size {media.digest} {variant.width}x{variant.height}"
        known = self._workshop.cache.note(name)
        if known:
            return int(known)
        size = len(self._workshop.pictures.variant(media, variant.width, variant.height))
        self._workshop.cache.keep_note(name, str(size))
        return size
