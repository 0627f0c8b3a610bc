"""Which of caniemail's features a piece of HTML or CSS uses, by their slugs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.render.gate.styles import without_strings

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from lxml.html import HtmlElement

    from pipeline.render.gate.styles import Declaration

PROPERTIES = {
    "align-content": "css-align-items", "align-self": "css-align-items",
    "bottom": "css-left-right-top-bottom", "column-gap": "css-gap", "column-rule":
    "css-column-layout-properties", "column-width": "css-column-layout-properties",
    "columns": "css-column-count", "flex": "css-display-flex", "flex-basis": "css-display-flex",
    "flex-flow": "css-flex-wrap", "flex-grow": "css-display-flex", "grid": "css-display-grid",
    "grid-area": "css-display-grid", "grid-column": "css-display-grid",
    "grid-row": "css-display-grid", "left": "css-left-right-top-bottom",
    "margin-block": "css-margin-inline-block", "margin-block-end": "css-margin-block-start-end",
    "margin-block-start": "css-margin-block-start-end", "margin-inline": "css-margin-inline-block",
    "margin-inline-end": "css-margin-inline-start-end",
    "margin-inline-start": "css-margin-inline-start-end",
    "padding-block": "css-padding-inline-block", "padding-block-end":
    "css-padding-block-start-end", "padding-block-start": "css-padding-block-start-end",
    "padding-inline": "css-padding-inline-block",
    "padding-inline-end": "css-padding-inline-start-end",
    "padding-inline-start": "css-padding-inline-start-end",
    "block-size": "css-block-inline-size", "border-block": "css-border-inline-block",
    "border-block-end": "css-border-inline-block-individual",
    "border-block-start": "css-border-inline-block-individual",
    "border-inline": "css-border-inline-block",
    "border-inline-end": "css-border-inline-block-individual",
    "border-bottom-left-radius": "css-border-radius",
    "border-bottom-right-radius": "css-border-radius",
    "border-top-left-radius": "css-border-radius",
    "border-top-right-radius": "css-border-radius",
    "border-inline-start": "css-border-inline-block-individual", "right":
    "css-left-right-top-bottom", "row-gap": "css-gap", "top": "css-left-right-top-bottom",
    "scroll-snap-type": "css-scroll-snap", "inset-inline": "css-inset", "inset-block": "css-inset",
}  # fmt: skip
"""Properties whose feature has another name; a longhand else counts as what it is a part of."""

VALUES = {
    ("display", "flex"): "css-display-flex",
    ("display", "inline-flex"): "css-display-flex",
    ("display", "grid"): "css-display-grid",
    ("display", "inline-grid"): "css-display-grid",
    ("display", "none"): "css-display-none",
}
FUNCTIONS = {
    "calc": "css-unit-calc", "clamp": "css-function-clamp", "conic-gradient":
    "css-conic-gradient", "lab": "css-modern-color", "lch": "css-modern-color", "light-dark":
    "css-function-light-dark", "linear-gradient": "css-linear-gradient", "max":
    "css-function-max", "min": "css-function-min", "oklab": "css-modern-color", "oklch":
    "css-modern-color", "radial-gradient": "css-radial-gradient", "rgb": "css-rgb", "rgba":
    "css-rgba", "var": "css-variables",
}  # fmt: skip
UNITS = ("ch", "em", "ex", "rem", "vh", "vmax", "vmin", "vw")
ELEMENTS = {
    "abbr": "html-abbr", "acronym": "html-acronym", "address": "html-address", "article":
    "html-semantics", "aside": "html-semantics", "audio": "html-audio", "bdi": "html-bdi",
    "blockquote": "html-blockquote", "body": "html-body", "code": "html-code", "del": "html-del",
    "details": "html-semantics", "dfn": "html-dfn", "dialog": "html-dialog", "figcaption":
    "html-semantics", "figure": "html-semantics", "footer": "html-semantics", "header":
    "html-semantics", "hr": "html-hr", "main": "html-semantics", "map": "html-image-maps",
    "mark": "html-semantics", "marquee": "html-marquee", "meter": "html-meter", "nav":
    "html-semantics", "picture": "html-picture", "pre": "html-pre", "progress": "html-progress",
    "rp": "html-rp", "rt": "html-rt", "ruby": "html-ruby", "section": "html-semantics", "small":
    "html-small", "strike": "html-strike", "style": "html-style", "summary": "html-semantics",
    "svg": "html-svg", "time": "html-semantics", "video": "html-video", "wbr": "html-wbr",
    "button": "html-button-submit",
}  # fmt: skip
ATTRIBUTES = {
    "aria-describedby": "html-aria-describedby", "aria-hidden": "html-aria-hidden", "aria-label":
    "html-aria-label", "aria-labelledby": "html-aria-labelledby", "aria-live": "html-aria-live",
    "background": "html-background", "dir": "html-dir", "hidden": "html-hidden", "inert":
    "css-inert-attribute", "lang": "html-lang", "loading": "html-loading-attribute", "popover":
    "html-popover", "role": "html-role", "sizes": "html-srcset", "srcset": "html-srcset",
    "target": "html-target",
}  # fmt: skip
PICTURES = {
    "apng": "image-apng", "avif": "image-avif", "bmp": "image-bmp", "gif": "image-gif", "hdr":
    "image-hdr", "heic": "image-heif", "heif": "image-heif", "ico": "image-ico", "jpeg":
    "image-jpg", "jpg": "image-jpg", "mp4": "image-mp4", "png": "image-png", "svg": "image-svg",
    "tif": "image-tiff", "tiff": "image-tiff", "webp": "image-webp",
}  # fmt: skip

_FUNCTION = re.compile(r"([a-z-]+)\(")
_UNIT = re.compile(r"(?<![\w#.-])-?[\d.]+([a-z]+)\b")


def features_of_element(element: HtmlElement) -> Iterator[tuple[str, str]]:
    """The slugs of an element and its attributes, each with what stands there."""
    tag = str(element.tag)
    if tag in ELEMENTS:
        yield ELEMENTS[tag], f"<{tag}>"
    if tag == "meta" and element.get("name") == "color-scheme":
        yield "html-meta-color-scheme", '<meta name="color-scheme">'
    for name in element.attrib:
        if name in ATTRIBUTES:
            yield ATTRIBUTES[str(name)], f"{name}= on <{tag}>"


def features_of_style(
    styles: tuple[Declaration, ...], known: Container[str]
) -> Iterator[tuple[str, str]]:
    """The slugs of a style attribute, each with its declaration; `known` are those of the table."""
    for each in styles:
        if each.name.startswith(("-", "mso-")):
            continue
        value = without_strings(each.value)
        slug = VALUES.get((each.name, value)) or _of_property(each.name, known)
        if slug:
            yield slug, each.raw
        if each.name in {"background", "background-image"} and "url(" in value:
            yield "css-background-image", each.raw
        for function in _FUNCTION.findall(value):
            if function in FUNCTIONS:
                yield FUNCTIONS[function], each.raw
        for unit in _UNIT.findall(value):
            if unit in UNITS:
                yield f"css-unit-{unit}", each.raw


def _of_property(name: str, known: Container[str]) -> str:
    """The slug of a property, or of what it is a longhand of; "" where none is known."""
    short = name
    while short:
        if short in PROPERTIES:
            return PROPERTIES[short]
        if f"css-{short}" in known:
            return f"css-{short}"
        short = short.rpartition("-")[0]
    return ""
