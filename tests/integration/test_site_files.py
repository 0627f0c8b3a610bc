"""The built site over HTTP, from files on a disk."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import brotli
import pytest

from pipeline.web import site_cache
from pipeline.web.headers import Shield
from pipeline.web.site_files import SiteFiles
from pipeline.web.site_folder import SiteFolder, Stamp
from tests.asking import Answer, ask, scope_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.web.asgi import Application

BASE = "https://news.example.org"
FEED = b"<rss>" + b"<item>news</item>" * 500 + b"</rss>"
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
SECOND = 1_700_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small site."""
    root = tmp_path / "output"
    put(root, "index.html", b"<p>home</p>")
    put(root, "feed.xml", FEED)
    put(root, "404.html", b"<p>no page</p>")
    put(root, "news/index.html", b"<p>news</p>")
    put(root, "media/a.png", bytes(range(256)) * 40)
    put(root, "assets/site.css", b"body { color: red }")
    put(root, "empty/readme.txt", b"")
    return root


@pytest.fixture
def site(root: Path) -> Application:
    return SiteFiles(root, Shield(BASE))


def put(root: Path, path: str, data: bytes, *, seconds: int = SECOND) -> None:
    """As a build does: a new file each time, never new bytes in the old one."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_bytes(data)
    os.utime(file, (seconds, seconds))


def get(site: Application, path: str, method: str = "GET", **headers: str) -> Answer:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(site, scope_of(path, method, fields))


def test_a_file(site: Application) -> None:
    found = get(site, "/feed.xml")
    assert (found.status, found.body) == (200, FEED)
    assert found.headers["content-type"] == "text/xml; charset=utf-8"
    assert found.headers["content-length"] == str(len(FEED))
    assert found.headers["last-modified"] == DATE
    assert found.headers["vary"] == "accept-encoding"
    assert found.headers["etag"].startswith('"')


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/feed.xml", "no-cache"),
        ("/", "no-cache"),
        ("/assets/site.css", "max-age=600"),
        ("/media/a.png", "max-age=3600"),
    ],
)
def test_how_long_browsers_keep_it(site: Application, path: str, kept: str) -> None:
    assert get(site, path).headers["cache-control"] == kept


def test_a_folder_is_its_index(site: Application) -> None:
    assert get(site, "/").body == b"<p>home</p>"
    assert get(site, "/news/").body == b"<p>news</p>"


@pytest.mark.parametrize("again", [False, True])
def test_head_says_the_same_without_the_body(site: Application, *, again: bool) -> None:
    if again:
        get(site, "/feed.xml")
    full, head = get(site, "/feed.xml"), get(site, "/feed.xml", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == full.headers


def test_codings(site: Application) -> None:
    plain = get(site, "/feed.xml")
    small = get(site, "/feed.xml", accept_encoding="gzip")
    least = get(site, "/feed.xml", accept_encoding="gzip, br")
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert least.headers["content-encoding"] == "br"
    assert gzip.decompress(small.body) == brotli.decompress(least.body) == FEED
    assert len({found.headers["etag"] for found in (plain, small, least)}) == 3
    assert get(site, "/feed.xml", accept_encoding="gzip").body == small.body


@pytest.mark.parametrize("path", ["/media/a.png", "/assets/site.css"])
def test_what_does_not_become_smaller_stays_as_it_is(site: Application, path: str) -> None:
    found = get(site, path, accept_encoding="gzip, br")
    assert "content-encoding" not in found.headers


def test_a_reader_that_has_it_gets_nothing(site: Application) -> None:
    for accept in ("", "gzip", "br"):
        tag = get(site, "/feed.xml", accept_encoding=accept).headers["etag"]
        found = get(site, "/feed.xml", accept_encoding=accept, if_none_match=tag)
        assert (found.status, found.body) == (304, b"")
        assert found.headers == {
            "etag": tag,
            "cache-control": "no-cache",
            "vary": "accept-encoding",
        }
        weak = get(site, "/feed.xml", accept_encoding=accept, if_none_match=f'"x", W/{tag}')
        assert weak.status == 304


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (DATE, 304),
        ("Wed, 15 Nov 2023 22:13:20 GMT", 304),
        ("Tue, 14 Nov 2023 22:13:19 GMT", 200),
        ("yesterday", 200),
        ("", 200),
        ("Tue, 99 Nov 99999 22:13:19 GMT", 200),
    ],
)
def test_dates(site: Application, since: str, status: int) -> None:
    assert get(site, "/feed.xml", if_modified_since=since).status == status


def test_a_tag_counts_more_than_a_date(site: Application) -> None:
    found = get(site, "/feed.xml", if_none_match='"other"', if_modified_since=DATE)
    assert found.status == 200


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("path", ["/media/a.png", "/feed.xml"])
def test_parts(
    root: Path, site: Application, path: str, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    if large:
        monkeypatch.setattr(site_cache, "LARGE", 10)
    data = (root / path[1:]).read_bytes()
    whole = get(site, path)
    assert (whole.status, whole.body) == (200, data)
    part = get(site, path, range="bytes=10-19", accept_encoding="br")
    assert (part.status, part.body) == (206, data[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(data)}"
    assert part.headers["content-length"] == "10"
    assert part.headers["etag"] == whole.headers["etag"]
    assert "content-encoding" not in part.headers
    none = get(site, path, range=f"bytes={len(data)}-")
    assert (none.status, none.body) == (416, b"")
    assert none.headers["content-range"] == f"bytes */{len(data)}"
    assert get(site, path, range="bytes=0-1,4-5").body == data
    assert get(site, path, "HEAD", range="bytes=0-1").headers["content-length"] == str(len(data))


@pytest.mark.parametrize("large", [False, True])
def test_a_part_only_of_the_same_version(
    site: Application, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    if large:
        monkeypatch.setattr(site_cache, "LARGE", 10)
    tag = get(site, "/feed.xml").headers["etag"]
    for condition, status in ((tag, 206), (DATE, 206), ('"other"', 200), (f"W/{tag}", 200)):
        assert get(site, "/feed.xml", range="bytes=0-4", if_range=condition).status == status
    assert get(site, "/feed.xml", range="bytes=0-4", if_none_match=tag).status == 304


def test_a_large_file_comes_in_pieces(root: Path, site: Application) -> None:
    data = os.urandom(1 << 16) * 20
    put(root, "media/big.pdf", data)
    found = get(site, "/media/big.pdf")
    assert found.body == data
    assert found.sent == 20
    tag = found.headers["etag"]
    assert get(site, "/media/big.pdf", if_none_match=tag).status == 304
    put(root, "media/big.pdf", data, seconds=SECOND + 1)
    assert get(site, "/media/big.pdf", if_none_match=tag).status == 200


def test_a_folder_without_its_slash(site: Application) -> None:
    found = get(site, "/news")
    assert (found.status, found.headers["location"]) == (301, "/news/")


@pytest.mark.parametrize(
    "path",
    [
        "//news", "//evil.example/..", "/\\evil.example", "/..", "/../output/feed.xml", "/news/..",
        "/news/../feed.xml", "/./feed.xml", "/news//", "/.git/config", "/news/.hidden",
        "/feed.xml/", "/feed.xml/x", "/\0", "/feed.xml\0.html", "/" + "x" * 300, "/" + "x/" * 1500,
        "/empty", "/empty/", "/\udcff", "", "feed.xml", "*", "/nothing",
        "/.well-known/.git", "/%2e%2e/",
    ],
)  # fmt: skip
def test_what_is_no_page(root: Path, site: Application, path: str) -> None:
    put(root, ".git/config", b"secret")
    put(root, "news/.hidden", b"secret")
    put(root, ".well-known/.git", b"secret")
    for method in ("GET", "HEAD"):
        found = ask(site, scope_of(path, method, raw_path=b"/x"))
        assert found.status == 404
        assert found.body == (b"<p>no page</p>" if method == "GET" else b"")
        assert "location" not in found.headers
        assert "etag" not in found.headers


def test_what_others_put_there_for_all_to_see(root: Path, site: Application) -> None:
    put(root, ".well-known/security.txt", b"Contact: x")
    assert get(site, "/.well-known/security.txt").body == b"Contact: x"


def test_links_lead_nowhere(root: Path, site: Application, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/index.html").write_text("secret")
    (root / "a.txt").symlink_to(tmp_path / "secret.txt")
    (root / "b").symlink_to(tmp_path / "secrets")
    for path in ("/a.txt", "/b", "/b/", "/b/index.html"):
        assert get(site, path).status == 404


def test_a_pipe_is_no_file(root: Path, site: Application) -> None:
    os.mkfifo(root / "pipe.txt")
    assert get(site, "/pipe.txt").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_nothing_can_be_done_to_it(site: Application, method: str) -> None:
    found = get(site, "/feed.xml", method)
    assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")


def test_a_new_version_is_seen_at_once(root: Path, site: Application) -> None:
    old = get(site, "/feed.xml")
    swap(root, "feed.xml", b"<rss>new</rss>")
    found = get(site, "/feed.xml", if_none_match=old.headers["etag"])
    assert (found.status, found.body) == (200, b"<rss>new</rss>")
    swap(root, "feed.xml", None)
    assert get(site, "/feed.xml").status == 404


def test_a_file_that_stays_is_not_read_again(root: Path, site: SiteFiles) -> None:
    get(site, "/feed.xml")
    held = site._held["/feed.xml"]
    swap(root, "index.html", b"<p>other</p>")
    assert get(site, "/feed.xml").status == 200
    assert site._held["/feed.xml"] is held
    assert get(site, "/").body == b"<p>other</p>"


def test_a_file_changed_by_others_is_seen_after_a_while(root: Path, site: SiteFiles) -> None:
    get(site, "/news/")
    put(root, "news/index.html", b"<p>by hand</p>", seconds=SECOND + 5)
    site._held["/news/"].until = 0
    assert get(site, "/news/").body == b"<p>by hand</p>"


def test_while_the_folder_is_gone_what_was_there_is_shown(root: Path, site: Application) -> None:
    get(site, "/feed.xml")
    root.rename(root.with_name("aside"))
    assert get(site, "/feed.xml").status == 200
    assert get(site, "/news/").status == 503
    root.with_name("aside").rename(root)
    assert get(site, "/news/").status == 200


def test_before_the_first_build(tmp_path: Path) -> None:
    site = SiteFiles(tmp_path / "output", Shield(BASE))
    found = get(site, "/")
    assert (found.status, found.headers["retry-after"]) == (503, "5")
    put(tmp_path / "output", "index.html", b"<p>first</p>")
    assert get(site, "/").body == b"<p>first</p>"
    assert get(site, "/x").status == 404


class _Meanwhile(SiteFolder):
    """Misses a file once, while `happens` does something to the folder."""

    def __init__(self, root: Path, happens: Callable[[], object]) -> None:
        super().__init__(root)
        self._happens: Callable[[], object] | None = happens

    def _open(self, names: list[bytes]) -> tuple[int, Stamp] | None:
        if self._happens is None:
            return super()._open(names)
        happens, self._happens = self._happens, None
        happens()
        return None


def test_what_is_missed_in_the_tree_that_goes_is_looked_up_again(root: Path) -> None:
    found = _Meanwhile(root, lambda: swap(root, "index.html", b"x")).open("/feed.xml")
    assert found is not None
    os.close(found[0])
    assert _Meanwhile(root, lambda: None).open("/feed.xml") is None


def test_memory_has_an_end(root: Path, site: SiteFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_cache, "ROOM", 40_000)
    for number in range(20):
        put(root, f"{number}.txt", b"x" * 3000)
        assert get(site, f"/{number}.txt", accept_encoding=f"gzip;q=0.{number + 1}").status == 200
    assert sum(held.weight for held in site._held.values()) <= 40_000
    assert "/19.txt" in site._held
    assert site._cache._weight == sum(held.weight for held in site._held.values())


def test_made_up_ways_of_asking_take_the_short_way_from_nobody(site: SiteFiles) -> None:
    for number in range(100):
        get(site, "/feed.xml", accept_encoding=f"gzip;q=0.{number + 1}, x{number}")
    assert len(site._held["/feed.xml"].shown) == 1
    get(site, "/feed.xml", accept_encoding="gzip, deflate, br")
    for asked in (b"gzip, made-up", b"gzip, br", b"br;q=1, gzip"):
        fields = {b"accept-encoding": asked}
        assert site.quick("/feed.xml", fields, secure=False, body=True) is not None


def test_answers_over_tls_ask_for_it(root: Path) -> None:
    for base, scheme, expected in (
        (BASE, "https", True),
        (BASE, "http", False),
        ("http://news.example.org", "https", False),
    ):
        site = SiteFiles(root, Shield(base))
        for path, headers in (
            ("/", {}),
            ("/nothing", {}),
            ("/media/a.png", {"range": "bytes=0-1"}),
        ):
            found = ask(site, scope_of(path, headers=headers, scheme=scheme))
            assert ("strict-transport-security" in found.headers) is expected


def swap(root: Path, path: str, data: bytes | None) -> None:
    """Publish a twin of the site in which one file is another one, or gone."""
    spare = root.with_name("spare")
    for file in sorted(root.rglob("*")):
        if file.is_file():
            twin = spare / file.relative_to(root)
            twin.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, twin)
    (spare / path).unlink()
    if data is not None:
        put(spare, path, data, seconds=SECOND + 9)
    aside = root.with_name("aside")
    root.rename(aside)
    spare.rename(root)
    aside.rename(root.with_name(f"old-{root.stat().st_ino}"))
