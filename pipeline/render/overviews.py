"""Pages there is one of: the front page, all themes, past issues, and "not found"."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.issue import issue_path, issues_path
from pipeline.core.listing import paginate
from pipeline.core.versions import further_languages, languages, newsletter_in
from pipeline.render.articles import ISSUES
from pipeline.render.cards import further_versions
from pipeline.render.dates import numerals
from pipeline.render.frame import FeedLink, Head, Link, root_of
from pipeline.render.metadata import breadcrumbs, graph, website

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.listing import ListingPage
    from pipeline.core.newsroom import Newsletter
    from pipeline.core.theme import Theme
    from pipeline.render.cards import Cards, IssueVersion
    from pipeline.render.frame import Frame
    from pipeline.render.page import Page

NEWEST = 9
"""Items on the front page, the lead among them."""

LEADS = 3
"""The lead is the first of so many newest items that has a picture."""

PAST_ISSUES = 4
"""Issues of each newsletter on the front page, after its latest."""

ISSUES_A_PAGE = 100
"""Issues on a numbered page of past issues."""


class IssueCard(NamedTuple):
    """A released issue; `path` is below the site's root, `number` in digits, "" if special.

    `attributes` is ` lang="…" dir="…"` where it is not in the site's language; `versions` are its
    further ones.
    """

    title: str
    attributes: str
    versions: tuple[IssueVersion, ...]
    path: str
    day: str
    date: str
    number: str
    summary: str


class NewsletterCard(NamedTuple):
    """A newsletter with its newest issues; `latest` is None before the first."""

    title: str
    path: str
    latest: IssueCard | None
    past: tuple[IssueCard, ...]


class IssueYear(NamedTuple):
    """The issues of one year, newest first; `label` is the year in the language's digits."""

    year: int
    label: str
    issues: tuple[IssueCard, ...]


def overviews(frame: Frame, cards: Cards) -> Iterator[Page]:
    """The front page, the themes, each newsletter's past issues, and `404.html`."""
    lead, newest = front_items(frame)
    themes = themes_by_title(frame.catalogue.themes)
    issues = _by_newsletter(frame)
    shown = [issue for group in issues.values() for issue in group[: PAST_ISSUES + 1]]
    key = (
        "home",
        *[cards.key_with_summary(item) for item in (lead, *newest) if item],
        "themes",
        *[cards.theme_key(theme) for theme in themes],
        *map(_issue_key, shown),
    )
    yield frame.plan("", key, partial(_home, frame, cards, (lead, newest), themes, issues))
    if themes:
        key = ("themes", *[cards.theme_key_with_summary(theme) for theme in themes])
        yield frame.plan("themes/", key, partial(_themes, frame, cards, themes))
    for newsletter in frame.newsroom.newsletters:
        base = issues_path(newsletter.key)
        for page in paginate(issues[newsletter.key], base, ISSUES_A_PAGE):
            langs = further_languages(newsletter, frame.newsroom, frame.site.issues)
            fed = " ".join(langs)
            key = ("issues", page.newer, page.older, fed, *map(_issue_key, page.items))
            yield frame.plan(page.path, key, partial(_issues, frame, newsletter, page))
    yield frame.plan("404.html", ("not found",), partial(_not_found, frame))


def front_items(frame: Frame) -> tuple[Item | None, tuple[Item, ...]]:
    """The lead, and the newest others; a piece in several languages once, in the newsroom's own.

    Issues are announced elsewhere on the front page.
    """
    news = (item for item in frame.catalogue.items if not item.path.startswith(ISSUES))
    chosen = frame.catalogue.each_piece(tuple(news))[:NEWEST]
    if not chosen:
        return None, ()
    lead = next((item for item in chosen[:LEADS] if item.image), chosen[0])
    return lead, tuple(item for item in chosen if item is not lead)


def themes_by_title(themes: Mapping[str, Theme]) -> tuple[Theme, ...]:
    """In the order of their titles, whatever their keys."""
    return tuple(sorted(themes.values(), key=lambda theme: (theme.title.casefold(), theme.key)))


def _by_newsletter(frame: Frame) -> dict[str, list[Lock]]:
    groups: dict[str, list[Lock]] = {x.key: [] for x in frame.newsroom.newsletters}
    for issue in frame.site.issues:
        if issue.newsletter in groups:
            groups[issue.newsletter].append(issue)
    return groups


def _issue_key(issue: Lock) -> str:
    langs = " ".join([issue.lang, *(version.lang for version in issue.versions)])
    said = (issue.id, issue.number, issue.date, issue.title, issue.summary, langs)
    return "\x1e".join(map(str, said))


def _issue_card(frame: Frame, issue: Lock) -> IssueCard:
    return IssueCard(
        title=issue.title,
        attributes=frame.attributes(issue.lang or frame.newsroom.language),
        versions=further_versions(issue),
        path=issue_path(issue.id),
        day=frame.day(issue.date, frame.newsroom.language),
        date=issue.date.isoformat(),
        number=numerals(str(issue.number or ""), frame.newsroom.language),
        summary=issue.summary,
    )


def _home(
    frame: Frame,
    cards: Cards,
    items: tuple[Item | None, tuple[Item, ...]],
    themes: tuple[Theme, ...],
    issues: Mapping[str, list[Lock]],
) -> bytes:
    newsroom = frame.newsroom
    lead, newest = items
    newsletters = []
    for newsletter in newsroom.newsletters:
        shown = [_issue_card(frame, x) for x in issues[newsletter.key][: PAST_ISSUES + 1]]
        newsletters.append(
            NewsletterCard(
                title=newsletter.title,
                path=issues_path(newsletter.key),
                latest=shown[0] if shown else None,
                past=tuple(shown[1:]),
            )
        )
    head = Head(
        title="",
        description=newsroom.description or newsroom.title,
        image=cards.address(lead.image) if lead else "",
        data=graph(website(frame)),
    )
    return frame.fill(
        "home.html",
        "",
        "",
        head,
        lead=cards.card(lead, "") if lead else None,
        newest=[cards.card(item, "") for item in newest],
        themes=[cards.theme_card(theme, "", summary=False) for theme in themes],
        newsletters=newsletters,
        listings=[Link(path=f"{x.path}/", label=x.title) for x in newsroom.listings],
    )


def _themes(frame: Frame, cards: Cards, themes: tuple[Theme, ...]) -> bytes:
    path, title = "themes/", frame.words.themes
    head = Head(
        title=title,
        description=frame.newsroom.description or title,
        data=graph(breadcrumbs(frame, Link(path=path, label=title))),
        section=path,
    )
    root = root_of(path)
    shown = [cards.theme_card(theme, root) for theme in themes]
    return frame.fill("themes.html", path, root, head, themes=shown)


def _issues(frame: Frame, newsletter: Newsletter, page: ListingPage[Lock]) -> bytes:
    base = issues_path(newsletter.key)
    shown = [_issue_card(frame, issue) for issue in page.items]
    latest = shown[0] if shown and not page.number else None
    years = [
        IssueYear(
            year=year,
            label=numerals(str(year), frame.newsroom.language),
            issues=tuple(group),
        )
        for year, group in groupby(shown[1:] if latest else shown, lambda x: int(x.date[:4]))
    ]
    main = languages(newsletter, frame.newsroom)[0]
    feeds = tuple(
        FeedLink(
            base=issues_path(newsletter.key, lang),
            title=newsletter_in(newsletter, lang).title,
            attributes=frame.attributes(lang or main),
        )
        for lang in ("", *further_languages(newsletter, frame.newsroom, frame.site.issues))
    )
    head = Head(
        title=newsletter.title,
        description=frame.newsroom.description or newsletter.title,
        data=graph(breadcrumbs(frame, Link(path=base, label=newsletter.title))),
        feeds=feeds,
        section=base,
    )
    return frame.fill(
        "issues.html",
        page.path,
        root_of(page.path),
        head,
        title=newsletter.title,
        latest=latest,
        years=years,
        feeds=feeds,
        newer=page.newer,
        older=page.older,
    )


def _not_found(frame: Frame) -> bytes:
    # Served at any depth, so its links cannot be relative.
    head = Head(title=frame.words.not_found, description=frame.words.not_found_text)
    return frame.fill("404.html", "404.html", frame.prefix, head, places=frame.nav)
