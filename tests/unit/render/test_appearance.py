"""How clients show a mail: what is answered, what is taken away, what is left alone."""

from __future__ import annotations

import pytest

from pipeline.render.appearance import FAILS, HOLDS, NOTHING, Appearance, in_scheme, seen, sources

DARK = "@media (prefers-color-scheme: dark) { p { color: white !important } }"
MAIL = f"""<!DOCTYPE html>
<html lang="en"><head>
<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark; }} {DARK}</style></head>
<body style="color: #111"><!--[if mso]><table><![endif]-->
<p style='font-family: "A B"' title="src=x > y">@media (prefers-color-scheme: dark) style="a"</p>
<img src="https://a.example/a.png?x=1&amp;y=2" alt="A &quot;hall&quot;" width="4" height="3"
 srcset="https://a.example/b.png 2x"><img alt="" src=https://a.example/c.png></body></html>"""
KNOWN = {"https://a.example/a.png?x=1&y=2": "data:image/png;base64,QQ=="}


def test_a_question_about_the_scheme_is_answered() -> None:
    light, dark = seen(MAIL, Appearance.LIGHT, {}), seen(MAIL, Appearance.DARK, {})
    assert f"@media {FAILS} {{ p" in light
    assert f"@media {HOLDS} {{ p" in dark
    assert "color-scheme: light;" in light
    assert 'name="color-scheme" content="dark"' in dark


@pytest.mark.parametrize(
    ("css", "light", "dark"),
    [
        ("@media(prefers-color-scheme:DARK){}", f"@media{FAILS}{{}}", f"@media{HOLDS}{{}}"),
        (
            "@media screen and ( prefers-color-scheme : light ) and (max-width: 9px) {}",
            f"@media screen and {HOLDS} and (max-width: 9px) {{}}",
            f"@media screen and {FAILS} and (max-width: 9px) {{}}",
        ),
        (
            "a { color-scheme: light dark !important }",
            "a { color-scheme: light!important }",
            "a { color-scheme: dark!important }",
        ),
        (
            ":root { supported-color-schemes: light dark }",
            ":root { supported-color-schemes: light dark }",
            ":root { supported-color-schemes: light dark }",
        ),
    ],
)
def test_every_way_of_asking_is_understood(css: str, light: str, dark: str) -> None:
    assert in_scheme(css, "light") == light
    assert in_scheme(css, "dark") == dark


def test_what_stands_between_tags_is_left_alone() -> None:
    for appearance in Appearance:
        html = seen(MAIL, appearance, KNOWN)
        assert '>@media (prefers-color-scheme: dark) style="a"</p>' in html
        assert '"src=x > y"' in html
        assert "<!--[if mso]><table><![endif]-->" in html


def test_styles_go_in_two_steps() -> None:
    no_head, none = seen(MAIL, Appearance.NO_HEAD, {}), seen(MAIL, Appearance.NO_STYLES, {})
    assert "<style" not in no_head
    assert '<body style="color: #111">' in no_head
    assert 'style="font-family: &quot;A B&quot;"' in no_head
    assert "<style" not in none
    assert '<body><!--[if mso]><table><![endif]-->\n<p title="src=x > y">' in none


def test_known_pictures_are_loaded_from_the_page_and_no_other() -> None:
    html = seen(MAIL, Appearance.LIGHT, KNOWN)
    assert 'src="data:image/png;base64,QQ==" alt="A &quot;hall&quot;" width="4"' in html
    assert f'<img alt="" src="{NOTHING}">' in html
    assert "https://a.example" not in html


def test_without_pictures_their_words_and_boxes_stay() -> None:
    html = seen(MAIL, Appearance.NO_PICTURES, KNOWN)
    assert f'<img src="{NOTHING}" alt="A &quot;hall&quot;" width="4" height="3">' in html
    assert "outline" in html
    assert "data:image" not in html


def test_colours_that_a_client_turns_are_the_light_ones() -> None:
    html = seen(MAIL, Appearance.TURNED, KNOWN)
    assert f"@media {FAILS} {{ p" in html
    assert "invert(1)" in html


def test_links_open_apart_from_the_frame() -> None:
    assert '<head><base target="_blank">' in seen(MAIL, Appearance.LIGHT, {})
    assert seen("<p>x</p>", Appearance.LIGHT, {}).startswith("<base")


def test_the_addresses_of_pictures() -> None:
    twice = MAIL + MAIL
    assert sources(twice) == ("https://a.example/a.png?x=1&y=2", "https://a.example/c.png")
    assert sources("<p title='<img src=\"x\">'>") == ()
