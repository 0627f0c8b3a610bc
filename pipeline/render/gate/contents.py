"""Rules on what an issue carries: empty sections, an item twice, items that nobody can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.render.gate.facts import Standing
from pipeline.render.gate.rule import Group, error, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.core.finding import Finding
    from pipeline.core.plan import Plan
    from pipeline.render.gate.facts import Mail

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
MESSAGE = "message"

NOTHING = error(
    "issue-empty",
    "There is nothing to read: no item that is public, and no message.",
    "add items to the plan, or write a message below it",
)
SECTION = warning(
    "section-empty",
    "A section without an item that readers can open is left out of the mail.",
    "take the section out of the plan, or give it items",
)
TWICE = error(
    "item-twice",
    "Readers who meet a piece twice think that they have read the rest as well.",
    "keep it in one place",
)
HIDDEN = error(
    "item-hidden",
    "A draft, an item whose time has not come and one that has expired are left out of the mail.",
    "publish the item, or take it out of the plan",
)


def ask(mail: Mail) -> Iterator[Finding]:
    """The plan, then what the HTML shows."""
    if mail.plan is not None:
        yield from _planned(mail, mail.plan)
    shown = _shown(mail)
    for url in dict.fromkeys(url for url in shown if shown.count(url) > 1):
        item = mail.item_at(url)
        found = f"{shown.count(url)} times: {item.title if item else url}"
        yield TWICE.at(mail.in_plan("sections"), found)
    message = mail.plan.message.strip() if mail.plan else "unknown"
    if not shown and not message:
        yield NOTHING.at(mail.in_plan("sections"), "no item, and no message")


def _planned(mail: Mail, plan: Plan) -> Iterator[Finding]:
    for name in plan.carried:
        standing = _standing(mail, name)
        if standing is not Standing.THERE:
            item = mail.by_id.get(name)
            said = f"{name}: {standing}" if item else f"{name}: there is no such item"
            yield HIDDEN.at(_line(mail, plan, name), said)
    for number, section in enumerate(plan.sections, 1):
        left = [name for name in section.items if name != plan.lead]
        if not any(_standing(mail, name) is Standing.THERE for name in left):
            where = mail.in_plan(f"sections[{number}].title")
            yield SECTION.at(where, section.title)


def _standing(mail: Mail, name: str) -> Standing:
    item = mail.by_id.get(name)
    return mail.standing(item.path) if item else Standing.NOWHERE


def _line(mail: Mail, plan: Plan, name: str) -> str:
    if name == plan.lead:
        return mail.in_plan("lead")
    for number, section in enumerate(plan.sections, 1):
        if name in section.items:
            return mail.in_plan(f"sections[{number}].items")
    return plan.source


def _shown(mail: Mail) -> list[str]:
    """The items that have a heading of their own, in order; those of the message are its own."""
    found = []
    for heading in mail.document.body.iter(*sorted(HEADINGS)):
        if in_message(heading):
            continue
        urls = [each.get("href", "").partition("#")[0] for each in heading.iter("a")]
        parent = heading.getparent()
        if parent is not None and parent.tag == "a":
            urls.append(parent.get("href", "").partition("#")[0])
        found += [url for url in dict.fromkeys(urls) if mail.item_at(url)]
    return found


def in_message(element: HtmlElement) -> bool:
    """Whether an element stands in the editor's message, which templates put into `.message`."""
    return any(
        MESSAGE in each.get("class", "").split() for each in (element, *element.iterancestors())
    )


def shown_items(mail: Mail) -> list[str]:
    """The addresses of the items that the HTML shows, in order."""
    return list(dict.fromkeys(_shown(mail)))


GROUP = Group(title="Contents", rules=(NOTHING, SECTION, TWICE, HIDDEN), ask=ask)
