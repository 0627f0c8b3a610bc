"""What a plan says in further languages, typed: `versions`, and the `titles` of its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.content.schema import shown, unknown, visible
from pipeline.core.plan import PlanVersion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.content.schema import Fields


def read_versions(fields: Fields, further: Sequence[str] | None) -> tuple[PlanVersion, ...]:
    """One for each of the `further` languages (None: those that are there), written or not."""
    tables = _tables(fields, "versions", further)
    if tables is None:
        return tuple(PlanVersion(lang=lang) for lang in further or ())
    found = []
    for lang in tables.names() if further is None else further:
        table = tables.table(lang)
        found.append(_version(table, lang) if table else PlanVersion(lang=lang))
    return tuple(found)


def read_titles(fields: Fields, further: Sequence[str] | None) -> Mapping[str, str]:
    """A section's title in further languages."""
    tables = _tables(fields, "titles", further)
    if tables is None:
        return {}
    langs = tables.names() if further is None else further
    titles = {lang: tables.text(lang, most=200) for lang in langs}
    return {lang: title for lang, title in titles.items() if title}


def _tables(fields: Fields, key: str, further: Sequence[str] | None) -> Fields | None:
    """What stands under a key by language; notes the languages that no version of it has."""
    tables = fields.table(key)
    if tables is None:
        return None
    for name in tables.names():
        if further is not None and name not in further:
            expected = unknown("language", name, further)
            if not further:
                expected = "remove it: this newsletter comes in one language (newsroom.toml)"
            tables.wrong(name, expected, shown(name))
    return tables


def _version(fields: Fields, lang: str) -> PlanVersion:
    version = PlanVersion(
        lang=lang,
        title=fields.text("title", most=300),
        subject=fields.text("subject", most=300),
        preheader=fields.text("preheader", most=300),
        summary=fields.text("summary"),
        message=_message(fields),
    )
    fields.finish()
    return version


def _message(fields: Fields) -> str:
    """Markdown, as it is: YAML keeps its lines after a `|`."""
    value = fields.take("message")
    if value is None:
        return ""
    if not isinstance(value, str):
        expected = "expected text: 'message: |', and below it lines indented by two more spaces"
        fields.wrong("message", expected, shown(value))
        return ""
    return value if visible(value) else ""
