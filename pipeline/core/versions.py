"""An issue in each of its languages: one number, one plan, and a version of it a language.

::

    newsletter ─▶ newsletter_in ─┐
    plan ───────▶ plan_in ───────┼─▶ a version: one mail, one text, one web page, one feed entry
    item ───────▶ item_in ───────┘

A plan names pieces, each by the id of any of its language versions. A version shows a piece in its
own language where a public translation is there, else the item that the plan names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.issue import section_title
from pipeline.core.item import newest_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from pipeline.core.catalogue import Catalogue
    from pipeline.core.issue import Lock
    from pipeline.core.item import Item
    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.core.plan import Plan


def languages(newsletter: Newsletter, newsroom: Newsroom) -> tuple[str, ...]:
    """The languages of every issue, at least one; the first is the main one."""
    return newsletter.languages or (newsroom.language,)


def further_languages(
    newsletter: Newsletter, newsroom: Newsroom, issues: Iterable[Lock]
) -> tuple[str, ...]:
    """The further languages that have feeds: those of today, and of every released issue.

    A mail that was sent links to the feed of its language, also after that was given up.
    """
    released = (
        version.lang
        for issue in issues
        if issue.newsletter == newsletter.key
        for version in issue.versions[1:]
    )
    return tuple(dict.fromkeys((*languages(newsletter, newsroom)[1:], *released)))


def version_for(language: str, versions: Sequence[str]) -> str:
    """Which of an issue's languages a subscriber gets, the main one first; `language` may be "".

    Their own, else the nearest form of it (`zh-Hant` for `zh-Hant-TW`, RFC 4647 §3.4; also `pt-BR`
    for `pt`), else the main one. Raises ValueError where there are no versions.
    """
    if not versions:
        raise ValueError("an issue has at least one language")
    tags = {version.lower(): version for version in reversed(versions)}
    wanted = language.lower()
    while wanted:
        if wanted in tags:
            return tags[wanted]
        wanted = wanted.rpartition("-")[0]
    base = language.lower().partition("-")[0]
    same = (version for version in versions if version.lower().partition("-")[0] == base)
    return next(same, versions[0])


def newsletter_in(newsletter: Newsletter, lang: str) -> Newsletter:
    """The newsletter as it is called in a language; what has no words there stays as it is."""
    version = newsletter.version(lang)
    if version is None:
        return newsletter
    titles = version.sections or tuple(rule.title for rule in newsletter.sections)
    return replace(
        newsletter,
        title=version.title or newsletter.title,
        issue_title=version.issue_title or newsletter.issue_title,
        sender=version.sender or newsletter.sender,
        reply_to=version.reply_to or newsletter.reply_to,
        postal_address=version.postal_address or newsletter.postal_address,
        sections=tuple(
            replace(rule, title=title)
            for rule, title in zip(newsletter.sections, titles, strict=True)
        ),
    )


def plan_in(plan: Plan, lang: str) -> Plan:
    """The plan with its words in a language.

    A title that is missing there is that of the main language: an issue has a name. All other
    words are missing where nobody wrote them, so that no reader gets a message in a language that
    is not theirs; without a subject, the title stands in the inbox.
    """
    version = plan.version(lang)
    if version is None:
        return plan
    subject = version.subject or ("" if version.title else plan.subject)
    return replace(
        plan,
        title=version.title or plan.title,
        subject=subject,
        preheader=version.preheader,
        summary=version.summary,
        message=version.message,
        sections=tuple(
            replace(section, title=section.titles.get(lang) or section.title)
            for section in plan.sections
        ),
    )


def item_in(item: Item, lang: str, catalogue: Catalogue) -> Item:
    """The public item that tells the same piece in a language, else `item` itself.

    `pt` serves a reader of `pt-BR` and the other way round, where there is nothing nearer.
    """
    if _distance(item, lang) == 0 and catalogue.is_public(item):
        return item
    same = piece_of(item, catalogue)
    near = [x for x in same if catalogue.is_public(x) and _distance(x, lang) is not None]
    if not near:
        return item
    return min(near, key=lambda x: (_distance(x, lang), x.id != item.id, newest_first(x)))


def piece_of(item: Item, catalogue: Catalogue) -> tuple[Item, ...]:
    """Every language version of a piece, `item` among them, drafts too; newest first."""
    ids = catalogue.pieces.get(item.id, (item.id,))
    found = (catalogue.by_id[name] for name in ids if name in catalogue.by_id)
    return tuple(sorted(found, key=newest_first))


def section_titles(
    newsletter: Newsletter, number: int, day: date, months: Mapping[str, str]
) -> Mapping[str, str]:
    """The title of a newsletter's section (from 0) in each further language that has one.

    `months` holds the month's name in each of them.
    """
    return {
        version.lang: section_title(version.sections[number], day, months.get(version.lang, ""))
        for version in newsletter.versions
        if version.sections
    }


def _distance(item: Item, lang: str) -> int | None:
    """0 for the language itself, 1 for another form of it, None for another language."""
    mine, wanted = item.lang.lower(), lang.lower()
    if mine == wanted:
        return 0
    return 1 if mine.partition("-")[0] == wanted.partition("-")[0] else None
