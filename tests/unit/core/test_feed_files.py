"""Which files are feeds."""

from __future__ import annotations

from pipeline.core.feed_files import feeds_among


def test_feeds_are_found_wherever_they_lie() -> None:
    paths = ["themes/care/feed.xml", "index.html", "feed.json", "atom.xml", "feed.json"]
    assert feeds_among(paths) == ("atom.xml", "feed.json", "themes/care/feed.xml")


def test_an_editors_file_is_no_feed() -> None:
    assert feeds_among(["media/feed.xml", "assets/atom.xml", "feed.xml.html", "myfeed.xml"]) == ()
