"""The plan of an issue: what `build` proposed, and what the editor made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSection:
    """A heading and the ids under it, in order."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an issue is to carry: `content/issues/<newsletter>/<year>-<nn>.md`.

    `number` is None in a special issue; `message` is Markdown; `offered` are the ids that `build`
    has ever proposed for it, so that a refresh does not bring back what the editor dropped;
    `digest` is the SHA-256 of the file ("" before it is written).
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

    @property
    def source(self) -> str:
        """Its file below the content folder."""
        return f"issues/{self.id}.md"

    @property
    def carried(self) -> tuple[str, ...]:
        """The ids it carries, each once, in order."""
        listed = (item for section in self.sections for item in section.items)
        return tuple(dict.fromkeys(item for item in (self.lead, *listed) if item))
