"""An issue as plain text: from the Markdown and the view, never from HTML.

The same parts in the same order as the HTML, lines of at most 72 columns, every link numbered; and
all of it, also where the HTML had to be shortened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.render.issue_view import address_of
from pipeline.render.text import Links, to_text
from pipeline.render.wrapping import underline, wrap

if TYPE_CHECKING:
    from pipeline.core.plan import Plan
    from pipeline.render.issue_view import IssueView, Row
    from pipeline.render.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSection:
    """A heading, underlined, and its entries, each in wrapped lines."""

    title: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """What the plain-text template puts in order; every value is in wrapped lines."""

    title: str
    day: str
    message: str
    notes: tuple[str, ...]
    lead: str
    sections: tuple[TextSection, ...]
    themes_title: str
    themes: tuple[str, ...]
    sender: str
    postal_address: str
    why: str


def text_of(view: IssueView, plan: Plan, site: Site) -> str:
    """The text part; `plan` is in the view's language. Raises RenderError."""
    links = Links(lambda url: address_of(plan, site, url))
    message = to_text(plan.message, links)
    notes = tuple(links.listed())
    text = TextView(
        title=_heading(view.title, "="),
        day=view.day,
        message=message,
        notes=notes,
        lead=_entry(view.lead, links, mark="") if view.lead else "",
        sections=tuple(
            TextSection(
                title=_heading(group.title, "="),
                entries=tuple(_entry(row, links, mark="* ") for row in group.rows),
            )
            for group in view.sections
        ),
        themes_title="\n".join(wrap(view.words.themes)),
        themes=tuple(
            "\n".join([*wrap(theme.title, first="* ", rest="  "), _note(theme.url, links)])
            for theme in view.themes
        ),
        sender=view.sender,
        postal_address="\n".join(wrap(view.postal_address)),
        why="\n".join(wrap(view.words.why(title=view.newsletter))),
    )
    return site.templates.text("email/issue.txt", issue=view, text=text).strip("\n") + "\n"


def _heading(title: str, mark: str) -> str:
    return "\n".join(underline(wrap(title), mark))


def _entry(row: Row, links: Links, *, mark: str) -> str:
    """Title, language, summary, and the address under its number; a lead's title is underlined."""
    indent = " " * len(mark)
    title = wrap(row.title, first=mark, rest=indent)
    lines = title if mark else [*underline(title, "-"), ""]
    if row.language:
        lines.append(f"{indent}({row.language})")
    if row.summary:
        lines += wrap(row.summary, first=indent, rest=indent)
    return "\n".join([*lines, indent + _note(row.url, links).strip()])


def _note(url: str, links: Links) -> str:
    """An address under its number."""
    return f"  [{links.number(url)}] {url}"
