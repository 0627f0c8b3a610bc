"""Every rule of our feed validators fires on a feed that breaks it, and on no sound one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.feed_site import rendered
from tests.validators import atom, jsonfeed, rss, rules

if TYPE_CHECKING:
    from types import ModuleType

SITE = rendered()
BAD_HTML = [
    ("html-parse", "<p>", "</p><p>"),
    ("html-unsafe", "<p>", "<svg></svg><p>"),
    ("html-unsafe", "<p>", "<!-- x --><p>"),
    ("html-handler", "<p>", '<p onclick="x">'),
    ("html-handler", "<p>", '<p style="x">'),
    ("html-scheme", "https://news.example.org/media/map.pdf", "javascript:alert(1)"),
    ("html-relative", "https://news.example.org/media/map.pdf", "/media/map.pdf"),
    ("html-relative", "https://news.example.org/media/map.pdf", "//elsewhere.example/"),
    ("html-fragment", "#seoul-fn:1", "#nowhere"),
    ("html-alt", ' alt="a *picture*"', ""),
    ("html-id", 'id="seoul-fn:1"', 'id="seoul-fnref:1"'),
]
BYTES = [
    ("bytes-bom", "<?xml", "\ufeff<?xml"),
    ("bytes-lines", "\n", "\r\n"),
    ("bytes-characters", "Plain", "Pl\x85\x86ain"),
]
ITEM = '<guid isPermaLink="false">tag:news.example.org,2016:seoul</guid>'
RSS = [
    *BYTES,
    ("xml", "</channel>", ""),
    ("root", 'version="2.0"', 'version="0.91"'),
    ("root", "</channel>", "</channel><channel/>"),
    ("unknown-element", "<docs>", "<dcos>x</dcos><docs>"),
    ("unknown-element", ITEM, f"{ITEM}<published>x</published>"),
    ("namespace", "<dc:creator>", '<x:y xmlns:x="urn:x"/><dc:creator>'),
    ("unknown-attribute", "<guid isPermaLink", '<guid permalink="x" isPermaLink'),
    ("children", "<title>Plain", "<title>Plain<b>x</b>"),
    ("blank", "<title>Plain</title>", "<title> </title>"),
    ("required", "<description>News on &lt;cooperatives&gt;</description>", ""),
    ("single", "<generator>", "<generator>x</generator><generator>"),
    ("single", ITEM, ITEM + ITEM),
    (
        "channel-link",
        "<link>https://news.example.org/<",
        "<link>https://news.example.org/feed.xml<",
    ),
    ("url", "<link>https://news.example.org/items/2017/plain/", "<link>/items/2017/plain/"),
    (
        "url",
        "<link>https://news.example.org/items/2017/plain/",
        "<link>https://news.example.org/é/",
    ),
    ("url", 'domain="https://news', 'domain="news'),
    ("self", 'rel="self"', 'rel="alternate"'),
    ("self", 'type="application/rss+xml"', 'type="text/xml"'),
    ("self", 'href="https://news.example.org/feed.xml"', 'href="feed.xml"'),
    ("atom-link", 'rel="self"', 'rel="me"'),
    ("date", "<pubDate>Mon, 10 Jul 2017", "<pubDate>Tue, 10 Jul 2017"),
    ("date", "<pubDate>Mon, 10 Jul 2017", "<pubDate>lun., 10 juil. 2017"),
    ("date", "<pubDate>Mon, 10 Jul 2017", "<pubDate>Mon, 10 Jul 17"),
    ("date", "<pubDate>Mon, 10 Jul 2017", "<pubDate>Mon, 32 Jul 2017"),
    ("date", "08:30:00 +0200", "08:30:00 CEST"),
    ("language", "<language>en<", "<language>english_UK<"),
    ("language", "<dc:language>ar<", "<dc:language>a<"),
    ("email", "desk@news.example.org (Coop desk)", "Coop desk"),
    ("email", ITEM, f"{ITEM}<author>Coop desk</author>"),
    ("item-content", "<title>Bare</title>", ""),
    ("guid", ITEM, ""),
    ("guid-unique", "2016:plain<", "2016:seoul<"),
    ("guid-permalink", 'isPermaLink="false"', 'isPermaLink="no"'),
    ("guid-permalink", ' isPermaLink="false"', ""),
    ("guid-tag", "tag:news.example.org,2016:", "tag:news.example.org:"),
    ("enclosure", 'length="4321"', ""),
    ("enclosure", 'length="4321"', 'length="4 kB"'),
    ("enclosure", 'type="image/png"', 'type="png"'),
    ("enclosure", 'url="https://news.example.org/media', 'url="media'),
    (
        "order-content",
        "<title>Plain</title>",
        "<title>x</title><content:encoded>x</content:encoded>",
    ),
    ("content-alone", "<description>Plain.</description>", ""),
    ("order", "Thu, 01 Jun 2017", "Tue, 11 Jul 2017"),
    ("build-date", "Wed, 12 Jul 2017", "Sat, 01 Jul 2017"),
    ("ttl", "<docs>", "<ttl>soon</ttl><docs>"),
    ("creator", "<dc:creator>Ada Lovelace<", "<dc:creator><"),
]
ENTRY = "<id>tag:news.example.org,2016:plain</id>"
PAGE = '<link href="https://news.example.org/items/2017/bare/"/>'
ATOM = [
    *BYTES,
    ("xml", "</feed>", ""),
    ("root", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
    ("unknown-element", ENTRY, f"{ENTRY}<pubDate/>"),
    ("unknown-attribute", "<entry>", '<entry about="x">'),
    ("required", ENTRY, ""),
    ("required", "<updated>2017-07-12T10:00:00+02:00</updated>", ""),
    ("single", ENTRY, ENTRY * 2),
    ("single", "<generator>", "<generator>x</generator><generator>"),
    ("author", "author", "contributor"),
    ("person", "<name>Ada Lovelace</name>", "<name/>"),
    ("person", "<email>desk@", "<email>"),
    ("id", "<id>tag:news.example.org,2016:plain<", "<id>plain<"),
    ("id", "<id>tag:news.example.org,2016:plain<", "<id>tag:news.example.org,16:plain<"),
    ("id-normal", "<id>tag:news.example.org,2016:plain<", "<id>tag:News.example.org,2016:plain<"),
    ("id-normal", "<id>tag:news.example.org,2016:plain<", "<id>HTTP://news.example.org/plain<"),
    ("id-normal", "<id>tag:news.example.org,2016:plain<", "<id>https://x.example:443/plain<"),
    ("id-normal", "%D8%AA", "%d8%aa"),
    ("id-unique", "2016:plain<", "2016:seoul<"),
    ("date", "2017-07-10T08:30:00+02:00", "2017-07-10 08:30:00+02:00"),
    ("date", "2017-07-10T08:30:00+02:00", "2017-07-10T08:30:00"),
    ("date", "2017-07-10T08:30:00+02:00", "2017-07-10t06:30:00z"),
    ("date", "2017-07-10T08:30:00+02:00", "2017-02-30T08:30:00Z"),
    ("date", "2017-07-10T08:30:00+02:00", "2017-07-10T08:30:00+00:29:46"),
    ("text-type", "<summary>", '<summary type="text/html">'),
    ("text-children", "<summary>", "<summary><b>x</b>"),
    ("blank", "<title>Plain</title>", "<title/>"),
    ("content-type", 'type="html"', 'type="CDATA"'),
    ("content-type", 'type="html"', 'type="multipart/mixed"'),
    ("content-summary", PAGE, ""),
    ("link-href", PAGE, "<link/>"),
    ("link-href", PAGE, '<link href="/items/2017/bare/"/>'),
    ("link-rel", 'rel="related"', 'rel="original"'),
    ("link-type", 'type="image/png"', 'type="png"'),
    ("link-length", 'length="4321"', 'length="4 kB"'),
    ("link-alternate", PAGE, PAGE * 2),
    ("link-self", 'rel="self"', 'rel="related"'),
    ("link-empty", PAGE, PAGE.replace("/>", ">x</link>")),
    ("enclosure", ' length="4321"', ""),
    ("category", 'term="care"', ""),
    ("category", 'scheme="https://news', 'scheme="news'),
    ("language", 'xml:lang="ar"', 'xml:lang="العربية"'),
    ("generator", "<generator>enewsupdate<", "<generator><"),
    ("order", "<published>2017-06-01", "<published>2017-07-11"),
    ("dates", "<published>2017-06-01", "<published>2017-06-02"),
    ("dates", "<updated>2017-07-12T10:00:00+02:00", "<updated>2017-07-01T10:00:00+02:00"),
]
JSON = [
    ("bytes-bom", "{", "\ufeff{"),
    *BYTES[1:],
    ("json", "{", "["),
    ("json", '"title"', '"title": "x", "title"'),
    ("json", '"size_in_bytes": 4321', '"size_in_bytes": NaN'),
    ("version", "version/1.1", "version/2"),
    ("version-first", '"version"', '"_x": 1, "version"'),
    ("required", '"items"', '"_items"'),
    ("public", '"feed_url"', '"_feed_url"'),
    ("type", '"language": "en"', '"language": ["en"]'),
    ("type", '"title": "Plain"', '"title": 1'),
    ("unknown", '"language": "en"', '"lang": "en"'),
    ("unknown", '"language": "en"', '"_a.b": "en"'),
    ("url", '"url": "https://news.example.org/items/2017/plain/"', '"url": "/items/2017/plain/"'),
    ("next", '"language": "en"', '"next_url": "https://news.example.org/feed.json"'),
    ("authors", '"name": "Ada Lovelace"', '"email": "x"'),
    ("authors", '{\n     "name": "Ada Lovelace"\n    }', '"Ada Lovelace"'),
    ("deprecated", '"language": "en"', '"author": {"name": "x"}'),
    ("language", '"language": "en"', '"language": "English"'),
    ("hubs", '"language": "en"', '"hubs": [{"type": "WebSub"}]'),
    ("id", '"id": "tag:news.example.org,2016:plain"', '"id": 5'),
    ("id", '"id": "tag:news.example.org,2016:plain"', '"id": " "'),
    ("id", '"id": "tag:news.example.org,2016:plain"', '"id": "tag:plain"'),
    ("id-unique", "2016:plain", "2016:seoul"),
    ("content", '"content_html"', '"_content_html"'),
    ("blank", '"summary": "Plain."', '"summary": ""'),
    ("blank", '"summary": "Plain."', '"summary": null'),
    ("date", "2017-07-10T08:30:00+02:00", "Mon, 10 Jul 2017 08:30:00 +0200"),
    ("dates", '"date_published": "2017-06-01', '"date_published": "2017-06-02'),
    ("attachments", '"mime_type"', '"type"'),
    ("attachments", '"size_in_bytes": 4321', '"size_in_bytes": "4321"'),
    ("tags", '"Care & work"', "5"),
    ("order", '"date_published": "2017-06-01', '"date_published": "2017-07-11'),
]  # fmt: skip


def as_xml(cases: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """HTML as it stands, escaped, in XML; an apostrophe-free subset of what lxml does."""

    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    return [(rule, escaped(old), escaped(new)) for rule, old, new in cases]


def as_json(cases: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """HTML as it stands, escaped, in a JSON string."""
    return [(rule, a.replace('"', '\\"'), b.replace('"', '\\"')) for rule, a, b in cases]


ALL = [
    *((rss, "feed.xml", *case) for case in [*RSS, *as_xml(BAD_HTML)]),
    *((atom, "atom.xml", *case) for case in [*ATOM, *as_xml(BAD_HTML)]),
    *((jsonfeed, "feed.json", *case) for case in [*JSON, *as_json(BAD_HTML)]),
]


@pytest.mark.parametrize(("validator", "name", "rule", "old", "new"), ALL)
def test_each_rule_fires(validator: ModuleType, name: str, rule: str, old: str, new: str) -> None:
    text = SITE[name].decode()
    assert old in text
    # Some rules need the change everywhere; a date or an id is changed where it first stands.
    count = -1 if old in ("author", "version/1.1", "\n") else 1
    findings = validator.validate(text.replace(old, new, count).encode())
    assert rule in {finding.rule for finding in findings}


@pytest.mark.parametrize("validator", [rss, atom, jsonfeed])
def test_no_rule_is_untested(validator: ModuleType) -> None:
    tested = {rule for owner, _, rule, _, _ in ALL if owner is validator}
    assert tested | {"bytes-utf8"} == set(validator.RULES)


@pytest.mark.parametrize("validator", [rss, atom, jsonfeed])
def test_bytes_that_are_no_utf8(validator: ModuleType) -> None:
    findings = validator.validate(b'{"title": "\xff"}\n')
    assert findings[0].rule == "bytes-utf8"


def test_a_rule_without_a_source_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        rules.Report({}).check(True, "made-up", "here")
