"""JSON Feed 1.1."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.core.newsroom import FeedSettings
from tests.feed_site import NEWSROOM, make, make_site, rendered

if TYPE_CHECKING:
    from pipeline.render.site import Site


def feed(path: str = "feed.json", site: Site | None = None) -> dict[str, Any]:
    found = json.loads(rendered(site)[path])
    assert isinstance(found, dict)
    return found


def items(site: Site | None = None) -> dict[str, dict[str, Any]]:
    return {item["id"].rpartition(":")[2]: item for item in feed(site=site)["items"]}


def test_top_level() -> None:
    top = feed("themes/youth/feed.json")
    assert top == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Coop & Co: Youth",
        "home_page_url": "https://news.example.org/themes/youth/",
        "feed_url": "https://news.example.org/themes/youth/feed.json",
        "description": "The young.",
        "language": "en",
        "authors": [{"name": "Coop desk"}],
        "items": [],
    }
    assert next(iter(top)) == "version"


def test_hub() -> None:
    site = make_site(newsroom=replace(NEWSROOM, feeds=FeedSettings(hub="https://hub.example/")))
    assert feed(site=site)["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]


def test_item_with_everything() -> None:
    item = items()["seoul"]
    assert "<figure>" in item.pop("content_html")
    assert item == {
        "id": "tag:news.example.org,2016:seoul",
        "url": "https://news.example.org/items/2017/seoul/",
        "external_url": "https://elsewhere.example/s%C3%A9oul?a=1&b=%20#x",
        "title": "Academy in Seoul: <Social> & Solidarity",
        "summary": "Six days, 5 < 6 & more ]]> ends.",
        "date_published": "2017-07-10T08:30:00+02:00",
        "date_modified": "2017-07-12T10:00:00+02:00",
        "authors": [{"name": "Ada Lovelace"}, {"name": "Émile Zola"}],
        "tags": ["News", "Care & work"],
        "image": "https://news.example.org/media/seoul.png",
        "attachments": [
            {
                "url": "https://news.example.org/media/seoul.png",
                "mime_type": "image/png",
                "size_in_bytes": 4321,
            }
        ],
    }


def test_item_without_text_has_its_title_as_content() -> None:
    assert items()["bare"]["content_text"] == "Bare"
    assert "content_html" not in items()["bare"]


def test_summaries_only() -> None:
    site = make_site(newsroom=replace(NEWSROOM, feeds=FeedSettings(full_text=False)))
    assert items(site)["plain"]["content_text"] == "Plain."
    assert not any("content_html" in item for item in items(site).values())


def test_language_where_it_differs() -> None:
    assert items()["cuidado"]["language"] == "es"
    assert "language" not in items()["plain"]


def test_text_stays_readable_in_the_file() -> None:
    data = rendered()["feed.json"]
    assert "التعاونيات".encode() in data
    assert data.endswith(b"}\n")


def test_script_end_and_line_separators_survive() -> None:
    # eleventy-plugin-rss#19, #32: JSON is built by json.dumps, never by a template.
    site = make_site([make("odd", "2017-06-01", title='"</script>\\ x', summary="a\u2028b")])
    assert items(site)["odd"]["title"] == '"</script>\\ x'
    assert items(site)["odd"]["summary"] == "a b"
