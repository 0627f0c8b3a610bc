"""Reads what there is of issues: released ones, drafts, and what is wrong with these."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pipeline.core.conflicts import Conflict
from pipeline.core.issue import announcement, announcement_body
from pipeline.errors import ContentError, Problem
from pipeline.ports import Rendered
from pipeline.render import markdown
from pipeline.render.page import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.plan import Plan
    from pipeline.flows.workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """Released issues and drafts, each newest first, and the items that announce the former.

    `announcements` and their `bodies` go by the path of the lock's file, `urls` (the relative ones
    in a draft's message) by that of the plan's.
    """

    released: tuple[Lock, ...]
    drafts: tuple[Plan, ...]
    announcements: Mapping[str, Item]
    bodies: Mapping[str, str]
    urls: Mapping[str, tuple[str, ...]]


def read_issues(workshop: Workshop, newsroom: Newsroom) -> Issues:
    """Everything in `content/issues/`. Raises ContentError with every problem."""
    problems: list[Problem] = []
    locks: tuple[Lock, ...] = ()
    plans: tuple[Plan, ...] = ()
    try:
        locks = workshop.issues.locks()
    except ContentError as error:
        problems.extend(error.problems)
    try:
        keys = [newsletter.key for newsletter in newsroom.newsletters]
        plans = workshop.issues.plans(keys, workshop.issues.released())
    except ContentError as error:
        problems.extend(error.problems)
    urls = {plan.source: _urls(workshop, plan, problems) for plan in plans if plan.message}
    if problems:
        raise ContentError(problems)
    told = [(lock, announcement(lock, newsroom)) for lock in locks]
    return Issues(
        released=tuple(sorted(locks, key=_newest_first)),
        drafts=tuple(sorted(plans, key=_newest_first)),
        announcements={item.source: item for _, item in told if item},
        bodies={lock.source: announcement_body(lock, newsroom) for lock, item in told if item},
        urls=urls,
    )


def issue_conflicts(issues: Issues, items: Sequence[Item]) -> Iterator[Conflict]:
    """Ids in drafts that no item has or that stand twice, and items with an issue's id."""
    known = {item.id for item in items}
    mine = {item.id: item.source for item in issues.announcements.values()}
    for item in items:
        if item.id in mine:
            expected = f"each has its own; {mine[item.id]} has it too: give another 'id:'"
            yield Conflict(item.source, "id", f'"{item.id}"', expected)
    yield from _wrong_items(issues.drafts, known)


def _wrong_items(plans: Sequence[Plan], items: Collection[str]) -> Iterator[Conflict]:
    for plan in plans:
        places = [("lead", plan.lead)] if plan.lead else []
        places += [
            (f"sections[{number}].items", name)
            for number, section in enumerate(plan.sections, 1)
            for name in section.items
        ]
        seen: set[str] = set()
        for field, name in places:
            if name not in items:
                expected = "the id of an item" + _nearest(name, items)
                yield Conflict(plan.source, field, f'"{name}"', expected)
            elif name in seen:
                expected = "an item stands under one heading: keep one"
                yield Conflict(plan.source, field, f'"{name}"', expected)
            if field != "lead":
                seen.add(name)


def _urls(workshop: Workshop, plan: Plan, problems: list[Problem]) -> tuple[str, ...]:
    """The relative URLs in a message, rendered once and within bounds."""
    key = key_of(plan.digest, "message")
    known = workshop.cache.body(key)
    if known is not None:
        return known.urls
    try:
        body = workshop.bounded(partial(markdown.body, plan.message, name="message"))
    except (TimeoutError, RecursionError):
        expected = "a message that a reader could follow: fewer '[', '<' and '*', less nesting"
        problems.append(Problem(path=plan.source, expected=expected))
        return ()
    rendered = Rendered(html=body.html, urls=body.urls, excerpt=body.excerpt)
    workshop.cache.keep_bodies([(key, rendered)])
    return rendered.urls


def _newest_first(issue: Lock | Plan) -> tuple[int, str]:
    return -issue.date.toordinal(), issue.id


def _nearest(word: str, known: Collection[str]) -> str:
    # Only a mistake pays for loading difflib.
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
