"""An item's front matter, typed; the newsroom in `tests.content_examples` says what it may name."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.content.item import moment, read_item
from pipeline.core.item import Item, Picture
from pipeline.errors import ContentError
from tests.content_examples import PATH, VOCABULARY, document

ZURICH = ZoneInfo("Europe/Zurich")
GOOD = "title: A day\nkind: news"


def _item(head: str, path: str = PATH) -> Item:
    return read_item(document(head, path=path), VOCABULARY)


def _said(head: str, path: str = PATH) -> list[str]:
    with pytest.raises(ContentError) as caught:
        _item(head, path)
    return [str(problem).partition(": ")[2] for problem in caught.value.problems]


def test_an_item_with_everything() -> None:
    item = _item(
        "title: A day\nid: the-day\nslug: one-day\ndate: 2017-07-10T09:30+02:00\nkind: spotlight\n"
        "themes: [care, youth]\nseries: interviews\nsummary: Short.\n"
        "image: {src: media/../media/x.png, alt: X, caption: C, credit: D}\n"
        "link: https://example.org/\nauthors: [A, B]\nupdated: 2017-07-11\nlang: fr\n"
        "translations: [other]\naliases: [/old/, /old.html]\ndraft: yes\nexpires: 2018-01-01\n"
        "issue: skip"
    )
    assert item == Item(
        id="the-day",
        title="A day",
        date=datetime.fromisoformat("2017-07-10T09:30+02:00"),
        kind="spotlight",
        path="items/2017/one-day/",
        source=PATH,
        digest=item.digest,
        lang="fr",
        summary="Short.",
        themes=("care", "youth"),
        series="interviews",
        image=Picture(src="media/x.png", alt="X", caption="C", credit="D"),
        link="https://example.org/",
        authors=("A", "B"),
        updated=datetime.fromisoformat("2017-07-11T00:00+02:00"),
        translations=("other",),
        aliases=("/old/", "/old.html"),
        draft=True,
        expires=datetime.fromisoformat("2018-01-01T00:00+01:00"),
        issue="skip",
    )


def test_an_item_with_as_little_as_can_be() -> None:
    item = _item(GOOD)
    assert item.id == "2017-07-10-a-day"
    assert item.path == "items/2017/a-day/"
    assert item.date == datetime.fromisoformat("2017-07-10T00:00+02:00")
    assert item.lang == "en"
    assert (item.image, item.link, item.themes, item.draft) == (None, "", (), False)


@pytest.mark.parametrize(
    ("path", "head", "name", "where"),
    [
        ("items/2017-07-10-cafe\u0301.md", "", "2017-07-10-café", "items/2017/café/"),
        ("items/x/y.md", "\ndate: 2016-01-01", "y", "items/2016/y/"),
        ("items/2017-07-10-a.md", "\ndate: 2018-01-01", "2017-07-10-a", "items/2018/a/"),
        ("items/2017-07-10-a b.md", "\nslug: c\nid: d", "d", "items/2017/c/"),
        ("items/2017-07-10-v1.2.md", "\nslug: v1", "2017-07-10-v1.2", "items/2017/v1/"),
    ],
)
def test_id_and_place_come_from_the_file_unless_they_are_given(
    path: str, head: str, name: str, where: str
) -> None:
    item = _item(GOOD + head, path)
    assert (item.id, item.path) == (name, where)


@pytest.mark.parametrize(
    ("head", "path", "said"),
    [
        ("kind: news", PATH, "title: required: the headline"),
        ("title: A", PATH, "kind: required: one of news, spotlight"),
        (GOOD, "items/a.md", "date: required: here, or in the file's name (2017-07-10-…)"),
        (GOOD, "items/2017-02-30-a.md", 'date: found "2017-02-30": in the file\'s name: '),
        (GOOD + "\ndate: 10/07/2017", PATH, 'date: found "10/07/2017": expected a date from 1900'),
        (GOOD + "\nthemes: [car]", PATH, 'themes: found "car": unknown theme; did you mean "care"'),
        (GOOD + "\nseries: x", PATH, 'series: found "x": unknown series; known: interviews'),
        (GOOD + "\nissue: updates", PATH, 'issue: found "updates": unknown newsletter'),
        (GOOD + "\nimage: media/x.png", PATH, 'image: found "media/x.png": expected {src: '),
        (GOOD + "\nimage: {src: media/x.png}", PATH, "image.alt: required: what the picture"),
        (GOOD + "\nimage: {alt: x}", PATH, "image.src: required: a file under media/"),
        (GOOD + "\nimage: {src: x, alt: x, tilte: x}", PATH, "image.tilte: unknown key"),
        (GOOD + "\nlink: /page", PATH, 'link: found "/page": expected a whole web address'),
        (GOOD + "\nlang: english", PATH, 'lang: found "english": expected a language tag'),
        (GOOD + "\nslug: a/b", PATH, 'slug: found "a/b": expected letters, digits'),
        (GOOD + "\nid: a b", PATH, 'id: found "a b": expected letters, digits'),
        (GOOD, "items/2017-07-10-a b.md", "slug: found \"a b\": rename the file, or give 'slug'"),
        (GOOD + "\nslug: c", "items/2017-07-10-a b.md", 'id: found "2017-07-10-a b": rename the'),
        (GOOD + "\nsubtitle: x", PATH, "subtitle: unknown key"),
    ],
)
def test_what_is_wrong(head: str, path: str, said: str) -> None:
    problems = _said(head, path)
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_every_problem_in_one_go() -> None:
    said = _said(
        "titel: A\nkind: nwes\nthemes: [x]\ndate: soon\nlink: x\nlang: x\ndraft: x\nid: ' '"
    )
    fields = {text.split(":")[0] for text in said}
    assert fields == {"titel", "title", "kind", "themes", "date", "link", "lang", "draft", "id"}


@pytest.mark.parametrize(
    "alias",
    ["old", "../x", "/a/../b", "//x.example/", "https://x.example/", "/a b", "/a?b", "/.htaccess",
     "/a%2e", "/", "/" + "a" * 121, "/a/" * 200, "/a\\b", '/"'],
)  # fmt: skip
def test_aliases_that_are_no_path(alias: str) -> None:
    (said,) = _said(f"{GOOD}\naliases: ['{alias}']")
    assert "expected paths of this site such as /old/page/" in said


@pytest.mark.parametrize(
    "alias",
    ["/index.html", "/404.html", "/feed.xml", "/feed.xml/a/", "/assets/x", "/media/x.png", "/news",
     "/News/", "/news/index.html", "/news/page/3/", "/themes/", "/themes/care/",
     "/kinds/news/feed.xml", "/series/interviews/", "/issues/update/", "/robots.txt",
     "/sitemap.xml"],
)  # fmt: skip
def test_aliases_that_the_site_has_taken(alias: str) -> None:
    (said,) = _said(f"{GOOD}\naliases: [{alias}]")
    assert "the site itself has something there" in said


@pytest.mark.parametrize(
    "alias", ["/old/", "/old.html", "/items/2016/a/", "/news/old/", "/themes/gone/", "/قديم/"]
)
def test_aliases_that_are_free(alias: str) -> None:
    assert _item(f"{GOOD}\naliases: [{alias}]").aliases == (alias,)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2017-07-10", "Europe/Zurich", "2017-07-10T00:00:00+02:00"),
        ("2017-12-10", "Europe/Zurich", "2017-12-10T00:00:00+01:00"),
        ("2017-07-10T09:30Z", "Europe/Zurich", "2017-07-10T11:30:00+02:00"),
        ("2017-07-10 09:30:15+02:00", "Europe/Zurich", "2017-07-10T09:30:15+02:00"),
        ("2016-12-31T20:00-05:00", "Europe/Zurich", "2017-01-01T02:00:00+01:00"),
        # No midnight on this day, two hours from eleven on that one.
        ("2016-10-16", "America/Sao_Paulo", "2016-10-16T00:00:00-03:00"),
        ("2017-02-19T02:30Z", "America/Sao_Paulo", "2017-02-18T23:30:00-03:00"),
        ("2017-02-19T01:30Z", "America/Sao_Paulo", "2017-02-18T23:30:00-02:00"),
    ],
)
def test_moments_are_in_the_zone_of_the_newsroom(text: str, zone: str, expected: str) -> None:
    assert moment(text, ZoneInfo(zone)).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    ["", "2017-7-1", "20170710", "2017-02-30", "2017-00-10", "2017-07-10T09:30", "2017-07-10 9:30Z",
     "2017-07-10T24:00Z", "2017-07-10T09:30+25:00", "2017-07-10T09:30+0200", "1899-12-31",
     "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "3000-01-01", "２０１７-07-10", "today"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="a date from 1900 on such as 2017-07-10"):
        moment(text, ZURICH)
