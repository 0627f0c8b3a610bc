"""The page of `enews issue preview` in a real browser: usable, whole, and asking for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.rooms import ARABIC_ISSUE, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def pages(drafts: Path, arabic: Path) -> Mapping[str, Path]:
    """Previews, by what they show."""
    found = {}
    for name, room, issue in (
        ("sample", drafts, "enewsupdate/2017-05"),
        ("several", drafts, "enewsupdate/2017-02"),
        ("arabic", arabic, ARABIC_ISSUE),
    ):
        run(room, "issue", "preview", issue, "--no-open")
        found[name] = room / f".pipeline/preview/{issue}.html"
    return found


@pytest.mark.parametrize("name", ["several", "arabic"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_of_wcag(
    browser: Browser, pages: Mapping[str, Path], name: str, scheme: Scheme
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(color_scheme=scheme, viewport={"width": 1500, "height": 1000})
    page.goto(pages[name].as_uri())
    found = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            "iframes": False,
        },
    )
    page.close()
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_wider_than_the_screen(browser: Browser, pages: Mapping[str, Path]) -> None:
    page = browser.new_page()
    for path in pages.values():
        page.goto(path.as_uri())
        for width in (320, 375, 768, 1280, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.close()


def test_frames_are_as_wide_as_they_say(browser: Browser, pages: Mapping[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto(pages["sample"].as_uri())
    page.wait_for_load_state("load")
    frames = page.query_selector_all("#version-en iframe")
    for frame in frames:
        width = 600 if "600 pixels" in (frame.get_attribute("title") or "") else 375
        box = frame.bounding_box()
        assert frame.evaluate("e => e.clientWidth") == width
        assert box is not None
        assert box["width"] <= 375
    assert len(frames) >= 12
    page.close()


def test_frames_are_as_high_as_the_mail(browser: Browser, pages: Mapping[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 40_000})
    for path in pages.values():
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        for frame in page.query_selector_all("article:first-of-type iframe"):
            inside = frame.content_frame()
            assert inside is not None
            needed = inside.evaluate("document.body.scrollHeight")
            given = frame.evaluate("e => e.clientHeight")
            # Fonts differ from machine to machine, and what is missing can be scrolled to.
            assert 0.9 <= given / needed <= 1.5, frame.get_attribute("title")
    page.close()


def test_it_asks_nobody_for_anything_and_runs_nothing(
    browser: Browser, pages: Mapping[str, Path]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 9000})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages["sample"].as_uri())
    page.wait_for_load_state("networkidle")
    context.close()
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == [
        pages["sample"].as_uri()
    ]


def test_versions_are_tabs_for_mouse_and_keyboard(
    browser: Browser, pages: Mapping[str, Path]
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page.goto(pages["several"].as_uri())
    shown = page.locator(".version:visible")
    assert shown.get_attribute("id") == "version-en"
    page.get_by_label("العربية", exact=True).first.check()
    assert shown.get_attribute("id") == "version-ar"
    page.keyboard.press("ArrowLeft")
    assert shown.get_attribute("id") not in {"version-ar", "version-en"}
    page.close()


def test_light_and_dark_are_so_whatever_the_reader_likes(
    browser: Browser, pages: Mapping[str, Path]
) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 9000})
        page.goto(pages["sample"].as_uri())
        page.wait_for_load_state("networkidle")
        grounds = {}
        for key in ("light", "dark"):
            frame = page.query_selector(f"#en-{key} iframe")
            assert frame is not None
            inside = frame.content_frame()
            assert inside is not None
            rgb = inside.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds[key] = sum(int(part) for part in rgb[4:-1].split(",")[:3])
        page.close()
        assert grounds["light"] > 600
        assert grounds["dark"] < 150
