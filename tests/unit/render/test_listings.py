"""Listings, theme pages and series pages."""

from __future__ import annotations

from tests.archive_site import (
    ITEMS,
    data_of,
    keys,
    make,
    make_site,
    parsed,
    rendered,
    text_of,
)

PAGES = rendered(make_site())
MANY = tuple(make(f"n{day:02}", f"2017-01-{day:02}", themes=("care",)) for day in range(1, 10))


def test_a_listing_is_paged_from_the_oldest() -> None:
    assert {path for path in PAGES if path.startswith("news/")} == {
        "news/index.html",
        "news/page/1/index.html",
        "news/page/2/index.html",
    }
    assert text_of(parsed("news/"), "//h2[@class='row-title']")[0].startswith("Academy")
    assert text_of(parsed("news/page/1/"), "//h2[@class='row-title']") == [
        "Title of older",
        "Title of oldest",
    ]


def test_a_row_shows_kind_date_summary_and_picture() -> None:
    (row,) = parsed("news/page/2/").xpath("//article[.//a[contains(@href, 'talk')]]")
    assert row.xpath(".//a/@href") == ["../../../items/2017/talk/"]
    assert text_of(row, ".//p[@class='kicker']") == ["Spotlight"]
    assert text_of(row, ".//time") == ["1 May 2017"]
    assert row.xpath(".//time/@datetime") == ["2017-05-01"]
    assert text_of(row, ".//p[@class='summary']") == ["Summary of talk."]
    assert row.xpath(".//img/@src") == ["../../../media/seoul.png"]
    assert row.xpath(".//img/@loading") == ["lazy"]


def test_a_piece_in_several_languages_is_one_row_in_the_newsrooms_own() -> None:
    for path in ("news/", "themes/care/"):
        assert parsed(path).xpath("//article[@lang]") == []
        assert len(parsed(path).xpath("//article[.//a[contains(@href, 'seoul')]]")) == 1
    without = tuple(item for item in ITEMS if item.id != "seoul")
    assert len(parsed("news/", make_site(without)).xpath("//article[@lang]")) == 1


def test_a_row_in_another_language_says_so() -> None:
    alone = tuple(item for item in ITEMS if item.id != "seoul")
    (row,) = parsed("news/", make_site(alone)).xpath("//article[@lang]")
    assert (row.get("lang"), row.get("dir")) == ("ar", "rtl")
    assert row.xpath(".//p[@class='kicker']/@lang") == ["en"]
    assert text_of(row, ".//span[@class='language']") == ["العربية"]
    assert text_of(row, ".//time") == ["10 يوليو 2017"]


def test_the_pager_names_dates_that_stay() -> None:
    site = make_site(MANY)
    front, middle, last = (parsed(f"news/{x}", site) for x in ("", "page/2/", "page/1/"))
    assert text_of(front, "//nav[@class='pager']//a") == [
        "Older 5 January 2017 – 6 January 2017",
        "Oldest 1 January 2017 – 2 January 2017",
    ]
    assert text_of(middle, "//nav[@class='pager']//a") == [
        "Newer 5 January 2017 – 6 January 2017",
        "Older 1 January 2017 – 2 January 2017",
    ]
    assert text_of(parsed("news/page/3/", site), "//li[@class='pager-newer']") == ["Newest"]
    assert text_of(last, "//nav[@class='pager']//a") == ["Newer 3 January 2017 – 4 January 2017"]
    assert middle.xpath("//a[@rel='prev']/@href") == ["../../../news/page/3/"]
    assert middle.xpath("//a[@rel='next']/@href") == ["../../../news/page/1/"]


def test_a_numbered_page_is_named_by_its_dates_and_leads_back() -> None:
    tree = parsed("news/page/1/", make_site(MANY))
    assert (
        tree.xpath("//title")[0].text == "News & views, 1 January 2017 – 2 January 2017 – Coop & Co"
    )
    assert tree.xpath("//h1/a/@href") == ["../../../news/"]


def test_pages_of_one_day_say_it_once() -> None:
    items = [make(name, "2017-01-01") for name in "abcd"]
    assert text_of(parsed("news/page/1/", make_site(items)), "//p[@class='dates']") == [
        "1 January 2017"
    ]


def test_a_new_item_moves_the_newest_pages_only() -> None:
    new = make("new", "2018-01-01", themes=("care",), series="talks")
    before, after = keys(make_site(MANY)), keys(make_site((*MANY, new)))
    lists = {path for path in before if path.startswith(("news/", "themes/", "series/"))}
    # The tenth item fills a page, whose neighbour learns its number.
    assert {path for path in lists if after[path] != before[path]} == {
        "news/index.html",
        "news/page/3/index.html",
        "themes/care/index.html",
        "series/talks/index.html",
    }
    assert "news/page/4/index.html" in after


def test_feeds_of_its_own_are_announced() -> None:
    feeds = parsed("news/").xpath("//link[@type='application/rss+xml']/@href")
    assert feeds == ["../feed.xml", "../kinds/news/feed.xml", "../kinds/spotlight/feed.xml"]
    assert "../../themes/care/feed.xml" in parsed("themes/care/").xpath("//link/@href")
    assert "../../themes/care/atom.xml" in parsed("themes/care/").xpath("//section//a/@href")


def test_a_theme_has_its_introduction_on_the_first_page_only() -> None:
    items = tuple(make(f"i{n:02}", "2017-01-01", themes=("care",)) for n in range(45))
    site = make_site((*items, *ITEMS))
    front, numbered = parsed("themes/care/", site), parsed("themes/care/page/1/", site)
    assert text_of(front, "//h1") == text_of(numbered, "//h1") == ["Care & work"]
    assert text_of(front, "//p[@class='standfirst']") == ["Who cares?"]
    assert front.xpath("//div[@class='body']//a/@href") == ["../../items/2015/oldest/"]
    assert front.xpath("//header//img/@src") == ["../../media/a%20b.png"]
    assert front.xpath("//meta[@property='og:image']")
    assert not numbered.xpath("//header//img")
    assert not numbered.xpath("//div[@class='body']")
    assert len(numbered.xpath("//article")) == 20


def test_a_theme_without_items_text_or_picture_is_a_page() -> None:
    tree = parsed("themes/youth/", make_site(()))
    assert text_of(tree, "//p[@class='nothing']") == ["Nothing has been published here yet."]


def test_a_series_holds_its_items() -> None:
    tree = parsed("series/talks/")
    assert text_of(tree, "//h1") == ["Talks"]
    assert len(tree.xpath("//article")) == 2
    assert not tree.xpath("//section[@class='feeds']")


def test_the_way_to_a_theme_leads_through_all_themes() -> None:
    way = data_of(parsed("themes/care/"))["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in way] == ["Coop & Co", "Themes", "Care & work"]


def test_the_current_place_is_marked() -> None:
    here = "//nav[@class='nav']//a[@aria-current='{}']"
    assert text_of(parsed("news/"), here.format("page")) == ["News & views"]
    assert text_of(parsed("news/page/1/"), here.format("true")) == ["News & views"]
    assert text_of(parsed("themes/care/"), here.format("true")) == ["Themes"]


def test_a_listing_below_a_folder_finds_the_root() -> None:
    tree = parsed("library/resources/")
    assert tree.xpath("//p[@class='brand']/a/@href") == ["../../"]
    assert tree.xpath("//article//a/@href") == ["../../items/2017/guide/"]
