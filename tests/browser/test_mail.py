"""The mail in a real browser: every width, every way of showing it, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from pipeline.render.appearance import Appearance, seen, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

MAILS = (
    "sample/enewsupdate/2017-01",
    "sample/enewsupdate/2017-05",
    "sample/enewsupdate/2017-02/ar",
    "sample/enewsupdate/2017-02/fr",
    "sample/enewsupdate/2017-international-day-of-cooperatives",
    "arabic/nashra/2017-01",
    "long/letter/2017-01",
)
WIDTHS = (320, 375, 600, 900)
Scheme = Literal["light", "dark"]
Show = "Callable[..., Page]"

AA = """turn => {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const canvas = dark ? [18, 18, 18] : [255, 255, 255];
  const unseen = /[\\s\\u00ad\\u034f\\u200b-\\u200f\\u2007\\ufeff]/g;
  const clamp = v => Math.min(255, Math.max(0, v));
  // What clients do that turn colours by themselves: invert, and turn the hue back.
  const shown = ([r, g, b]) => {
    if (!turn) return [r, g, b];
    [r, g, b] = [255 - r, 255 - g, 255 - b];
    return [-0.574 * r + 1.430 * g + 0.144 * b, 0.426 * r + 0.430 * g + 0.144 * b,
            0.426 * r + 1.430 * g - 0.856 * b].map(clamp);
  };
  const parse = text => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
  const ground = element => {
    if (!element) return canvas;
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const bad = [];
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    const text = walker.currentNode.data.replace(unseen, '');
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (!text || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})
        || box.width * box.height < 4 || parseFloat(style.fontSize) < 2) continue;
    seen += 1;
    const below = ground(element), colour = over(parse(style.color), below);
    const [a, b] = [light(shown(colour)), light(shown(below))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const large = size >= 24 || (bold && size >= 18.66);
    if (ratio < (large ? 3 : 4.5)) bad.push([text.slice(0, 40), style.color, below, ratio]);
  }
  return {seen, bad};
}"""
"""Text nodes that are seen, and those with too little contrast (WCAG 2.2, 1.4.3)."""

LINKS = """() => [...document.querySelectorAll('a[href]')].map(a => {
  const rects = [...a.getClientRects()];
  const words = a.innerText + [...a.querySelectorAll('img')].map(i => i.alt).join(' ');
  return [a.href, words.trim().length > 0, rects.some(r => r.width > 1 && r.height > 1)];
})"""


@pytest.fixture
def show(browser: Browser, mails: Mapping[str, Path]) -> Iterator[Callable[..., Page]]:
    """Shows a mail in a window of its own; its pictures come from the newsroom's output."""
    opened = []

    def look(
        name: str,
        *,
        width: int = 600,
        scheme: Scheme = "light",
        appearance: Appearance | None = None,
    ) -> Page:
        file = mails[name]
        html = file.read_text("utf-8")
        if appearance is not None:
            html = seen(html, appearance, {source: source for source in sources(html)})
        root = next(folder for folder in file.parents if folder.name == "output")

        def answer(route: Route) -> None:
            path = route.request.url.partition("//")[2].partition("/")[2]
            if path == "mail":
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            elif (root / path).is_file():
                route.fulfill(path=root / path)
            else:
                route.abort()

        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        opened.append(context)
        page = context.new_page()
        page.route("**/*", answer)
        page.goto("https://mail.example/mail")
        return page

    yield look
    for context in opened:
        context.close()


def test_every_mail_is_looked_at(mails: Mapping[str, Path]) -> None:
    assert set(MAILS) <= mails.keys()
    assert len([name for name in mails if name.startswith("sample/")]) >= 6


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize("appearance", [None, Appearance.NO_HEAD, Appearance.NO_PICTURES])
def test_nothing_is_wider_than_the_screen(
    show: Callable[..., Page], name: str, appearance: Appearance | None
) -> None:
    page = show(name, appearance=appearance)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 600])
def test_every_text_can_be_read(
    show: Callable[..., Page], name: str, scheme: Scheme, width: int
) -> None:
    found = show(name, scheme=scheme, width=width).evaluate(AA, False)
    assert found["bad"] == []
    assert found["seen"] > 20


@pytest.mark.parametrize("name", MAILS)
def test_colours_that_a_client_turns_can_be_read(show: Callable[..., Page], name: str) -> None:
    assert show(name).evaluate(AA, True)["bad"] == []


@pytest.mark.parametrize("name", MAILS)
def test_without_its_style_sheet_every_text_can_be_read(
    show: Callable[..., Page], name: str
) -> None:
    assert show(name, appearance=Appearance.NO_HEAD).evaluate(AA, False)["bad"] == []


def test_too_little_contrast_is_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<body style='background: #fff'><p style='color: #999'>pale</p><p>ink</p>"
        "<div style='background: rgba(0, 0, 0, 0.9)'><p style='color: #333'>dark</p></div>"
        "<p style='color: #949494; font-size: 24px'>large</p><p hidden>hidden</p></body>"
    )
    found = page.evaluate(AA, False)
    assert [bad[0] for bad in found["bad"]] == ["pale", "dark"]
    assert found["seen"] == 4
    page.close()


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_of_wcag(show: Callable[..., Page], name: str, scheme: Scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(
        show(name, scheme=scheme),
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize(
    "appearance", [Appearance.NO_PICTURES, Appearance.NO_HEAD, Appearance.NO_STYLES]
)
def test_whatever_is_off_every_link_has_words_and_is_seen(
    show: Callable[..., Page], name: str, appearance: Appearance
) -> None:
    whole: list[list[Any]] = show(name).evaluate(LINKS)
    less: list[list[Any]] = show(name, appearance=appearance).evaluate(LINKS)
    assert [link for link in less if not link[1] or not link[2]] == []
    assert [link[0] for link in less] == [link[0] for link in whole]
    assert len(less) > 5


@pytest.mark.parametrize("name", MAILS)
def test_every_picture_is_there(show: Callable[..., Page], name: str) -> None:
    page = show(name)
    page.wait_for_load_state("load")
    broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    assert page.evaluate(broken) == []


def test_arabic_reads_from_the_right(show: Callable[..., Page]) -> None:
    page = show("arabic/nashra/2017-01", width=600)
    sides = page.evaluate(
        """() => [...document.querySelectorAll('h1, h2, h3, p')]
            .filter(e => e.innerText.trim() && e.getBoundingClientRect().width > 0)
            .map(e => [getComputedStyle(e).direction, getComputedStyle(e).textAlign])"""
    )
    assert {direction for direction, _ in sides} == {"rtl"}
    assert "left" not in {align for _, align in sides}


def test_phones_get_one_column(show: Callable[..., Page]) -> None:
    beside = """() => [...document.images].filter(i => {
        const box = i.getBoundingClientRect();
        const texts = [...document.querySelectorAll('h2, h3, p')];
        const words = texts.map(e => e.getBoundingClientRect());
        return words.some(w => w.width > 0 && w.top < box.bottom - 4 && w.bottom > box.top + 4);
    }).map(i => i.src)"""
    page = show("sample/enewsupdate/2017-05", width=375)
    page.wait_for_load_state("load")
    assert page.evaluate(beside) == []
    page.set_viewport_size({"width": 700, "height": 900})
    assert page.evaluate(beside) != []
