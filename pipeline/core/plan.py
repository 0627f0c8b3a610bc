"""The plan of an issue: what `build` proposed, and what the editor made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSection:
    """A heading and the ids under it, in order; `titles` is the heading in further languages.

    `layout` says how the mail shows it, "" for the usual way.
    """

    title: str
    items: tuple[str, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    layout: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """What an issue says in a further language; "" where nobody has written it."""

    lang: str
    title: str = ""
    subject: str = ""
    preheader: str = ""
    summary: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an issue is to carry: `content/issues/<newsletter>/<year>-<nn>.md`.

    `number` is None in a special issue; `message` is Markdown; `offered` are the ids that `build`
    has ever proposed for it, so that a refresh does not bring back what the editor dropped;
    `versions` are its further languages, each of the newsletter's, in their order; `waive` are
    rules of the gate whose warnings the editor lets pass, each with the reason; `digest` is the
    SHA-256 of the file ("" before it is written).
    """

    id: str
    newsletter: str
    number: int | None
    date: date
    title: str
    subject: str = ""
    preheader: str = ""
    summary: str = ""
    lead: str = ""
    sections: tuple[PlanSection, ...] = ()
    message: str = ""
    offered: tuple[str, ...] = ()
    digest: str = ""
    versions: tuple[PlanVersion, ...] = ()
    waive: Mapping[str, str] = field(default_factory=dict)

    def version(self, lang: str) -> PlanVersion | None:
        """What it says in a further language; None for the main one."""
        return next((version for version in self.versions if version.lang == lang), None)

    @property
    def source(self) -> str:
        """Its file below the content folder."""
        return f"issues/{self.id}.md"

    @property
    def carried(self) -> tuple[str, ...]:
        """The ids it carries, each once, in order."""
        listed = (item for section in self.sections for item in section.items)
        return tuple(dict.fromkeys(item for item in (self.lead, *listed) if item))
