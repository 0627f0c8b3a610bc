"""A theme: a subject with a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.core.item import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """`content/themes/<key>.md`; `source` is that path, `digest` the file's SHA-256."""

    key: str
    title: str
    source: str
    digest: str
    summary: str = ""
    image: Picture | None = None

    @property
    def path(self) -> str:
        """Where its page lives below the site's root."""
        return f"themes/{self.key}/"
