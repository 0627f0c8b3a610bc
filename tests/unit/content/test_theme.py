"""A theme's front matter, typed."""

from __future__ import annotations

import pytest

from pipeline.content.theme import read_theme
from pipeline.core.item import Picture
from pipeline.core.theme import Theme
from pipeline.errors import ContentError
from tests.content_examples import document


def test_a_theme() -> None:
    read = document(
        "title: Care\nsummary: Who cares.\nimage: {src: media/x.png, alt: X}", path="themes/care.md"
    )
    assert read_theme(read) == Theme(
        key="care",
        title="Care",
        source="themes/care.md",
        digest=read.digest,
        summary="Who cares.",
        image=Picture(src="media/x.png", alt="X"),
    )


@pytest.mark.parametrize("name", ["Care", "care_work", "été", "con", "two words", "-x"])
def test_a_theme_whose_name_is_no_key(name: str) -> None:
    with pytest.raises(ContentError, match="rename the file: lower-case letters"):
        read_theme(document("title: X", path=f"themes/{name}.md"))


def test_a_theme_has_a_title_and_no_other_keys() -> None:
    with pytest.raises(ContentError) as caught:
        read_theme(document("kind: news\nimage: {src: media/x.png}", path="themes/care.md"))
    assert [problem.field for problem in caught.value.problems] == ["title", "kind", "image.alt"]
