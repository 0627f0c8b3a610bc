"""`enews serve` as a real process: types, conditional requests, rebuilding while one writes."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pipeline.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 30
"""Seconds after which a test gives up; nothing is asserted about how fast it went."""


class Site:
    """A running preview."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.port = port
        self.process = process

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, fields, answer.read()
        finally:
            connection.close()

    def wait_for(self, path: str, text: bytes) -> bytes:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            body = self.ask(path)[2]
            if text in body:
                return body
            time.sleep(0.05)
        raise AssertionError(f"{text!r} never came to {path}")


@contextmanager
def _serving(folder: Path) -> Iterator[Site]:
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "-C", str(folder), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                yield Site(folder, int(found[1]), process)
                break
        else:
            raise AssertionError("the preview never began")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("serve") / "news"
    CliRunner().invoke(main, ["init", str(folder)], catch_exceptions=False, standalone_mode=False)
    with _serving(folder) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/feed.xml", "text/xml; charset=utf-8"),
        ("/atom.xml", "text/xml; charset=utf-8"),
        ("/feed.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/assets/site.css", "text/css; charset=utf-8"),
    ],
)
def test_each_sort_of_file_has_its_type(site: Site, path: str, type_: str) -> None:
    status, headers, body = site.ask(path)
    assert (status, headers["content-type"]) == (200, type_)
    assert int(headers["content-length"]) == len(body) > 0


def test_what_is_known_is_not_sent_again(site: Site) -> None:
    _, headers, _ = site.ask("/feed.xml")
    status, again, body = site.ask("/feed.xml", If_None_Match=headers["etag"])
    assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    assert site.ask("/feed.xml", If_Modified_Since=headers["last-modified"])[0] == 304
    assert site.ask("/feed.xml", If_None_Match='"other"')[0] == 200
    assert site.ask("/feed.xml", If_Modified_Since="Mon, 01 Jan 1990 00:00:00 GMT")[0] == 200
    assert site.ask("/feed.xml", If_Modified_Since="nonsense")[0] == 200


def test_head_sends_no_body(site: Site) -> None:
    status, headers, body = site.ask("/", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_a_folder_has_a_slash_at_its_end(site: Site) -> None:
    status, headers, _ = site.ask("/news")
    assert (status, headers["location"]) == (301, "/news/")
    assert site.ask("//evil.example/..%2f..")[0] == 404


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/../content/newsroom.toml", "/%2e%2e/content/newsroom.toml", "/.pipeline/"],
)
def test_what_is_not_there_gets_the_404_page(site: Site, path: str) -> None:
    status, headers, body = site.ask(path)
    assert status == 404
    assert headers["content-type"].startswith("text/html")
    assert b"https://news.example.org" not in body


def test_a_saved_item_is_on_the_page(site: Site) -> None:
    item = next((site.folder / "content" / "items").rglob("*-welcome.md"))
    text = item.read_text("utf-8")
    year = item.parent.name
    item.write_text(text.replace("Welcome to", "A warm welcome to"), "utf-8")
    site.wait_for(f"/items/{year}/welcome/", b"A warm welcome to")
    site.wait_for("/feed.xml", b"A warm welcome to")
    assert b"A warm welcome to" in site.ask("/feed.json")[2]


def test_a_mistake_leaves_the_last_good_pages(site: Site) -> None:
    item = next((site.folder / "content" / "items").rglob("*-welcome.md"))
    text = item.read_text("utf-8")
    page = f"/items/{item.parent.name}/welcome/"
    good = site.ask(page)[2]
    item.write_text("no front matter", "utf-8")
    other = site.folder / "content" / "themes" / "about.md"
    other.write_text(other.read_text("utf-8") + "\nMore.\n", "utf-8")
    time.sleep(1)
    assert site.ask(page)[2] == good
    item.write_text(text.replace("This newsroom", "Mended, this newsroom"), "utf-8")
    site.wait_for(page, b"Mended, this newsroom")
