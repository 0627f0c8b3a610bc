"""The pages with the headers that the service sends: nothing of them is refused by a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_site import PAGES, SEVERAL
from tests.web_desk import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MORE = {
    "mail": "issues/enewsupdate/2017-05/email.html",
    "feed": "feed.xml",
    "picture": "media/carts.png",
    "drawing": "assets/icon.svg",
    "text": "issues/enewsupdate/2017-05/email.txt",
}
EVERY = {**PAGES, **SEVERAL, **MORE}


@pytest.fixture(scope="module")
def door(drafts: Path) -> Iterator[str]:
    with serving(drafts / "output") as server:
        yield f"{server.address}/"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_refused(page: Page, door: str, name: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    # A mail's pictures have the address where the newsroom will live: let there be something.
    page.route("https://news.example.org/**", lambda route: route.fulfill(status=204))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    answer = page.goto(door + EVERY[name])
    page.wait_for_load_state("networkidle")
    assert answer is not None
    assert answer.status == (404 if name == "missing" else 200)
    assert [line for line in said if "404" not in line or name != "missing"] == []


def test_styles_and_pictures_are_there(page: Page, door: str) -> None:
    page.goto(door + PAGES["issue"])
    colours = (
        "getComputedStyle(document.querySelector('[style*=background-color]')).backgroundColor"
    )
    assert page.evaluate(colours) not in ("", "rgba(0, 0, 0, 0)")
    page.goto(door + PAGES["article"])
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    page.eval_on_selector_all("img", "all => all.forEach(one => one.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")


@pytest.mark.parametrize("name", ["home", "issue", "mail"])
def test_a_script_that_got_in_does_not_run(page: Page, door: str, name: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(door + EVERY[name])
    page.evaluate(
        "() => { const one = document.createElement('script');"
        " one.textContent = 'document.title = `owned`'; document.body.append(one);"
        " const two = document.createElement('div');"
        ' two.innerHTML = \'<img src="data:," onerror="document.title = `owned`">\';'
        " document.body.append(two); }"
    )
    page.wait_for_timeout(50)
    assert page.title() != "owned"
    assert any("Content Security Policy" in line for line in said)


def test_no_other_site_can_frame_a_page(page: Page, door: str) -> None:
    page.set_content(f'<iframe src="{door}"></iframe>')
    page.wait_for_timeout(200)
    assert "site-content" not in page.frames[-1].content()
