"""The `[[newsletters]]` of `content/newsroom.toml`, typed, with their further languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.content.schema import key, language, shown, unknown
from pipeline.core.cadence import parse_cadence
from pipeline.core.client import NAMES
from pipeline.core.newsroom import (
    ISSUE_TITLE,
    Newsletter,
    NewsletterVersion,
    Numbering,
    Release,
    SectionRule,
    Start,
)
from pipeline.core.text import legal, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.content.schema import Fields

LANGUAGES_MOST = 24
MAILBOX = re.compile(r"(?:[^<>@\x00-\x1f\x7f]*<)?[^\s<>@\"]{1,64}@[^\s<>@\"]{1,253}>?")


def read_newsletters(tables: list[Fields], kinds: Mapping[str, str]) -> tuple[Newsletter, ...]:
    """Each newsletter; notes what is wrong."""
    newsletters: list[Newsletter] = []
    for fields in tables:
        cadence = fields.parsed("cadence", parse_cadence, required="last working day 09:00")
        sections = _sections(fields.tables("sections"), kinds)
        languages = _languages(fields)
        newsletter = Newsletter(
            key=fields.parsed("key", key, required="a key such as enewsupdate") or "",
            title=fields.text("title", required="the newsletter's name", most=200),
            sender=fields.parsed("sender", mailbox, required="Name <news@example.org>") or "",
            numbering=Numbering(
                fields.choice("numbering", list(Numbering), "numbering", default="yearly")
            ),
            issue_title=fields.parsed("issue_title", issue_title) or ISSUE_TITLE,
            reply_to=fields.parsed("reply_to", mailbox) or "",
            postal_address=fields.text(
                "postal_address", required="where you can be reached; the law asks for it"
            ),
            cadence=cadence or parse_cadence("last day 09:00"),
            release=Release(fields.choice("release", list(Release), "release", default="manual")),
            mailing=Start(fields.choice("mailing", list(Start), "start", default="automatic")),
            lookback_days=fields.integer("lookback_days", 62, most=3660),
            announce_as=fields.choice("announce_as", kinds, "kind"),
            sections=sections,
            languages=languages,
            versions=_versions(fields, languages, sections),
            clients=fields.choices("clients", NAMES, "mail client"),
            topics=fields.boolean("topics"),
        )
        if newsletter.key and newsletter.key in {other.key for other in newsletters}:
            fields.wrong("key", "each newsletter has a key of its own", f'"{newsletter.key}"')
        fields.finish()
        newsletters.append(newsletter)
    return tuple(newsletters)


def _sections(tables: list[Fields], kinds: Mapping[str, str]) -> tuple[SectionRule, ...]:
    sections = []
    for fields in tables:
        sections.append(
            SectionRule(
                title=fields.parsed("title", section_title, required="the heading") or "",
                kinds=fields.choices("kinds", kinds, "kind", required="the kinds it takes"),
                limit=fields.integer("limit", 5, most=100),
                lead=fields.boolean("lead"),
                layout=fields.parsed("layout", key) or "",
            )
        )
        fields.finish()
    return tuple(sections)


def _languages(fields: Fields) -> tuple[str, ...]:
    """The languages of each issue, the main one first; folders and files bear their names."""
    languages: dict[str, str] = {}
    for tag in fields.texts("languages"):
        try:
            language(tag)
        except ValueError as error:
            fields.wrong("languages", f"expected {error}", shown(tag))
            continue
        if tag.lower() in languages:
            fields.wrong("languages", "expected each one once", shown(tag))
        languages.setdefault(tag.lower(), tag)
    if len(languages) > LANGUAGES_MOST:
        fields.wrong("languages", f"expected at most {LANGUAGES_MOST}", f"{len(languages)}")
    return tuple(languages.values())


def _versions(
    fields: Fields, languages: Sequence[str], sections: Sequence[SectionRule]
) -> tuple[NewsletterVersion, ...]:
    """The newsletter's words in each further language, in the order of `languages`."""
    tables = fields.table("versions")
    if tables is None:
        return tuple(NewsletterVersion(lang=lang) for lang in languages[1:])
    for name in tables.names():
        if languages and name == languages[0]:
            expected = "remove it: the main language's words stand in [[newsletters]] itself"
            tables.wrong(name, expected, shown(name))
        elif name not in languages:
            expected = unknown("language", name, languages[1:])
            tables.wrong(name, f"{expected}; name it in 'languages' too", shown(name))
    found = []
    for lang in languages[1:]:
        table = tables.table(lang)
        found.append(_version(table, lang, sections) if table else NewsletterVersion(lang=lang))
    return tuple(found)


def _version(fields: Fields, lang: str, sections: Sequence[SectionRule]) -> NewsletterVersion:
    version = NewsletterVersion(
        lang=lang,
        title=fields.text("title", most=200),
        issue_title=fields.parsed("issue_title", issue_title) or "",
        sender=fields.parsed("sender", mailbox) or "",
        reply_to=fields.parsed("reply_to", mailbox) or "",
        postal_address=fields.text("postal_address"),
        sections=_titles(fields, sections),
    )
    fields.finish()
    return version


def _titles(fields: Fields, sections: Sequence[SectionRule]) -> tuple[str, ...]:
    """The titles of all sections, in their order, or none."""
    titles = fields.texts("sections")
    if not fields.has("sections"):
        return ()
    for title in titles:
        try:
            section_title(title)
        except ValueError as error:
            fields.wrong("sections", f"expected {error}", shown(title))
    if len(titles) == len(sections):
        return titles
    if titles or not sections:
        first = ", ".join(f'"{rule.title}"' for rule in sections[:3])
        more = ", …" if len(sections) > 3 else ""
        expected = f"expected {len(sections)} titles, one for each section: {first}{more}"
        fields.wrong("sections", expected, f"{len(titles)}")
    return ()


def mailbox(text: str) -> str:
    """`Name <address>` or an address, on one line. Raises ValueError."""
    one = legal(text) == text and len(text.splitlines()) == 1
    if not one or not MAILBOX.fullmatch(text) or ("<" in text) != text.endswith(">"):
        raise ValueError("Name <news@example.org> or news@example.org")
    return text


def issue_title(text: str) -> str:
    """A title with {title}, {number}, {month} and {year} only. Raises ValueError."""
    return _template(text, ("title", "number", "month", "year"))


def section_title(text: str) -> str:
    """A heading with {month} and {year} only. Raises ValueError."""
    return _template(text, ("month", "year"))


def _template(text: str, names: tuple[str, ...]) -> str:
    left = text
    for name in names:
        left = left.replace(f"{{{name}}}", "")
    if "{" in left or "}" in left:
        raise ValueError("no braces but " + ", ".join(f"{{{name}}}" for name in names))
    return one_line(legal(text))
