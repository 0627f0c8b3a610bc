"""Front matter of plain lines is read without YAML, and nothing else is."""

from __future__ import annotations

import pytest

from pipeline.content.plain_head import read_plain


def test_plain_lines_are_read_as_they_were_typed() -> None:
    head = (
        'title: "A headline: with a colon, #1"\ndate: 2017-07-10\nlink: https://x.example/a?b\n\n'
        "themes: [care-economy, social economy]\nauthors: []\ndraft: No \n"
    )
    assert read_plain(head, 2) == (
        {
            "title": "A headline: with a colon, #1",
            "date": "2017-07-10",
            "link": "https://x.example/a?b",
            "themes": ["care-economy", "social economy"],
            "authors": [],
            "draft": "No",
        },
        {"title": 2, "date": 3, "link": 4, "themes": 6, "authors": 7, "draft": 8},
    )


@pytest.mark.parametrize(
    "head",
    [
        "title: A\ntitle: B", "title: 'A'", 'title: "A\\n"', "title: We are #1", "title: a: b",
        "title: a:", "title:", "title:\n  a", "- a", "title: |\n  a", "image: {src: a}",
        "title: *a", "title: &a b", "title: !a b", "Title: a", f"{'k' * 61}: a", "title: a\u00a0b",
        "themes: [a, [b]]", "themes: ['a']", "title: a\n  b", "# a", "...", "a_: b",
    ],
)  # fmt: skip
def test_all_else_is_left_to_yaml(head: str) -> None:
    assert read_plain(head, 2) is None
