"""A plan's file, typed and written: `content/issues/<newsletter>/<year>-<nn>.md`.

Besides what an issue shows, the front matter has the key `offered`: the ids that `build` has
proposed for it so far. `--refresh` adds only what is not among them, and so never brings back what
the editor took out.

A newsletter in several languages has one plan an issue. What is said in the further ones stands
under `versions` and, a heading's, beside that heading, so that moving a section moves all of it::

    sections:
      - title: News from the field
        titles: {fr: Nouvelles du terrain}
        items: [id, id]
    versions:
      fr:
        title: Bulletin n° 5, juin 2017
        message: |
          Deux semaines à Séoul…
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

from pipeline.content.plan_versions import read_titles, read_versions
from pipeline.content.schema import Fields, Report, item_id, key
from pipeline.core.issue import ISSUE_ID, number_in
from pipeline.core.plan import Plan, PlanSection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.content.frontmatter import Document

EXPECTED_NAME = "rename the file: <year>-<number>.md such as 2017-05.md, or <year>-<word>.md"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLAIN = re.compile(r"\w(?:[\w .,;()'’“”!?/&+–—-]*[\w.)’”!?])?")
_SPECIAL_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off"})


def read_plan(document: Document, newsletters: Mapping[str, Sequence[str]]) -> Plan:
    """The plan in a file. Raises ContentError with every problem of its front matter.

    `newsletters` has the key of each and its further languages.
    """
    report = Report(document.path, document.lines)
    fields = Fields(document.data, report)
    name = document.path.removeprefix("issues/").removesuffix(".md")
    if not ISSUE_ID.fullmatch(name):
        fields.wrong("", EXPECTED_NAME, f'"{name}"')
    folder = name.partition("/")[0]
    newsletter = fields.choice("newsletter", newsletters, "newsletter", required=True)
    if newsletter and newsletter != folder:
        fields.wrong("newsletter", f'expected "{folder}", the folder of this file')
    further = newsletters.get(newsletter)
    plan = Plan(
        id=name,
        newsletter=newsletter,
        number=_number(fields, name),
        date=fields.parsed("date", day, required="the issue's date, such as 2017-06-30")
        or date.min,
        title=fields.text("title", required="the issue's title", most=300),
        subject=fields.text("subject", most=300),
        preheader=fields.text("preheader", most=300),
        summary=fields.text("summary"),
        lead=fields.parsed("lead", item_id) or "",
        sections=_sections(fields, further),
        message=document.body,
        offered=_ids(fields, "offered"),
        digest=document.digest,
        versions=read_versions(fields, further),
        waive=_waivers(fields),
    )
    fields.finish()
    report.raise_if_any()
    return plan


def day(text: str) -> date:
    """A calendar day. Raises ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError("a date such as 2017-06-30")
    return date.fromisoformat(text)


def write_plan(plan: Plan, titles: Mapping[str, str]) -> str:
    """The file of a new plan; `titles` of its items stand beside their ids, as comments."""
    lines = [
        "---",
        "# This issue is yours until it is released: reorder, drop, add, retitle, and write your",
        f"# message below. See what was left out, and why: enews issue show {plan.id}",
        f"newsletter: {scalar(plan.newsletter)}",
    ]
    if plan.number is not None:
        lines.append(f"number: {plan.number}")
    lines += [f"date: {plan.date}", f"title: {scalar(plan.title)}"]
    lines.append('subject: ""       # what the inbox shows; empty: the title')
    lines.append('preheader: ""     # the words beside it; empty: the first titles')
    lines.append('summary: ""       # one line for the list of issues and the feed')
    if plan.lead:
        lines.append(f"lead: {scalar(plan.lead)}{_comment(plan.lead, titles)}")
    lines.append("sections:" if plan.sections else "sections: []")
    for section in plan.sections:
        lines.append(f"  - title: {scalar(section.title)}")
        lines += titles_lines(section, "    ")
        lines.append("    items:")
        lines += [f"      - {scalar(item)}{_comment(item, titles)}" for item in section.items]
    lines += _versions_lines(plan)
    lines.append("# What was proposed so far: --refresh adds only what is not here.")
    lines.append("offered:" if plan.offered else "offered: []")
    lines += [f"  - {scalar(item)}" for item in plan.offered]
    lines += ["---", ""]
    return "\n".join(lines) + plan.message


def titles_lines(section: PlanSection, indent: str) -> list[str]:
    """The layout of a section, and its heading in further languages, as lines of YAML."""
    layout = [f"{indent}layout: {scalar(section.layout)}"] if section.layout else []
    if not section.titles:
        return layout
    pairs = (f"{indent}  {lang}: {scalar(title)}" for lang, title in section.titles.items())
    return [*layout, f"{indent}titles:", *pairs]


def _versions_lines(plan: Plan) -> list[str]:
    """What an editor fills in for each further language."""
    if not plan.versions:
        return []
    lines = [
        "# The same issue in its other languages. An empty subject is the title, and an empty",
        "# preheader the first titles; an empty summary or message is left out. A piece that has a",
        "# translation shows it. For a message: 'message: |' and indented lines below.",
        "versions:",
    ]
    for version in plan.versions:
        lines += [f"  {version.lang}:", f"    title: {scalar(version.title)}"]
        lines += [f'    {key}: ""' for key in ("subject", "preheader", "summary", "message")]
    return lines


def scalar(text: str) -> str:
    """A text as YAML reads it back: plain where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and ": " not in text and text.lower() not in _SPECIAL_WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _comment(item: str, titles: Mapping[str, str]) -> str:
    title = titles.get(item, "")
    return f"  # {title}" if title else ""


def _number(fields: Fields, name: str) -> int | None:
    """The number, which the file's name says too; None in a special issue."""
    named = number_in(name)
    if named is None:
        if fields.take("number") is not None:
            fields.wrong("number", "a special issue has none: remove it, or rename the file")
        return None
    number = fields.integer("number", named[1])
    if number != named[1]:
        expected = f"expected {named[1]}, as the file's name says: a number is given once"
        fields.wrong("number", expected, str(number))
    if fields.take("number") is None:
        fields.wrong("number", f"required: {named[1]}, as the file's name says")
    if name.rpartition("-")[2] != f"{named[1]:02d}":
        fields.wrong("number", f"rename the file: its name ends with -{named[1]:02d}.md")
    return named[1]


def _sections(fields: Fields, further: Sequence[str] | None) -> tuple[PlanSection, ...]:
    sections = []
    for table in fields.tables("sections"):
        title = table.text("title", required="the heading", most=200)
        titles = read_titles(table, further)
        layout = table.parsed("layout", key) or ""
        ids = _ids(table, "items")
        sections.append(PlanSection(title=title, items=ids, titles=titles, layout=layout))
        table.finish()
    return tuple(sections)


def _waivers(fields: Fields) -> Mapping[str, str]:
    """Rules of the gate by name, each with the reason to let it pass; the gate judges both."""
    table = fields.table("waive")
    return {name: table.text(name, most=500) for name in table.names()} if table else {}


def _ids(fields: Fields, key: str) -> tuple[str, ...]:
    ids = fields.texts(key)
    for name in ids:
        try:
            item_id(name)
        except ValueError as error:
            fields.wrong(key, f"expected ids of items: {error}", f'"{name}"')
    return ids
