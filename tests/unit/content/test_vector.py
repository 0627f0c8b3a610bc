"""Drawings: those that only draw, and those that a browser would run."""

from __future__ import annotations

import pytest

from pipeline.content.vector import ActiveError, refuse_active

SVG = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink'>{}</svg>"


@pytest.mark.parametrize(
    "inside",
    [
        "<path d='M0 0h9'/>",
        "<style>path { fill: red }</style>",
        "<!-- script --><title>on top</title>",
        "<image x:href='data:image/png;base64,AA'/>",
        "<a href='https://example.org/'><text>a</text></a>",
        "<animate attributeName='opacity'/>",
    ],
)
def test_drawings(inside: str) -> None:
    refuse_active(SVG.format(inside).encode())


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("<script>x</script>", "<script>"),
        ("<SCRIPT/>", "<script>"),
        ("<g xmlns='http://www.w3.org/1999/xhtml'><iframe/></g>", "<iframe>"),
        ("<foreignObject/>", "<foreignobject>"),
        ("<path onclick='x'/>", 'onclick="x"'),
        ("<a href='&#106;avascript:x'/>", 'href="javascript:x"'),
        ("<a x:href='\tJavaScript:x'/>", 'href=" JavaScript:x"'),
        ("<image href='data:image/svg+xml,x'/>", 'href="data:image/svg+xml,x"'),
        ("<set attributeName='xlink:href' to='x'/>", 'attributename="xlink:href"'),
        ("<?php x ?>", "<?php x ?>"),
    ],
)
def test_what_runs(inside: str, found: str) -> None:
    with pytest.raises(ActiveError) as caught:
        refuse_active(SVG.format(inside).encode())
    assert str(caught.value) == found


def test_entities_and_style_sheets() -> None:
    for before in ("<!DOCTYPE svg [<!ENTITY a 'b'>]>", "<?xml-stylesheet href='x'?>"):
        with pytest.raises(ActiveError):
            refuse_active((before + SVG.format("")).encode())


@pytest.mark.parametrize("raw", [b"", b"<svg>", b"text", b"\x89PNG", b"<svg>&undefined;</svg>"])
def test_what_is_no_drawing(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[a-z]") as caught:
        refuse_active(raw)
    assert not isinstance(caught.value, ActiveError)
