"""The front door in a real browser: every page accessible, at every width, and a whole visit."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.subscriber import SubscriberState
from pipeline.web.door import Door
from tests.browser.rooms import run
from tests.browser.test_site import WIDTHS, Scheme
from tests.front_door import NEWSROOM, Visitor, write_room

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

LONG = "an.address.that.is.longer.than.a.screen.is.wide.and.never.ends@long.example.org"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEEN = (
    "form", "form in Arabic", "form in French", "ask", "confirm", "leave", "leave in Arabic",
    "preferences", "preferences in Arabic", "paused", "long", "left", "unknown", "suppressed",
)  # fmt: skip


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """A newsroom with a built site, and people in every state."""
    root = write_room(tmp_path_factory.mktemp("front"), NEWSROOM)
    run(root, "build")
    return Visitor(root)


@pytest.fixture(scope="module")
def address(visitor: Visitor) -> Iterator[str]:
    """Where it is served: by the program's own outermost application, under its rules."""
    import uvicorn

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    door = Door(visitor.application, folder=visitor.root / "output", base_url=url)
    server = uvicorn.Server(uvicorn.Config(door, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    yield url
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def paths(visitor: Visitor) -> Mapping[str, str]:
    """The path of each page."""
    both = frozenset({"letter", "yearbook"})
    ada = visitor.reader("ada", newsletters=both, name="Ada Lovelace")
    nur = visitor.reader("nur", language="ar", topics=frozenset({"care"}))
    until = visitor.now + timedelta(days=40)
    visitor.filled("/subscribe", address="new@example.org", newsletter=["letter", "yearbook"])
    gone = visitor.reader("gone", newsletters=frozenset(), state=SubscriberState.UNSUBSCRIBED)
    bounced = visitor.reader("bounced", state=SubscriberState.SUPPRESSED)
    found = {
        "form": "/subscribe",
        "form in Arabic": "/subscribe?lang=ar",
        "form in French": "/subscribe?lang=fr",
        "ask": "/preferences",
        "confirm": visitor.confirming("new@example.org"),
        "leave": visitor.mailed(ada, "letter"),
        "leave in Arabic": visitor.leaving(nur),
        "preferences": visitor.wishes(ada),
        "preferences in Arabic": visitor.wishes(nur),
        "paused": visitor.wishes(visitor.reader("paused", quiet_until=until)),
        "long": visitor.wishes(visitor.reader("long", address=LONG, name="x" * 120)),
        "left": visitor.leaving(gone),
        "unknown": "/p/none",
        "suppressed": visitor.wishes(bounced),
    }
    assert tuple(found) == SEEN
    return found


@pytest.fixture(params=["light", "dark"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    scheme: Scheme = request.param
    opened = browser.new_context(color_scheme=scheme)
    yield opened
    opened.close()


def violations(page: Page) -> str:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": RULES})
    return str(found.generate_report()) if found.violations_count else ""


def widths(page: Page) -> list[int]:
    """The widths at which the page is wider than the screen."""
    wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(width)
    return wide


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


@pytest.mark.parametrize("name", SEEN)
def test_a_page_is_for_everybody(
    context: BrowserContext, address: str, paths: Mapping[str, str], name: str
) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address + paths[name])
    assert violations(page) == ""
    assert widths(page) == []
    # What the policy of the page's header refused would be told here.
    assert [text for text in said if "status of 404" not in text] == []


@pytest.mark.parametrize("path", ["/subscribe", "/subscribe?lang=ar", "/preferences"])
def test_a_form_that_comes_back_is_for_everybody(
    context: BrowserContext, address: str, visitor: Visitor, path: str
) -> None:
    page = context.new_page()
    page.goto(address + path)
    page.fill("#address", f"{LONG} and more")
    visitor.now += timedelta(seconds=20)
    page.locator("main form button").click()
    page.wait_for_load_state()
    assert violations(page) == ""
    assert widths(page) == []
    page.locator(".door-again a").first.click()
    assert page.evaluate("document.activeElement.id") in ("address", "newsletter")


def test_a_visit_from_the_form_to_leaving_and_back(
    browser: Browser, address: str, visitor: Visitor
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.get_by_role("link", name="Subscribe by email").first.click()
    page.fill("#address", "eve@example.org")
    page.get_by_label("The letter").check()
    visitor.now += timedelta(seconds=20)
    press(page, "Subscribe")
    assert page.locator("h1").inner_text() == "Now look into your inbox"

    page.goto(address + visitor.confirming("eve@example.org"))
    press(page, "Yes, send me The letter")
    assert page.locator("h1").inner_text() == "You are subscribed"
    eve = visitor.find("eve@example.org")
    assert eve is not None
    assert eve.state is SubscriberState.ACTIVE

    page.get_by_role("link", name="Choose what you get").click()
    page.get_by_label("The yearbook").check()
    press(page, "Save")
    assert page.get_by_role("status").inner_text() == "Saved."
    assert visitor.now_is(eve).newsletters == {"letter", "yearbook"}

    page.goto(address + visitor.leaving(eve))
    press(page, "Unsubscribe from everything")
    assert page.locator("h1").inner_text() == "You are unsubscribed"
    press(page, "That was a mistake, keep me subscribed")
    assert visitor.now_is(eve).newsletters == {"letter", "yearbook"}

    page.goto(address + visitor.wishes(eve))
    press(page, "Delete all about me…")
    press(page, "Yes, delete it all")
    assert visitor.find("eve@example.org") is None
    assert [url for url in asked if not url.startswith(address)] == []
    assert context.cookies() == []
    context.close()


def test_a_keyboard_is_enough(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/preferences")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || ''"))
    assert "address" in reached
    assert "more" not in reached
    page.close()
