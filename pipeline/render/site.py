"""What every page and every feed is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.plan import Plan
    from pipeline.render.templates import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The catalogue with the means to show it.

    `body_of` gives the sanitised HTML of an item, `intros` that of each theme by its key, both with
    marked URLs (see `render.links`); `issues` are the released ones and `drafts` the others, each
    newest first; `environment` stands for the templates, the configuration and the code, and is
    part of every page's key; `link_keys` stands, by the id of an item or a draft, for where the
    relative links of its text lead now (missing: it has none), so that a page is planned without
    its text; `changed` are the ids of the items that alone have changed since the last build, in
    their words only, or None where anything may have: pages that show none of them stay as they
    are and need not be planned.
    """

    catalogue: Catalogue
    templates: Templates
    body_of: Callable[[Item], str]
    intros: Mapping[str, str]
    issues: tuple[Lock, ...]
    drafts: tuple[Plan, ...] = ()
    environment: str
    link_keys: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] | None = None

    def shows_news(self, items: Iterable[Item]) -> bool:
        """True where a page that shows these items may not be what it was."""
        changed = self.changed
        return changed is None or any(item.id in changed for item in items)
