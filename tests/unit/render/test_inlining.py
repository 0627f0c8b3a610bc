"""Styles into elements: each arrives, what would not is refused, and twice is like once."""

from __future__ import annotations

import pytest

from pipeline.errors import RenderError
from pipeline.render.email import HEAD_STYLES, STYLE, letter_of
from pipeline.render.inlining import CACHED, compact, inlined, lint, lint_elements
from pipeline.render.mail_look import look_of, plain_css
from tests.issue_desk import LETTER, TEMPLATES
from tests.letter_desk import long_issue

PAGE = "<html><head><style>@media print { p { color: red } }</style></head><body>{}</body></html>"


def body(html: str, css: str) -> str:
    found = inlined(PAGE.replace("{}", html), css)
    return found.partition("<body>")[2].partition("</body>")[0]


def test_a_style_is_put_into_its_element() -> None:
    assert body('<p class="a">x</p>', ".a { color: #112233; }") == (
        '<p class="a" style="color:#112233">x</p>'
    )


def test_one_class_more_wins() -> None:
    assert body('<p class="a b">x</p>', ".a.b { margin: 0 2px; } .b { margin: 1px; }") == (
        '<p class="a b" style="margin:0 2px">x</p>'
    )


def test_quotation_marks_do_not_end_the_attribute() -> None:
    assert body("<p>x</p>", 'p { font-family: "A B", C; }') == (
        "<p style=\"font-family:'A B',C\">x</p>"
    )


def test_sizes_and_colours_of_the_template_stay() -> None:
    html = '<table width="600" align="center" bgcolor="#fdfefe"></table>'
    css = "table { width: 100%; text-align: left; background-color: #123456; }"
    assert body(html, css).startswith('<table width="600" align="center" bgcolor="#fdfefe" style=')


def test_a_style_sheet_in_the_page_stays_as_it_is() -> None:
    found = inlined(PAGE.replace("{}", "<p>x</p>"), "p { margin: 0; }")
    assert "<style>@media print { p { color: red } }</style>" in found
    assert found.startswith("<!DOCTYPE html>\n<html>")


def test_what_outlook_reads_stays_where_it_is() -> None:
    html = '<p>a</p><!--[if mso]><table width="600"><tr><td><![endif]--><p>b</p>'
    assert '</p><!--[if mso]><table width="600"><tr><td><![endif]--><p' in body(
        html, "p { top: 0; }"
    )


def test_a_style_sheet_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import cssutils

    css = ".once { margin: 0 5px; }"
    first = body('<p class="once">x</p>', css)
    monkeypatch.delattr(cssutils, "parseString")
    assert body('<p class="once">x</p>', css) == first


def test_what_was_parsed_is_not_forgotten_for_an_issues_styles() -> None:
    from premailer.cache import cache

    assert cache.maxsize == int(CACHED)


def test_an_issue_that_is_inlined_again_is_the_same() -> None:
    given, site = long_issue(3, message="A [link](s0-1).\n\n> Quoted.\n\n- one\n- two\n\n---")
    look = look_of(TEMPLATES, "")
    css = look.resolved(STYLE, plain_css(TEMPLATES, STYLE))
    html = letter_of(given, LETTER, site).message.html
    again = inlined(html, css).replace('" href="https://subscriber', '"\nhref="https://subscriber')
    assert again == html


def test_comments_go_unless_outlook_or_the_web_version_need_them() -> None:
    html = "<p> <!-- a\nnote --> a</p>\n\n   <!--[if mso]>x<![endif]-->\n<!--only-mail-->b\t\n"
    assert compact(html) == "<p>  a</p>\n<!--[if mso]>x<![endif]-->\n<!--only-mail-->b\n"


def test_what_is_set_as_typed_keeps_its_lines() -> None:
    assert compact("<p>\n  a</p>\n<pre>b\n   c\n\n</pre>\n\n d") == (
        "<p>\na</p>\n<pre>b\n   c\n\n</pre>\nd"
    )


def test_the_styles_of_the_mail_are_in_order() -> None:
    look = look_of(TEMPLATES, "")
    for name in (STYLE, *HEAD_STYLES.values()):
        css = look.resolved(name, plain_css(TEMPLATES, name))
        assert css.count("{") == css.count("}")
    lint(STYLE, look.resolved(STYLE, plain_css(TEMPLATES, STYLE)))


@pytest.mark.parametrize(
    ("css", "line", "said"),
    [
        ("p { color: red; }\n\na { colr: red; }", 3, "no property 'colr'; did you mean 'color'?"),
        ("p {\n  margin: 0;\n  padding 0;\n}", 3, "'padding 0' is not understood"),
        ("p { color: ; }", 1, "'color:' is not understood"),
        ("p { color: red;\n color: red)); }", 2, "is not understood"),
        ("p { margin: 0; }\n@media print { p { margin: 0; } }", 2, "@media belongs in"),
        ("p { margin: 0; }\n@supports (top: 0) { p { top: 0; } }", 2, "@supports belongs in"),
        ("p { margin: 0; }\na:hover { color: red; }", 2, "'a:hover': only elements and classes"),
        ("[dir=rtl] p { margin: 0; }", 1, "only elements and classes"),
        ("#a { margin: 0; }", 1, "only elements and classes"),
        ("* { margin: 0; }", 1, "only elements and classes"),
        ("p { margin: 0; }\n}", 2, "a brace"),
        ("p { margin: 0; }\n\na { margin: 0;", 3, "a brace"),
    ],
)
def test_what_would_be_dropped_in_silence_is_named_with_its_line(
    css: str, line: int, said: str
) -> None:
    with pytest.raises(RenderError) as caught:
        lint("email/style.css", css)
    assert said in str(caught.value)
    assert (caught.value.template, caught.value.line) == ("email/style.css", line)


def test_a_style_in_an_element_is_held_to_the_same() -> None:
    lint_elements("email/issue.html", '<p style="margin:0;mso-hide:all">')
    with pytest.raises(RenderError, match="no property 'colour'"):
        lint_elements("email/issue.html", '<p style="colour: red">')


def test_words_that_look_like_attributes_stay_as_they_are() -> None:
    words = '<p>Write style="nonsense", class="" or class="a   b" or style="top: 0; left: 0".</p>'
    lint_elements("email/issue.html", words)
    assert compact(words) == words
    assert words in inlined(f"<html><body>{words}</body></html>", "")
