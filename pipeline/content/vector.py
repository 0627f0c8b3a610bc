"""What an SVG may not hold: it is a document, and a browser that opens it runs what is in it."""

from __future__ import annotations

import re
from xml.parsers import expat

ACTIVE = frozenset({
    "audio", "embed", "foreignobject", "handler", "iframe", "listener", "object", "script", "video",
})  # fmt: skip
UNSAFE = re.compile(
    r"\s*(?:javascript|vbscript|data:(?!image/(?:png|jpeg|gif|webp)))", re.IGNORECASE
)


class ActiveError(ValueError):
    """The message says what was found."""


def refuse_active(raw: bytes) -> None:
    """Raises ActiveError for what runs, ValueError for what is no SVG."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _element
    parser.ProcessingInstructionHandler = _instruction
    parser.EntityDeclHandler = _entity
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise ValueError(expat.errors.messages.get(error.code, "")) from error


def _element(name: str, attributes: dict[str, str]) -> None:
    local = name.rpartition(" ")[2].lower()
    if local in ACTIVE:
        raise ActiveError(f"<{local}>")
    for key, value in attributes.items():
        word = key.rpartition(" ")[2].lower()
        moved = word == "attributename" and value.lower().endswith("href")
        if word.startswith("on") or moved or (word in {"href", "src"} and UNSAFE.match(value)):
            raise ActiveError(f'{word}="{value[:40]}"')


def _instruction(target: str, data: str) -> None:
    raise ActiveError(f"<?{target} {data[:40]}?>")


def _entity(name: str, *_: object) -> None:
    raise ActiveError(f"<!ENTITY {name}>")
