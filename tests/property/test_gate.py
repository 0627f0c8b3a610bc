"""Whatever a mail is made of, the gate has an answer, and the same one every time."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.finding import Severity
from pipeline.mail.message import compose
from pipeline.render.gate.colours import first_colour, parse
from pipeline.render.gate.rules import RULES, judge
from pipeline.render.gate.styles import declarations, rules_of
from tests.mail_desk import HTML, mail
from tests.unit.mail.test_message import MESSAGE

ANY = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
CSS = st.text(st.sampled_from(list("abc-:;{}()'\"@#!*/, 019%\n")), max_size=60)
MARKUP = st.lists(
    st.sampled_from([
        "<p>", "</p>", "<a href='x'>", "<a href='https://news.example.org/items/2017/one/'>",
        "</a>", "<img>", "<img src='https://news.example.org/media/one.480w.jpg' width='0'>",
        "<table>", "<td bgcolor='red'>", "</table>", "<h1>", "</h3>", "<style>p { color: red }",
        "</style>", "<b style='color: rgb(1,2); font-size: 0.5em'>", "text", "{{", "&#0;", "<!--",
        "<a href='http://['>", "<a href='https://[::1]/'>", "<a href=''>", "<div hidden>", "<svg>",
    ]),
    max_size=20,
).map("".join)  # fmt: skip
SPACED = st.text(st.sampled_from(list("abc ,;:.'\"()<>@")), min_size=1, max_size=280)


@settings(deadline=None, max_examples=60)
@given(ANY | MARKUP, ANY)
def test_any_html_and_any_text_get_an_answer(html: str, text: str) -> None:
    spoiled = mail(html, text)
    found = judge(spoiled)
    assert found == judge(spoiled)
    for finding in found:
        assert finding.rule in RULES
        assert finding.found.isprintable()
    weights = [list(Severity).index(finding.severity) for finding in found]
    assert weights == sorted(weights)


@settings(deadline=None, max_examples=60)
@given(CSS)
def test_any_style_sheet_gets_an_answer(css: str) -> None:
    list(rules_of(css))
    declarations(css)
    judge(mail(HTML.replace("</style>", f"{css}</style>")))


@given(CSS | ANY)
def test_any_colour_is_one_or_none(text: str) -> None:
    for found in (parse(text.lower()), first_colour(text.lower())):
        assert found is None or all(0 <= part <= 255 for part in found[:3])


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(raw: bytes) -> None:
    assert any(finding.rule == "message-broken" for finding in judge(mail(raw=raw)))


@given(SPACED.map(str.strip).filter(bool))
def test_a_long_subject_is_folded_and_comes_back(subject: str) -> None:
    raw = compose(replace(MESSAGE, subject=subject))
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject
    (line,) = [x for x in raw.split(b"\r\n") if x.startswith(b"Subject:")]
    assert line.removeprefix(b"Subject:").strip()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
