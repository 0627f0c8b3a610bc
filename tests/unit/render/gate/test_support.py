"""The support table, and what is asked of it."""

from __future__ import annotations

import re

import pytest

from pipeline.core.client import clients_of
from pipeline.render.gate import features
from pipeline.render.gate.features import features_of_style
from pipeline.render.gate.styles import declarations
from pipeline.render.gate.support import ADDITIONS, HARMLESS, ask, missing_in, table
from tests.mail_desk import HTML, mail

OUTLOOK = "outlook.windows"


def test_the_table_has_a_date_and_facts() -> None:
    found = table()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", found.date)
    assert len(found.features) > 280
    assert OUTLOOK in found.features["css-border-radius"].no
    assert OUTLOOK in found.features["css-max-width"].part
    assert found.features["css-background-color"].no == frozenset()
    for feature in found.features.values():
        assert feature.title
        assert re.match(r"20\d\d-\d\d-\d", feature.tested)
        assert not feature.no & feature.part


def test_every_name_that_is_asked_for_is_in_the_table() -> None:
    asked = {
        *features.PROPERTIES.values(),
        *features.VALUES.values(),
        *features.FUNCTIONS.values(),
        *features.ELEMENTS.values(),
        *features.ATTRIBUTES.values(),
        *features.PICTURES.values(),
        *(f"css-unit-{unit}" for unit in features.UNITS),
        *HARMLESS,
        *ADDITIONS,
    }
    assert sorted(asked - table().features.keys()) == []
    assert not HARMLESS & ADDITIONS


@pytest.mark.parametrize(
    ("style", "slugs"),
    [
        ("border-top-left-radius: 3px", ["css-border-radius"]),
        ("border-radius: 3px", ["css-border-radius"]),
        ("padding-left: calc(1px + 2vw)", ["css-padding", "css-unit-calc", "css-unit-vw"]),
        ("display: flex", ["css-display-flex"]),
        ("display: block", ["css-display"]),
        ("color: var(--x)", ["css-variables"]),
        ("mso-hide: all; -webkit-box: a", []),
        ("background: url(a.png)", ["css-background", "css-background-image"]),
        ("unheard-of: 1", []),
        ("font-family: 'calc(2vw)'", ["css-font"]),
    ],
)
def test_what_a_style_uses(style: str, slugs: list[str]) -> None:
    found = [slug for slug, _ in features_of_style(declarations(style), table().features)]
    assert found == slugs


def test_only_the_clients_that_are_named_count() -> None:
    assert missing_in("css-border-radius", clients_of(["outlook"])) == {
        "outlook.windows",
        "outlook.windows-mail",
    }
    assert missing_in("css-border-radius", clients_of(["apple-mail"])) == frozenset()
    flex = HTML.replace('<td style="font', '<td style="display: flex; font')
    assert [found.rule for found in ask(mail(flex))] == ["css-unsupported"]
    assert list(ask(mail(flex, clients=["apple-mail"]))) == []


def test_the_template_line_is_named_where_it_is_known() -> None:
    flex = HTML.replace('<td style="font', '<td style="display: flex; font')
    templates = {"email/style.css": "a { b: c }\n.foot { display: flex; }\n"}
    (found,) = ask(mail(flex, templates=templates))
    assert found.where == "templates/email/style.css:2"


def test_what_stands_in_a_media_query_is_an_addition() -> None:
    assert list(ask(mail(HTML.replace("width: 100% !important", "display: flex")))) == []


def test_a_fallback_is_seen() -> None:
    shown = HTML.replace("max-height: 0; overflow: hidden; font-size: 1px", "color: red")
    assert [found.rule for found in ask(mail(shown))] == ["css-unsupported"]
    assert list(ask(mail())) == []
