"""Whatever path is asked for: a page of the site or none, and never anything beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.core.requests import byte_range
from pipeline.web.headers import Shield
from pipeline.web.site_files import SiteFiles
from tests.asking import ask, scope_of

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://news.example.org"
PIECES = (
    "/",
    "//",
    "..",
    ".",
    "\\",
    "\0",
    "a",
    "secret",
    "output",
    "index.html",
    "%2e",
    "%2f",
    "é",
)
paths = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteFiles:
    root: Path = tmp_path_factory.mktemp("site")
    (root / "secret").write_text("secret")
    (root / "output/a/a").mkdir(parents=True)
    for path in ("index.html", "a/index.html", "a/a/index.html", "404.html"):
        (root / "output" / path).write_text("page")
    return SiteFiles(root / "output", Shield(HOST))


@given(path=paths)
@example(path="/../secret")
@example(path="//a")
@example(path="/a/../../secret")
def test_only_pages(site: SiteFiles, path: str) -> None:
    found = ask(site, scope_of(path))
    assert found.status in (200, 301, 404)
    assert b"secret" not in found.body
    if found.status == 301:
        place = urlsplit(urljoin(f"{HOST}/x", found.headers["location"]))
        assert f"{place.scheme}://{place.netloc}" == HOST


@given(
    value=st.from_regex(rb"bytes=\d{0,20}-\d{0,20}", fullmatch=True) | st.binary(max_size=20),
    size=st.integers(0, 1 << 40),
)
def test_a_part_is_within_the_file(value: bytes, size: int) -> None:
    part = byte_range(value, size)
    assert part is None or (part.first, part.end) == (0, 0) or 0 <= part.first < part.end <= size


def test_the_site_is_below_the_secret(site: SiteFiles) -> None:
    """So that the tests above could find it."""
    root = os.fsdecode(site._folder._root)
    assert os.path.exists(f"{root}/../secret")  # noqa: PTH110
