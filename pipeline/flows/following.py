"""What a small change leads to: most edits change the words of a few items and nothing else.

Then only the pages that show these items are planned (`Site.changed`), and all others stay. That
holds where the last build ended well and is still right in everything else: the same code,
templates and configuration, no moment passed at which an item appears or goes, every file of the
output as it was written, and of the sources only items changed, in nothing that decides where they
stand.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.core.item import Item
from pipeline.ports.building import Prepared
from pipeline.render.page import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.core.newsroom import Newsroom
    from pipeline.flows.reading import Reading, Survey
    from pipeline.flows.workshop import Workshop

FEW = 100
"""Changed items from which on every page is looked at."""


def environment_of(workshop: Workshop, newsroom: Newsroom) -> str:
    """Stands for all that every page depends on: code, templates, configuration."""
    return key_of(workshop.code, workshop.templates.digest, newsroom)


def is_steady(workshop: Workshop, found: Survey, now: datetime) -> bool:
    """True where neither code, nor configuration, nor the clock can have changed the output."""
    if workshop.cache.note("environment") != environment_of(workshop, found.newsroom):
        return False
    since, until = workshop.cache.note("since"), workshop.cache.note("until")
    if not since or now < datetime.fromisoformat(since):
        return False
    return not until or now < datetime.fromisoformat(until)


def items_before(workshop: Workshop, found: Survey) -> Mapping[str, Item] | None:
    """By path, the items that changed as they were; None where anything else changed too."""
    if found.gone or found.scan.problems or found.broken or len(found.stale) > FEW:
        return None
    if any(path not in found.scan.items for path in found.stale):
        return None
    records = workshop.cache.records(found.stale)
    before = {
        path: record.record
        for path, record in records.items()
        if isinstance(record, Prepared) and isinstance(record.record, Item)
    }
    return before if len(before) == len(found.stale) else None


def reworded(before: Mapping[str, Item], reading: Reading) -> frozenset[str] | None:
    """The ids of the items that changed; None where one of them may stand elsewhere now."""
    after = {item.source: item for item in reading.items if item.source in before}
    if after.keys() != before.keys():
        return None
    if any(_standing(item) != _standing(before[path]) for path, item in after.items()):
        return None
    return frozenset(item.id for item in after.values())


def _standing(item: Item) -> tuple[object, ...]:
    """What decides on which pages an item stands, and in which order."""
    return (
        item.id, item.date, item.kind, item.path, item.lang, item.themes, item.series,
        item.translations, item.aliases, item.draft, item.expires,
    )  # fmt: skip
