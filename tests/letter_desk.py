"""Issues of any size, as mails: for whatever tests how a mail looks and how long it is."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from pipeline.core.item import Picture
from pipeline.render.issue_view import issue_view
from tests.feed_site import make
from tests.issue_desk import LETTER, issue_site, plan

if TYPE_CHECKING:
    from pipeline.core.plan import Plan
    from pipeline.render.issue_view import IssueView
    from pipeline.render.site import Site

SUMMARY = (
    "The members met for two days in the hall above the market and agreed on a price. "
    "They will meet again in the autumn, when the harvest is in and the figures are known. "
    "Until then each of them keeps a list of what was asked for and could not be had."
)
PICTURE = Picture(src="media/seoul.png", alt="A hall full of people")


def long_issue(*sizes: int, message: str = "Dear readers.") -> tuple[Plan, Site]:
    """An issue with a lead and sections of so many items each, with long summaries."""
    ids = [[f"s{number}-{place}" for place in range(size)] for number, size in enumerate(sizes)]
    items = [
        make(
            name,
            "2017-06-10",
            title=f"{name}: what the members decided in the hall above the market",
            summary=SUMMARY,
            image=PICTURE if place % 2 else None,
            themes=("care",),
        )
        for place, name in enumerate(["lead", *(name for part in ids for name in part)])
    ]
    sections = [(f"Section {number}", tuple(part)) for number, part in enumerate(ids)]
    return plan(*sections, lead="lead", message=message), issue_site(items)


def long_view(*sizes: int, message: str = "Dear readers.") -> IssueView:
    """The same as the templates see it."""
    given, site = long_issue(*sizes, message=message)
    return issue_view(given, LETTER, site)


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]
