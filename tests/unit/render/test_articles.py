"""Article pages and redirects."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.core.item import Picture
from tests.archive_site import (
    ITEMS,
    NEWSROOM,
    SEOUL,
    changed,
    data_of,
    make,
    make_site,
    parsed,
    render,
    text_of,
)

SEOUL_PAGE = "items/2017/seoul/"
ARABIC = "items/2017/سيول/"


def test_an_article_shows_its_title_dates_and_authors() -> None:
    tree = parsed(SEOUL_PAGE)
    assert text_of(tree, "//h1") == ["Academy </script> & <b>Solidarity</b>"]
    assert text_of(tree, "//header//p[@class='kicker']") == ["News"]
    assert tree.xpath("//header//time/@datetime") == ["2017-07-10T08:30:00+00:00", "2017-07-12"]
    assert text_of(tree, "//header//time") == ["10 July 2017", "12 July 2017"]
    assert text_of(tree, "//bdi[@class='author']") == ["Ada Lovelace", "Émile Zola"]
    assert tree.xpath("//title")[0].text == "Academy </script> & <b>Solidarity</b> – Coop & Co"


def test_a_correction_on_the_same_day_is_not_an_update() -> None:
    late = datetime(2017, 7, 10, 18, tzinfo=UTC)
    tree = parsed(SEOUL_PAGE, make_site(changed("seoul", updated=late)))
    assert len(tree.xpath("//header//time")) == 1


def test_nothing_breaks_out_of_the_data() -> None:
    page = render(SEOUL_PAGE)
    assert page.count("</script>") == 1
    article = data_of(parsed(SEOUL_PAGE))["NewsArticle"]
    assert article["headline"] == "Academy </script> & <b>Solidarity</b>"
    assert article["datePublished"] == "2017-07-10T08:30:00+00:00"
    assert article["dateModified"] == "2017-07-12T00:00:00+00:00"
    assert article["image"] == ["https://news.example.org/coop/media/seoul.png"]
    assert article["isBasedOn"] == "https://www.elsewhere.example/a?b=1&c=2"
    assert [author["name"] for author in article["author"]] == ["Ada Lovelace", "Émile Zola"]


def test_the_way_to_an_article_leads_through_its_listing() -> None:
    way = data_of(parsed(SEOUL_PAGE))["BreadcrumbList"]["itemListElement"]
    assert [step["item"].removeprefix("https://news.example.org/coop/") for step in way] == [
        "",
        "news/",
        "items/2017/seoul/",
    ]


def test_absolute_addresses_are_where_machines_look() -> None:
    tree = parsed(ARABIC)
    address = "https://news.example.org/coop/items/2017/%D8%B3%D9%8A%D9%88%D9%84/"
    assert tree.xpath("//link[@rel='canonical']/@href") == [address]
    assert tree.xpath("//meta[@property='og:url']/@content") == [address]
    assert tree.xpath("//meta[@property='og:type']/@content") == ["article"]
    assert parsed(SEOUL_PAGE).xpath("//meta[@property='og:image']/@content") == [
        "https://news.example.org/coop/media/seoul.png"
    ]


def test_the_picture_comes_first_with_its_sizes_and_words() -> None:
    tree = parsed(SEOUL_PAGE)
    (picture,) = tree.xpath("//article//figure/img")
    assert picture.get("src") == "../../../media/seoul.png"
    assert picture.get("srcset").split(", ") == [
        "../../../media/seoul.336w.png 336w",
        "../../../media/seoul.480w.png 480w",
        "../../../media/seoul.1072w.png 1072w",
        "../../../media/seoul.png 1200w",
    ]
    assert (picture.get("width"), picture.get("height")) == ("1200", "675")
    assert picture.get("alt") == 'A "hall"'
    assert picture.get("fetchpriority") == "high"
    assert picture.get("loading") is None
    assert text_of(tree, "//figcaption") == ["The <hall> ILO & co"]
    others = tree.xpath("//main//img[not(ancestor::figure)]")
    assert others
    assert {other.get("loading") for other in others} == {"lazy"}


def test_a_picture_whose_file_is_gone_is_left_out() -> None:
    gone = Picture(src="media/gone.png", alt="?")
    tree = parsed("items/2015/oldest/", make_site(changed("oldest", image=gone)))
    assert not tree.xpath("//img")
    assert not tree.xpath("//meta[@property='og:image']")


def test_links_in_the_text_lead_to_pages() -> None:
    tree = parsed("items/2017/plain/")
    assert "../../../items/2017/seoul/" in tree.xpath("//div[@class='body']//a/@href")
    assert parsed("items/2017/talk/").xpath("//div[@class='body']//a/@href") == [
        "#x-fn:1",
        "#x-fnref:1",
    ]


def test_a_summary_drawn_from_the_text_is_not_said_twice() -> None:
    assert not parsed("items/2017/plain/").xpath("//p[@class='standfirst']")
    assert text_of(parsed("items/2017/talk/"), "//p[@class='standfirst']") == ["Summary of talk."]


def test_an_article_in_another_language_says_so_and_is_mirrored() -> None:
    tree = parsed(ARABIC)
    (article,) = tree.xpath("//article[@class='article']")
    assert (article.get("lang"), article.get("dir")) == ("ar", "rtl")
    assert (tree.get("lang"), tree.get("dir")) == ("en", "ltr")
    assert tree.xpath("//title/@lang") == ["ar"]
    assert article.xpath(".//p[@class='kicker']/@lang") == ["en"]
    assert text_of(tree, "//article[@class='article']//time") == ["10 يوليو 2017"]


def test_a_site_in_arabic_is_mirrored_and_its_english_articles_are_not() -> None:
    site = make_site(newsroom=replace(NEWSROOM, language="ar"))
    tree = parsed(SEOUL_PAGE, site)
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    (article,) = tree.xpath("//article[@class='article']")
    assert (article.get("lang"), article.get("dir")) == ("en", "ltr")


def test_versions_name_their_language_in_its_own_words() -> None:
    for path, language, lang in ((SEOUL_PAGE, "العربية", "ar"), (ARABIC, "English", "en")):
        tree = parsed(path)
        (link,) = tree.xpath("//p[@class='translations']/a")
        assert (link.text, link.get("lang"), link.get("hreflang")) == (language, lang, lang)
        assert sorted(tree.xpath("//link[@hreflang]/@hreflang")) == ["ar", "en"]


def test_themes_series_and_original_are_linked() -> None:
    tree = parsed(SEOUL_PAGE)
    assert tree.xpath("//div[@class='theme-card']//a/@href") == [
        "../../../themes/care/",
        "../../../themes/youth/",
    ]
    assert text_of(tree, "//div[@class='theme-card']//span") == ["Thematic page"] * 2
    assert tree.xpath("//div[@class='theme-card']//img/@src") == ["../../../media/a%20b.png"]
    assert tree.xpath("//p[@class='series-link']/a/@href") == ["../../../series/talks/"]
    (original,) = tree.xpath("//p[@class='original']/a")
    assert original.get("href") == "https://www.elsewhere.example/a?b=1&c=2"
    assert original.text_content() == "Read the original at elsewhere.example"


def test_related_items_are_cards_without_a_summary() -> None:
    tree = parsed(SEOUL_PAGE)
    assert text_of(tree, "//section[@class='related']//h3") == [
        "Title of plain",
        "Title of talk",
        "Title of guide",
        "Title of older",
    ]
    assert not tree.xpath("//section[@class='related']//p[@class='summary']")


def test_what_an_article_does_not_have_leaves_no_trace() -> None:
    tree = parsed("items/2015/oldest/", make_site(changed("oldest", image=None)))
    for name in ("related", "belongs", "translations", "original", "figure"):
        assert not tree.xpath(f"//*[@class='{name}']")


def test_the_section_of_the_masthead_is_marked() -> None:
    assert text_of(parsed(SEOUL_PAGE), "//nav//a[@aria-current='true']") == ["News & views"]


@pytest.mark.parametrize(
    ("path", "target"),
    [("old/seoul.html", "../items/2017/seoul/"), ("2017/seoul/", "../../items/2017/seoul/")],
)
def test_an_old_address_leads_to_the_new_one(path: str, target: str) -> None:
    tree = parsed(path)
    assert tree.xpath("//meta[@http-equiv='refresh']/@content") == [f"0; url={target}"]
    assert tree.xpath("//link[@rel='canonical']/@href") == [
        "https://news.example.org/coop/items/2017/seoul/"
    ]
    assert tree.xpath("//a/@href") == [target]
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_a_redirect_to_another_script_is_in_ascii() -> None:
    tree = parsed("x/", make_site(changed("سيول", aliases=("/x/", "/x"))))
    assert tree.xpath("//meta[@http-equiv='refresh']/@content") == [
        "0; url=../items/2017/%D8%B3%D9%8A%D9%88%D9%84/"
    ]


def test_an_unknown_language_is_named_by_its_tag() -> None:
    items = (make("a", "2017-01-01", translations=("b",)), make("b", "2017-01-01", lang="qaa"))
    assert text_of(parsed("items/2017/a/", make_site(items)), "//p[@class='translations']/a") == [
        "qaa"
    ]


def test_every_item_has_its_own_page() -> None:
    site = make_site((*ITEMS, make("again", "2017-06-01", image=SEOUL)))
    assert text_of(parsed("items/2017/again/", site), "//h1") == ["Title of again"]
