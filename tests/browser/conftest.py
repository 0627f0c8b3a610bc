"""Newsrooms, built and served, and a real browser to look at them."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pipeline.web.preview import Preview
from tests.browser.rooms import build_arabic, build_drafts, build_long, build_sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's output."""
    return build_sample(tmp_path_factory.mktemp("sample")) / "output"


@pytest.fixture(scope="session")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a newsroom in Arabic, built."""
    return build_arabic(tmp_path_factory.mktemp("arabic"))


@pytest.fixture(scope="session")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample in three languages, every issue as today's templates make it."""
    return build_drafts(tmp_path_factory.mktemp("drafts"))


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a newsroom whose words never end, built."""
    return build_long(tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="session")
def address(output: Path) -> Iterator[str]:
    """Where the sample is served."""
    with served(output) as found:
        yield found


@pytest.fixture(scope="session")
def arabic_address(arabic: Path) -> Iterator[str]:
    """Where the newsroom in Arabic is served."""
    with served(arabic / "output") as found:
        yield found


@pytest.fixture(scope="session")
def drafts_address(drafts: Path) -> Iterator[str]:
    """Where the sample in three languages is served."""
    with served(drafts / "output") as found:
        yield found


@pytest.fixture(scope="session")
def mails(drafts: Path, arabic: Path, long: Path) -> Mapping[str, Path]:
    """The folder of every mail by `<newsroom>/<newsletter>/<issue>` (and `/<lang>`)."""
    found = {}
    for name, room in (("sample", drafts), ("arabic", arabic), ("long", long)):
        issues = room / "output/issues"
        for path in sorted(issues.rglob("email.html")):
            found[f"{name}/{path.parent.relative_to(issues).as_posix()}"] = path
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it, or where `CHROMIUM` says."""
    # Only here: `make test` collects these tests, and runs without what they need.
    from playwright.sync_api import sync_playwright

    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    assert chromium, "install Chromium (apt-get install chromium), or name it in CHROMIUM"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield opened
        opened.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is shown."""
    with Preview(
        folder, host="127.0.0.1", port=0, base_url="https://news.example.org", log=lambda _: None
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.address
        server.shutdown()
