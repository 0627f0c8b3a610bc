"""In Chromium from the form to the inbox to leaving: the whole service, a real mail server."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_service_web import OPEN, letters, path_in
from tests.mailing_room import write_mailing_room
from tests.newsrooms import enews, environment
from tests.running_service import running_service, wait
from tests.smtp_server import smtp_server

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ADDRESS = "ana@example.org"


def state(root: Path) -> str:
    return enews(root, "subscriber", "list").stdout


def test_from_the_form_to_the_inbox_to_leaving_and_back(browser: Browser, tmp_path: Path) -> None:
    write_mailing_room(tmp_path)
    toml = tmp_path / "content/newsroom.toml"
    toml.write_text(toml.read_text("utf-8").replace("[sending]", f"{OPEN}[sending]"), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    with (
        smtp_server() as server,
        running_service(tmp_path, ENEWS_SMTP_URL=server.url) as service,
    ):
        page = context.new_page()
        index = tmp_path / "output/index.html"
        assert wait(lambda: "Subscribe by email" in index.read_text("utf-8"))
        page.goto(f"{service.url}/")
        page.get_by_role("link", name=re.compile("Subscribe by email")).first.click()
        page.get_by_label(re.compile("address", re.IGNORECASE)).fill(ADDRESS)
        time.sleep(2.2)  # people are no quicker: the form's time trap
        page.locator("form button").click()
        assert wait(lambda: letters(server, ADDRESS))
        page.goto(service.url + path_in(letters(server, ADDRESS)[0], "c"))
        assert "pending" in state(tmp_path)
        page.locator("form button").click()
        assert "active" in state(tmp_path)
        sent = enews(
            tmp_path, "mailing", "start", "letter/2017-01", "--yes",
            env=environment(ENEWS_SMTP_URL=server.url),
        )  # fmt: skip
        assert sent.returncode == 0, sent.stderr
        page.goto(service.url + path_in(letters(server, ADDRESS)[-1], "u"))
        assert "active" in state(tmp_path)
        page.locator("main form button").first.click()
        assert "unsubscribed" in state(tmp_path)
        page.locator("main form button").first.click()  # by mistake: back again
        assert "active" in state(tmp_path)
    context.close()
