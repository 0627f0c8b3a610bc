"""What looks like a fault and is none."""

from __future__ import annotations

import pytest

from pipeline.render.gate.rules import judge
from tests.mail_desk import HTML, TEXT, mail

FAR = "https://elsewhere.example.net/report"
SUMMARY = "Two weeks, forty people, one city."


def _rules(html: str = HTML, text: str = TEXT, **values: str) -> set[str]:
    return {finding.rule for finding in judge(mail(html, text, **values))}


@pytest.mark.parametrize(
    ("href", "written"),
    [
        ("https://e.example/%C3%A9", "https://e.example/é"),
        ("https://e.example/a%20b", "https://e.example/a%20b"),
        ("https://e.example/x?q=%5B1%5D", "https://e.example/x?q=[1]"),
        ("https://%C3%A9.example/", "https://é.example/"),
        ("https://E.example/A", "https://e.example/A"),
        ("https://e.example/E.T.", "https://e.example/E.T."),
    ],
)
def test_an_address_is_the_same_however_it_is_written(href: str, written: str) -> None:
    assert FAR in HTML
    assert FAR in TEXT
    assert _rules(HTML.replace(FAR, href), TEXT.replace(FAR, written)) == set()


def test_an_address_that_differs_is_told() -> None:
    assert _rules(HTML.replace(FAR, "https://e.example/a"), TEXT) == {"text-links"}


@pytest.mark.parametrize("words", ["👩🏽‍🤝‍👩🏻 Together", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 News", "👨‍👩‍👧‍👦 Families"])
def test_one_emoji_is_one_however_many_characters_it_has(words: str) -> None:
    assert _rules(subject=words) == set()


@pytest.mark.parametrize("words", ["👩🏽‍🤝‍👩🏻👩🏽‍🤝‍👩🏻", "🎉 and 🎉"])
def test_two_emoji_are_two(words: str) -> None:
    assert _rules(subject=words) == {"emoji"}


@pytest.mark.parametrize(
    "words", ["XXX Congreso de mujeres", "TBC Bank opens", "TK Maxx in town", "The XXX\nCongreso"]
)
def test_words_and_numbers_that_only_look_like_placeholders(words: str) -> None:
    assert _rules(HTML.replace(SUMMARY, words), TEXT.replace(SUMMARY, words)) == set()


@pytest.mark.parametrize("words", ["Place: TBC", "XXX.", "(TK) people", "TK TK people", "XXXX a"])
def test_placeholders_that_stand_alone(words: str) -> None:
    assert _rules(HTML.replace(SUMMARY, words), TEXT.replace(SUMMARY, words)) == {"placeholder"}
    assert _rules(HTML, TEXT.replace(SUMMARY, words)) == {"placeholder"}


def test_a_heading_of_the_message_may_link_to_an_item_that_the_issue_carries() -> None:
    link = "https://news.example.org/items/2017/two/"
    heading = f'<h2 style="color: #14201d"><a href="{link}">Grain</a></h2>'
    paragraph = '<p style="color: #14201d">Dear reader'
    assert HTML.count(paragraph) == 1
    html = HTML.replace(paragraph, f'<div class="message">{heading}</div>{paragraph}')
    text = TEXT.replace("Dear reader", f"Grain\n{link}\n\nDear reader")
    assert _rules(html, text) == set()
    assert "item-twice" in _rules(html.replace("message", "row"), text)
