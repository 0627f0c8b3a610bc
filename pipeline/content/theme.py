"""A theme's front matter, typed: `content/themes/<key>.md`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from pipeline.content.item import read_picture
from pipeline.content.schema import Fields, Report, key
from pipeline.core.theme import Theme

if TYPE_CHECKING:
    from pipeline.content.frontmatter import Document


def read_theme(document: Document) -> Theme:
    """The theme in a file. Raises ContentError with every problem of its front matter."""
    report = Report(document.path, document.lines)
    fields = Fields(document.data, report)
    name = posixpath.basename(document.path).removesuffix(".md")
    try:
        key(name)
    except ValueError as error:
        fields.wrong("", f"rename the file: {error}", f'"{name}"')
    theme = Theme(
        key=name,
        title=fields.text("title", required="what readers call this subject", most=200),
        source=document.path,
        digest=document.digest,
        summary=fields.text("summary"),
        image=read_picture(fields),
    )
    fields.finish()
    report.raise_if_any()
    return theme
