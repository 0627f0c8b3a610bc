"""The look of the mail: colours and typefaces by name, put into its style sheets.

`email/look.css` names them as custom properties, as the site's style sheet does. Mail clients know
none, so `var(--ink)` in `email/style.css` and `email/head.css` is replaced here. A newsroom's
`accent` takes the place of the templates' own, made darker or lighter until it can be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.colour import HEX, readable
from pipeline.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.render.templates import Templates

LOOK = "email/look.css"
ACCENTS = {"accent": "tint", "accent-dark": "tint-dark"}
"""The names that a newsroom's accent takes the place of, each with the ground that is worst."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PROPERTY = re.compile(r"--([a-z][a-z0-9-]*)\s*:\s*([^;{}]+)")
_USE = re.compile(r"var\(\s*--([A-Za-z0-9_-]+)\s*\)")
_IMPORT = re.compile(r"@\s*(?:import|\\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What each name in `email/look.css` stands for."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """A value by its name, as templates ask for it: `look.ground`. Raises KeyError."""
        return self.values[name]

    def resolved(self, name: str, css: str) -> str:
        """`css`, the style sheet `name`, without `var()`. Raises RenderError with the line."""

        def put(match: re.Match[str]) -> str:
            if match[1] not in self.values:
                line = css.count("\n", 0, match.start()) + 1
                raise RenderError(name, line, f"{LOOK} says no --{match[1]}")
            return self.values[match[1]]

        return _USE.sub(put, css)


def look_of(templates: Templates, accent: str) -> Look:
    """The look, with a newsroom's `accent` ("" for that of the templates). Raises RenderError."""
    css = plain_css(templates, LOOK)
    values = {
        match[1]: " ".join(match[2].split()).replace('"', "'") for match in _PROPERTY.finditer(css)
    }
    for name, ground in ACCENTS.items():
        for wanted in (name, ground):
            if not HEX.fullmatch(values.get(wanted, "")):
                raise RenderError(LOOK, 0, f"--{wanted}: expected a colour such as #1a5fb4")
        if accent:
            values[name] = readable(accent, values[ground])
    return Look(values=values)


def plain_css(templates: Templates, name: str) -> str:
    """A style sheet with its comments blank, refused where it would load another or end itself.

    Its lines keep their numbers. Raises RenderError.
    """
    raw = templates.asset(name).decode()
    found = _IMPORT.search(raw)
    if found:
        line = raw.count("\n", 0, found.start()) + 1
        raise RenderError(name, line, "@import would load something while the mail is made")
    if "</" in raw:
        raise RenderError(name, 0, "a style sheet holds no markup")
    return _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), raw)
