"""Reads what there is of issues: released ones, drafts, and what is wrong with these."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.announcement import announced_versions, announcement, announcement_body
from pipeline.core.conflicts import Conflict
from pipeline.core.piece import pieces
from pipeline.core.versions import languages
from pipeline.errors import ContentError, Problem
from pipeline.ports.building import Rendered
from pipeline.render import markdown
from pipeline.render.page import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.plan import Plan
    from pipeline.flows.workshop import Workshop


TOO_HARD = "a message that a reader could follow: fewer '[', '<' and '*', less nesting"


class Issues(NamedTuple):
    """Released issues and drafts, each newest first, and the items that announce the former.

    `announcements` and their `bodies` go by the path of the lock's file (the bodies of further
    versions by that of their message), `urls` (the relative ones in a draft's message, in all its
    languages) by that of the plan's.
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
        further = {x.key: languages(x, newsroom)[1:] for x in newsroom.newsletters}
        plans = workshop.issues.plans(further, workshop.issues.released())
    except ContentError as error:
        problems.extend(error.problems)
    urls = {plan.source: _urls(workshop, plan, problems) for plan in plans if _messages(plan)}
    if problems:
        raise ContentError(problems)
    told = [(lock, announcement(lock, newsroom)) for lock in locks]
    return Issues(
        released=tuple(sorted(locks, key=_newest_first)),
        drafts=tuple(sorted(plans, key=_newest_first)),
        announcements={item.source: item for _, item in told if item},
        bodies={
            item.source: announcement_body(lock, version, newsroom)
            for lock, main in told
            if main
            for item, version in zip(
                (main, *announced_versions(lock, newsroom)), lock.all_versions, strict=True
            )
        },
        urls=urls,
    )


def issue_conflicts(issues: Issues, items: Sequence[Item]) -> Iterator[Conflict]:
    """Ids in drafts that no item has or that stand twice, and items with an issue's id."""
    known = pieces(items) if issues.drafts else {}
    mine = {item.id: item.source for item in issues.announcements.values()}
    for item in items:
        if item.id in mine:
            expected = f"each has its own; {mine[item.id]} has it too: give another 'id:'"
            yield Conflict(item.source, "id", f'"{item.id}"', expected)
    yield from _wrong_items(issues.drafts, {item.id for item in items}, known)


def _wrong_items(
    plans: Sequence[Plan], items: Collection[str], same: Mapping[str, tuple[str, ...]]
) -> Iterator[Conflict]:
    for plan in plans:
        places = [("lead", plan.lead)] if plan.lead else []
        places += [
            (f"sections[{number}].items", name)
            for number, section in enumerate(plan.sections, 1)
            for name in section.items
        ]
        seen: set[str] = set()
        firsts: dict[tuple[str, ...], str] = {}
        for field, name in places:
            other = firsts.setdefault(same.get(name, (name,)), name)
            if name not in items:
                expected = "the id of an item" + _nearest(name, items)
                yield Conflict(plan.source, field, f'"{name}"', expected)
            elif name in seen:
                expected = "an item stands under one heading: keep one"
                yield Conflict(plan.source, field, f'"{name}"', expected)
            elif other != name:
                expected = (
                    f'a translation of "{other}", which is in: keep one; each language of the '
                    "issue shows its own"
                )
                yield Conflict(plan.source, field, f'"{name}"', expected)
            if field != "lead":
                seen.add(name)


def _messages(plan: Plan) -> dict[str, str]:
    """What the editor wrote, by language; "" stands for the main one."""
    written = {"": plan.message, **{version.lang: version.message for version in plan.versions}}
    return {lang: message for lang, message in written.items() if message}


def _urls(workshop: Workshop, plan: Plan, problems: list[Problem]) -> tuple[str, ...]:
    """The relative URLs in a draft's messages, each rendered once and within bounds."""
    found: dict[str, None] = {}
    for lang, message in _messages(plan).items():
        key = key_of(plan.digest, "message", *([lang] if lang else []))
        known = workshop.cache.body(key)
        if known is None:
            try:
                body = workshop.bounded(partial(markdown.body, message, name="message"))
            except (TimeoutError, RecursionError):
                field = f"versions.{lang}.message" if lang else ""
                problems.append(Problem(path=plan.source, field=field, expected=TOO_HARD))
                continue
            known = Rendered(html=body.html, urls=body.urls, excerpt=body.excerpt)
            workshop.cache.keep_bodies([(key, known)])
        found.update(dict.fromkeys(known.urls))
    return tuple(found)


def _newest_first(issue: Lock | Plan) -> tuple[int, str]:
    return -issue.date.toordinal(), issue.id


def _nearest(word: str, known: Collection[str]) -> str:
    # Only a mistake pays for loading difflib.
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
