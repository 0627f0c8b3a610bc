"""What is new since a plan was made, added without touching what the editor did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.assembly import LeftOut, Why, dropped, eligible, fill, newest, no_room
from pipeline.core.issue import section_title
from pipeline.core.plan import PlanSection
from pipeline.core.versions import section_titles

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pipeline.core.assembly import Choice
    from pipeline.core.item import Item
    from pipeline.core.newsroom import SectionRule
    from pipeline.core.plan import Plan


def refresh(plan: Plan, choice: Choice) -> tuple[Plan, tuple[LeftOut, ...]]:
    """The plan with new candidates at the end of their sections, and what stays out.

    Nothing that was offered before comes back, and nothing that is there moves. A section that the
    editor renamed is known by what it carries; where they took one out, its items stay out. A lead
    is never set.
    """
    candidates, left_out = eligible(choice)
    offered = frozenset(plan.offered)
    carried = frozenset(plan.carried)
    places = _Places(plan, choice, [item for item in candidates if item.id in offered])
    refused = [dropped(item) for item in candidates if item.id in offered - carried]
    siblings = choice.catalogue.pieces
    added: list[str] = []
    for item in candidates:
        if item.id in offered or item.id in carried:
            continue
        same = siblings.get(item.id, ())
        obstacle = _known_piece(item, same, plan) or places.put(item)
        if obstacle is None:
            added.append(item.id)
        else:
            refused.append(obstacle)
    renewed = plan
    if added:
        renewed = replace(plan, sections=places.sections(), offered=(*plan.offered, *added))
    others = (out for out in (*left_out, *refused) if out.item.id not in carried)
    return renewed, newest(others)


def review(plan: Plan, choice: Choice) -> tuple[LeftOut, ...]:
    """What a plan leaves out, as it stands, and why."""
    renewed, left_out = refresh(plan, choice)
    reason = "new since the plan was made: build --refresh adds it"
    waiting = (
        LeftOut(item=choice.catalogue.by_id[id_], why=Why.NEW, reason=reason)
        for id_ in renewed.offered[len(plan.offered) :]
    )
    return newest((*left_out, *waiting))


def _known_piece(item: Item, same: Sequence[str], plan: Plan) -> LeftOut | None:
    """Left out because the plan has, or had, the same piece in another language."""
    there = next((name for name in plan.carried if name in same), "")
    if there:
        reason = f"a translation of {there}, which is in"
        return LeftOut(item=item, why=Why.TRANSLATION, reason=reason)
    return dropped(item) if any(name in same for name in plan.offered) else None


def _only_leads(rule: SectionRule) -> bool:
    """True where a rule fills the lead and never a section."""
    return rule.lead and rule.limit == 1


class _Places:
    """Where in an edited plan the items of each rule go; `None` where the editor took it out."""

    def __init__(self, plan: Plan, choice: Choice, proposed: Sequence[Item]) -> None:
        self._choice = choice
        self._lead = plan.lead
        self._rules = choice.newsletter.sections
        self._there = plan.sections
        self._titles = [section.title for section in plan.sections]
        self._further = [section.titles for section in plan.sections]
        self._layouts = [section.layout for section in plan.sections]
        self._items = [list(section.items) for section in plan.sections]
        own = [section_title(rule.title, plan.date, choice.month) for rule in self._rules]
        _, filled, _ = fill(proposed, choice)
        self._places = [
            self._find(rule, title, ids, own)
            for rule, title, ids in zip(self._rules, own, filled, strict=True)
        ]

    def put(self, item: Item) -> LeftOut | None:
        """Add an item where its kind belongs; what stands in the way otherwise."""
        gone = False
        for rule, place in zip(self._rules, self._places, strict=True):
            if item.kind not in rule.kinds:
                continue
            if place is None:
                gone = gone or not _only_leads(rule)
                continue
            used = len(self._items[place]) + (1 if rule.lead and self._lead else 0)
            if used < rule.limit:
                self._items[place].append(item.id)
                return None
        if gone:
            reason = "the editor took out the section that it belongs to"
            return LeftOut(item=item, why=Why.DROPPED, reason=reason)
        return no_room(item, self._choice)

    def sections(self) -> tuple[PlanSection, ...]:
        """The plan's sections, then those that came with new items."""
        return tuple(
            PlanSection(title=title, items=tuple(items), titles=titles, layout=layout)
            for number, (title, items, titles, layout) in enumerate(
                zip(self._titles, self._items, self._further, self._layouts, strict=True)
            )
            if items or number < len(self._there)
        )

    def _find(
        self, rule: SectionRule, title: str, proposed: Collection[str], own: Collection[str]
    ) -> int | None:
        """The number of a rule's section; a new one where it never had anything; None: gone."""
        if title in self._titles:
            return self._titles.index(title)
        shares = [
            0 if section.title in own else len(set(proposed).intersection(section.items))
            for section in self._there
        ]
        if any(shares):
            return shares.index(max(shares))
        if proposed or _only_leads(rule):
            return None
        self._titles.append(title)
        self._items.append([])
        self._layouts.append(rule.layout)
        number, choice = self._rules.index(rule), self._choice
        self._further.append(section_titles(choice.newsletter, number, choice.on, choice.months))
        return len(self._titles) - 1
