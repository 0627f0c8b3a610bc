"""Which items a new issue proposes, and for every other one the reason why not.

::

    catalogue ─▶ eligible ─▶ fill the sections ─▶ Assembly ─▶ plan file ─▶ the editor
                    │             │
                    └─ left out ◀─┘  each with its reason

Items are chosen by id, never by position: what an earlier issue carried is out, whatever happened
to its date, its file or the order of anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.core.issue import section_title, sent_at
from pipeline.core.item import SKIP_ISSUES, newest_first
from pipeline.core.plan import PlanSection
from pipeline.core.versions import languages, section_titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsletter

ANNOUNCING = "issues/"
"""Where the pages of items live that announce an issue; no issue carries those."""


class Why(StrEnum):
    """Why an item is not in an issue."""

    CARRIED = "carried"  # an earlier issue had it
    DRAFT = "draft"  # its author has not finished
    LATER = "later"  # it is dated after the issue, or its time has not come
    EXPIRED = "expired"  # it is no longer true
    OLD = "old"  # it is older than the look-back
    SKIP = "skip"  # its author keeps it out of newsletters
    RESERVED = "reserved"  # it is for another newsletter
    NO_SECTION = "no-section"  # no section takes its kind
    TRANSLATION = "translation"  # the same piece stands there in another language
    FULL = "full"  # every section that takes its kind is full
    DROPPED = "dropped"  # the editor took it out, or took out its section
    NEW = "new"  # it came after the plan was made


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item that an issue does not carry; `reason` is for the editor, `why` for the code."""

    item: Item
    why: Why
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What a new issue would carry, and what not (newest first)."""

    lead: str
    sections: tuple[PlanSection, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def offered(self) -> tuple[str, ...]:
        """Every id it proposes, in order."""
        listed = tuple(item for section in self.sections for item in section.items)
        return (self.lead, *listed) if self.lead else listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an issue dated `on` is chosen from, at `now`.

    `taken` maps the ids that other issues carry to the id of that issue; `month` is the month's
    name in the newsletter's main language, for titles, `months` in the further ones.
    """

    newsletter: Newsletter
    catalogue: Catalogue
    on: date
    now: datetime
    month: str
    taken: Mapping[str, str]
    months: Mapping[str, str] = field(default_factory=dict)


def assemble(choice: Choice) -> Assembly:
    """Propose a new issue."""
    rules = choice.newsletter.sections
    candidates, left_out = eligible(choice)
    lead, filled, full = fill(candidates, choice)
    sections = tuple(
        PlanSection(
            title=section_title(rule.title, choice.on, choice.month),
            items=tuple(ids),
            titles=section_titles(choice.newsletter, number, choice.on, choice.months),
            layout=rule.layout,
        )
        for number, (rule, ids) in enumerate(zip(rules, filled, strict=True))
        if ids
    )
    return Assembly(lead=lead, sections=sections, left_out=newest((*left_out, *full)))


def eligible(choice: Choice) -> tuple[list[Item], list[LeftOut]]:
    """The items that may go into the issue, newest first, and the others."""
    kinds = {kind for rule in choice.newsletter.sections for kind in rule.kinds}
    chosen: list[Item] = []
    left_out: list[LeftOut] = []
    for item in choice.catalogue.by_id.values():
        if item.path.startswith(ANNOUNCING):
            continue
        found = _not_ready(item, choice) or _not_wanted(item, choice, kinds)
        if found is None:
            chosen.append(item)
        else:
            left_out.append(LeftOut(item=item, why=found[0], reason=found[1]))
    double = _doubles(chosen, choice)
    left_out.extend(double.values())
    return [item for item in chosen if item.id not in double], left_out


def fill(candidates: Sequence[Item], choice: Choice) -> tuple[str, list[list[str]], list[LeftOut]]:
    """Lead, ids a rule, and what found no room. The lead counts in its own section's limit."""
    rules = choice.newsletter.sections
    leading = next((rule for rule in rules if rule.lead), None)
    lead = next((item.id for item in candidates if leading and item.kind in leading.kinds), "")
    filled: list[list[str]] = [[] for _ in rules]
    full: list[LeftOut] = []
    for item in candidates:
        if item.id == lead:
            continue
        for rule, ids in zip(rules, filled, strict=True):
            used = len(ids) + (1 if lead and rule is leading else 0)
            if item.kind in rule.kinds and used < rule.limit:
                ids.append(item.id)
                break
        else:
            full.append(no_room(item, choice))
    return lead, filled, full


def no_room(item: Item, choice: Choice) -> LeftOut:
    """Left out because its sections are full."""
    limits = ", ".join(
        f'"{section_title(rule.title, choice.on, choice.month)}" takes {rule.limit}'
        for rule in choice.newsletter.sections
        if item.kind in rule.kinds
    )
    return LeftOut(item=item, why=Why.FULL, reason=f"no room: {limits}")


def dropped(item: Item) -> LeftOut:
    """Left out because the editor said so."""
    return LeftOut(item=item, why=Why.DROPPED, reason="taken out by the editor")


def newest(left_out: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """In the order of the catalogue."""
    return tuple(sorted(left_out, key=lambda out: newest_first(out.item)))


def _not_ready(item: Item, choice: Choice) -> tuple[Why, str] | None:
    """Why the item cannot stand in any issue of that day."""
    day = item.date.date()
    if item.draft:
        return Why.DRAFT, "a draft"
    if day > choice.on:
        return Why.LATER, f"dated {day}, after the issue's {choice.on}"
    if item.date > choice.now:
        return Why.LATER, f"dated {day}, its time has not come"
    out = sent_at(choice.newsletter, choice.catalogue.newsroom, choice.on)
    if item.expires and item.expires <= max(out, choice.now):
        return Why.EXPIRED, f"expires {item.expires.date()}"
    return None


def _not_wanted(item: Item, choice: Choice, kinds: set[str]) -> tuple[Why, str] | None:
    """Why the item has no place in this newsletter's issue."""
    day = item.date.date()
    if item.id in choice.taken:
        return Why.CARRIED, f"carried by {choice.taken[item.id]}"
    if item.issue == SKIP_ISSUES:
        return Why.SKIP, "kept out of newsletters (issue: skip)"
    if item.issue and item.issue != choice.newsletter.key:
        return Why.RESERVED, f"reserved for {item.issue}"
    if (choice.on - day).days > choice.newsletter.lookback_days:
        return Why.OLD, f"dated {day}, more than {choice.newsletter.lookback_days} days before"
    if item.kind not in kinds:
        return Why.NO_SECTION, f'no section takes the kind "{item.kind}"'
    return None


def _doubles(chosen: Sequence[Item], choice: Choice) -> dict[str, LeftOut]:
    """Translations of what is chosen, or of what an earlier issue carried: one piece, one place.

    The newsletter's main language comes first, then its further ones, then the newest.
    """
    order = languages(choice.newsletter, choice.catalogue.newsroom)
    ranks = {lang: rank for rank, lang in enumerate(order)}
    siblings = choice.catalogue.pieces
    double: dict[str, LeftOut] = {}
    kept: set[str] = set()
    for item in sorted(chosen, key=lambda item: ranks.get(item.lang, len(ranks))):
        same = [name for name in siblings.get(item.id, ()) if name != item.id]
        issue = next((choice.taken[other] for other in same if other in choice.taken), "")
        other = next((other for other in same if other in kept), "")
        if not issue and not other:
            kept.add(item.id)
            continue
        reason = (
            f"its translation was carried by {issue}"
            if issue
            else f"a translation of {other}, which is in"
        )
        double[item.id] = LeftOut(item=item, why=Why.TRANSLATION, reason=reason)
    return double
