"""Every type of page in a real browser: accessible, at every width, light and dark, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = {
    "home": "",
    "listing": "news/",
    "numbered": "news/page/2/",
    "resources": "resources/",
    "article": "items/2017/sse-academy-seoul/",
    "arabic": "items/2017/halib-bila-hudud/",
    "french": "items/2017/academie-ess-seoul/",
    "notes": "items/2016/who-cares-a-survey/",
    "themes": "themes/",
    "theme": "themes/care-economy/",
    "series": "series/spotlight/",
    "issues": "issues/enewsupdate/",
    "issue": "issues/enewsupdate/2017-05/",
    "missing": "nowhere/",
}
ARABIC = {
    "home in Arabic": "",
    "listing in Arabic": "news/",
    "article in Arabic": "items/2017/suq/",
    "themes in Arabic": "themes/",
    "theme in Arabic": "themes/women/",
    "issues in Arabic": "issues/nashra/",
    "issue in Arabic": "issues/nashra/2017-01/",
    "missing in Arabic": "nowhere/",
}
SEVERAL = {
    "issue in several": "issues/enewsupdate/2017-02/",
    "its Arabic": "issues/enewsupdate/2017-02/ar/",
    "its French": "issues/enewsupdate/2017-02/fr/",
    "issues in several": "issues/enewsupdate/",
}
EVERY = (*PAGES, *ARABIC, *SEVERAL)
WIDTHS = (320, 375, 1280, 1600)
Scheme = Literal["light", "dark"]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    chosen: Scheme = request.param
    return chosen


@pytest.fixture
def page(browser: Browser, scheme: Scheme) -> Iterator[Page]:
    context = browser.new_context(color_scheme=scheme, java_script_enabled=True)
    opened = context.new_page()
    yield opened
    context.close()


@pytest.fixture(scope="session")
def places(address: str, arabic_address: str, drafts_address: str) -> Mapping[str, str]:
    """The whole address of each page."""
    sites = ((address, PAGES), (arabic_address, ARABIC), (drafts_address, SEVERAL))
    return {name: site + path for site, pages in sites for name, path in pages.items()}


@pytest.mark.parametrize("name", EVERY)
def test_no_violation_of_wcag(page: Page, places: Mapping[str, str], name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(places[name])
    found = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_wider_than_the_screen(page: Page, places: Mapping[str, str], name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(places[name])
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_pages_ask_for_nothing_from_elsewhere_and_run_no_script(
    browser: Browser, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES.values():
        page.goto(address + path)
        scripts = "[...document.scripts].filter(s => s.type !== 'application/ld+json').length"
        assert page.evaluate(scripts) == 0
    context.close()
    assert [url for url in asked if not url.startswith(address)] == []
    assert len(asked) > len(PAGES)


def test_a_keyboard_reaches_the_text_first(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.getAttribute('href')").startswith("#")
    page.wait_for_function(f"{focused}.getBoundingClientRect().top >= 0")
    page.close()


def test_arabic_reads_from_the_right(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + PAGES["arabic"])
    heading = page.locator("h1")
    assert heading.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert page.locator("[lang=ar]").count() >= 1
    page.close()


@pytest.mark.parametrize("feed", ["feed.xml", "atom.xml", "themes/care-economy/feed.xml"])
def test_a_feed_shows_something_to_read(browser: Browser, address: str, feed: str) -> None:
    page = browser.new_page()
    page.goto(address + feed)
    shown = page.evaluate(
        """() => {
            const seen = [...document.querySelectorAll('title, pubDate, published, updated')]
                .filter(e => e.getBoundingClientRect().height > 0);
            const hidden = [...document.getElementsByTagName('content:encoded'),
                            ...document.querySelectorAll('guid, id')]
                .filter(e => e.getBoundingClientRect().height > 0);
            return [seen.length, hidden.length,
                    getComputedStyle(document.documentElement).fontFamily];
        }"""
    )
    assert shown[0] > 5
    assert shown[1] == 0
    assert "serif" in shown[2] or "sans" in shown[2] or "system" in shown[2]
    page.close()


def test_pages_are_light(output: Path) -> None:
    heavy = {
        path.relative_to(output).as_posix(): path.stat().st_size
        for path in output.rglob("*.html")
        if path.stat().st_size + (output / "assets/site.css").stat().st_size > 100_000
    }
    assert heavy == {}
