"""`sitemap.xml` and `robots.txt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from pipeline.render import sitemap
from tests.archive_site import render

if TYPE_CHECKING:
    import pytest

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses() -> dict[str, str]:
    """Address → day of the last change, "" where none is given."""
    root = etree.fromstring(render("sitemap.xml").encode())
    assert root.tag == f"{SPACE}urlset"
    return {url.findtext(f"{SPACE}loc", ""): url.findtext(f"{SPACE}lastmod", "") for url in root}


def test_every_item_is_there_with_the_day_of_its_last_change() -> None:
    found = addresses()
    base = "https://news.example.org/coop/"
    assert found[f"{base}items/2017/seoul/"] == "2017-07-12"
    assert found[f"{base}items/2015/oldest/"] == "2015-03-01"
    assert f"{base}items/2017/%D8%B3%D9%8A%D9%88%D9%84/" in found


def test_every_front_of_a_list_is_there_and_every_issue_once() -> None:
    base = "https://news.example.org/coop/"
    assert {address.removeprefix(base) for address, day in addresses().items() if not day} == {
        "",
        "news/",
        "library/resources/",
        "themes/",
        "themes/care/",
        "themes/youth/",
        "series/talks/",
        "issues/update/",
        "issues/update/2017-02/",
        "issues/update/2017-01/",
        "issues/update/2016-special/",
    }


def test_robots_are_told_where_the_sitemap_is() -> None:
    assert render("robots.txt") == (
        "User-agent: *\nAllow: /\n\nSitemap: https://news.example.org/coop/sitemap.xml\n"
    )


def test_a_sitemap_never_grows_beyond_its_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST", 13)
    found = list(addresses())
    assert len(found) == 13
    assert found[-1].endswith("/items/2017/%D8%B3%D9%8A%D9%88%D9%84/")
