"""What every page and every feed is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    its text.
    """

    catalogue: Catalogue
    templates: Templates
    body_of: Callable[[Item], str]
    intros: Mapping[str, str]
    issues: tuple[Lock, ...]
    drafts: tuple[Plan, ...] = ()
    environment: str
    link_keys: Mapping[str, str] = field(default_factory=dict)
