"""The page of `enews issue preview`: what stands on it, and that it asks nobody for anything."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from pipeline.core.budget import HTML_MOST
from pipeline.core.finding import Finding, Severity
from pipeline.render.appearance import Appearance
from pipeline.render.mail_height import mail_height
from pipeline.render.preview import SHOWN, SNIPPET, Seen, grouped, preview_html, snippet
from tests.issue_desk import TEMPLATES

HTML = (
    '<!DOCTYPE html><html lang="en"><head><title>T</title><style>p { color: red }</style></head>'
    '<body><div>Before &amp; after</div><!--x--><p title="a > b">One\n two</p>'
    '<img src="https://news.example.org/a.png" alt="A"><a href="https://e.example/">E</a></body>'
)
ENGLISH = Seen(
    lang="en",
    sender="Desk",
    subject="Five & <six>",
    day="29 Jun",
    html=HTML,
    text="Text\n====\n",
    digest="abc123" * 10,
    weight=12_345,
    pictures={"https://news.example.org/a.png": "data:image/png;base64,QQ=="},
)
ARABIC = replace(ENGLISH, lang="ar", subject="خمسة", digest="def456" * 10)


def finding(severity: Severity, rule: str, waived: str = "") -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        where="plan.md:3",
        found="<b>",
        advice="Mend it.",
        waived=waived,
    )


def page(*versions: Seen, findings: tuple[Finding, ...] = (), released: bool = False) -> str:
    return preview_html(
        TEMPLATES,
        versions or (ENGLISH,),
        findings,
        issue="letter/2017-05",
        title="No. 5",
        newsroom="Room",
        released=released,
        digest=ENGLISH.digest,
    )


def test_every_appearance_is_there_at_two_widths() -> None:
    html = page()
    assert set(SHOWN) == set(Appearance)
    for key, (title, _) in SHOWN.items():
        assert f'href="#en-{key}"' in html
        assert f'id="en-{key}"' in html
        for width in (600, 375):
            assert f'title="{title}, {width} pixels wide, English"' in html
    assert html.count("<iframe ") == 2 * len(SHOWN)
    assert "<pre" in html


def test_frames_are_as_high_as_the_mail_needs() -> None:
    long = replace(ENGLISH, html=HTML.replace("One", "word " * 2000))
    for version in (ENGLISH, long):
        html = page(version)
        for width in (600, 375):
            high = mail_height(version.html, width)
            assert html.count(f'<div class="pane pane-{width}" style="--high: {high}">') == 6


def test_frames_hold_the_mail_and_may_run_nothing() -> None:
    frames = re.findall(r'<iframe [^>]*sandbox="([^"]*)"[^>]* srcdoc="([^"]*)"', page())
    assert len(frames) == 2 * len(SHOWN)
    assert {sandbox for sandbox, _ in frames} == {"allow-popups allow-popups-to-escape-sandbox"}
    assert "<div>Before &amp; after</div>" in unescape(frames[0][1])


def test_nothing_is_loaded_from_anywhere() -> None:
    html = page(ENGLISH, ARABIC)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert "<script" not in html
    assert not re.search(r'(?:src|href|url\()="?https?:', html)


def test_what_editors_write_is_escaped() -> None:
    html = page(findings=(finding(Severity.ERROR, "x"),))
    assert "Five &amp; &lt;six&gt;" in html
    assert "<p>&lt;b&gt;</p>" in html


def test_versions_are_tabs_only_where_there_are_several() -> None:
    assert 'type="radio"' not in page()
    html = page(ENGLISH, ARABIC)
    assert html.count('type="radio"') == 2
    assert html.count(" checked>") == 1
    assert "#tab-ar:checked" in html
    assert '<label for="tab-ar" lang="ar">العربية</label>' in html
    assert '<pre lang="ar" dir="rtl"' in html
    assert ARABIC.digest in html


def test_a_draft_says_how_to_release_just_these_bytes() -> None:
    command = f"enews issue release letter/2017-05 --digest {ENGLISH.digest[:16]}"
    assert command in re.sub("</?span>", "", page())
    assert command not in re.sub("</?span>", "", page(released=True))
    assert "As it was released" in page(released=True)


def test_what_stands_in_the_way_is_said_first() -> None:
    assert "Ready to be released" in page()
    refused = page(findings=(finding(Severity.WARNING, "x"), finding(Severity.NOTE, "y")))
    assert "Not ready" in refused
    assert "Mend 1 finding first" in refused
    assert "enews issue check letter/2017-05" in refused
    assert "enews issue release" not in refused
    out = page(findings=(finding(Severity.ERROR, "x"), finding(Severity.ERROR, "y")), released=True)
    assert "Mend 2" not in out
    waived = finding(Severity.WARNING, "x", waived="It is meant so.")
    html = page(findings=(waived,))
    assert "Ready to be released" in html
    assert "Waived: It is meant so." in html
    assert "Warnings that the plan waives" in html
    assert "to mend" not in html


def test_findings_are_grouped_the_heaviest_first() -> None:
    findings = (
        finding(Severity.NOTE, "n"),
        finding(Severity.WARNING, "waived", waived="so"),
        finding(Severity.WARNING, "w"),
        finding(Severity.ERROR, "e"),
    )
    found = [(group.severity, [f.rule for f in group.findings]) for group in grouped(findings)]
    assert found == [
        ("error", ["e"]),
        ("warning", ["w"]),
        ("warning", ["waived"]),
        ("note", ["n"]),
    ]
    assert grouped(()) == ()


def test_what_versions_have_in_common_stands_there_once() -> None:
    one = finding(Severity.NOTE, "n")
    findings = (*(replace(one, lang=lang) for lang in ("en", "ar")), replace(one, found="Other"))
    (group,) = grouped(findings)
    assert [(f.found, f.lang) for f in group.findings] == [("<b>", "en, ar"), ("Other", "")]


def test_sizes_are_counted_as_a_subscriber_gets_them() -> None:
    html = page()
    assert f"{len(HTML):,} of {HTML_MOST:,} bytes, 0 %" in html
    assert "1, together 12.3 kB" in html
    assert "<dt>Pictures</dt><dd>none</dd>" in page(replace(ENGLISH, pictures={}, weight=0))
    assert html.count("digest") == 2  # the issue's: to be read, and in the command
    assert f"<dt>SHA-256 of this message</dt><dd><code>{ENGLISH.digest}</code>" in html
    long = replace(ENGLISH, html=HTML.replace("One", "x" * HTML_MOST))
    assert 'class="over"' in page(long)
    assert 'class="over"' not in html


def test_pictures_that_are_missing_are_named() -> None:
    url = "https://news.example.org/gone.png"
    html = page(replace(ENGLISH, missing=(url,)))
    assert f"<code>{url}</code>" in html
    assert "2, together" in html


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (HTML, "Before & after One two E"),
        ("<body><div>Short&nbsp;\u200c&#8199;</div>More", "Short\u00a0\u200c\u2007 More"),
        ("<p>a</p>", "a"),
        ("<body><div>All of it" + "&#847;&zwnj;&nbsp;" * 120 + "</div>More", "All of it"),
        ("<body>" + "x " * 500, ("x " * 500)[:SNIPPET]),
    ],
)
def test_the_row_of_an_inbox_shows_the_first_words(html: str, shown: str) -> None:
    assert snippet(html) == shown
