"""The front page, all themes, past issues, and "not found"."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.newsroom import Subscribing
from pipeline.render.overviews import ISSUES_A_PAGE
from tests.archive_site import (
    ISSUES,
    ITEMS,
    NEWSROOM,
    SEOUL,
    changed,
    data_of,
    issue,
    make,
    make_site,
    parsed,
    rendered,
    text_of,
)


def test_the_front_page_is_the_newsrooms_own() -> None:
    tree = parsed("")
    assert text_of(tree, "//h1") == ["Coop & Co"]
    assert tree.xpath("//title")[0].text == "Coop & Co"
    assert tree.xpath("//h1/a/@href") == ["./"]
    assert text_of(tree, "//p[@class='motto']") == ["News on <cooperatives>"]
    assert data_of(tree)["WebSite"]["url"] == "https://news.example.org/coop/"
    assert tree.xpath("//link[@rel='canonical']/@href") == ["https://news.example.org/coop/"]


def test_the_lead_is_the_newest_with_a_picture_among_the_newest() -> None:
    def lead(*items: tuple[str, bool]) -> list[str]:
        made = [
            make(name, f"2017-01-{9 - place:02}", image=SEOUL if pictured else None)
            for place, (name, pictured) in enumerate(items)
        ]
        return text_of(parsed("", make_site(made)), "//h2[@class='lead-title']")

    assert lead(("a", False), ("b", True), ("c", True)) == ["Title of b"]
    assert lead(("a", False), ("b", False), ("c", False), ("d", True)) == ["Title of a"]


def test_with_few_items_the_newsletter_stands_beside_them() -> None:
    def inside(count: int, where: str) -> bool:
        made = [make(f"n{day}", f"2017-01-0{day}") for day in range(1, count + 1)]
        tree = parsed("", make_site(made))
        (columns,) = tree.xpath("//div[starts-with(@class, 'columns')]")
        assert columns.xpath("./div/@class") == ["column-main", "column-side"]
        assert columns.xpath("./div[2]//section[@class='issue-box']")
        return bool(columns.xpath(f"./div[1]{where}"))

    lead, newest = "/article[starts-with(@class, 'lead')]", "//section[@class='newest']"
    assert inside(1, lead)
    assert inside(4, lead)
    assert inside(4, newest)
    assert not inside(5, lead)
    assert not inside(5, newest)
    assert inside(5, "/div[@class='briefs']")


def test_the_leads_picture_is_fetched_first_and_the_others_later() -> None:
    tree = parsed("")
    (lead,) = tree.xpath("//article[starts-with(@class, 'lead')]//img")
    assert lead.get("fetchpriority") == "high"
    assert lead.get("loading") is None
    others = tree.xpath("//img[not(@fetchpriority)]/@loading")
    assert others
    assert set(others) == {"lazy"}


def test_the_newest_items_follow_without_issues_and_versions() -> None:
    titles = text_of(parsed(""), "//main//h2[@class='lead-title'] | //h3[@class='card-title']"
                                 " | //h3[@class='brief-title']")  # fmt: skip
    assert titles[0].startswith("Academy")
    assert titles[1:7] == [
        f"Title of {x}" for x in ("plain", "talk", "guide", "older", "oldest")
    ] + ["Care & work"]


def test_a_piece_in_the_newsrooms_language_stands_for_all_versions() -> None:
    arabic = make_site(newsroom=replace(NEWSROOM, language="ar"))
    titles = text_of(parsed("", arabic), "//article//h2 | //article//h3")
    assert "الأكاديمية" in titles
    assert not any(title.startswith("Academy") for title in titles)


def test_a_piece_in_two_other_languages_is_shown_once() -> None:
    items = (
        make("fr", "2017-01-02", lang="fr", translations=("es",)),
        make("es", "2017-01-01", lang="es"),
        make("alone", "2017-01-01", lang="pt"),
    )
    titles = text_of(parsed("", make_site(items, themes={}, intros={})), "//article//a")
    assert titles == ["Title of fr", "Title of alone"]


def test_the_latest_issue_and_the_ones_before() -> None:
    tree = parsed("")
    assert text_of(tree, "//h3[@class='issue-latest-title']") == ["The Update 2017-02"]
    assert tree.xpath("//h3[@class='issue-latest-title']/a/@href") == ["issues/update/2017-02/"]
    assert text_of(tree, "//ul[@class='issue-list']/li") == [
        "The Update 2017-01",
        "The Update 2016-special",
    ]
    none = parsed("", make_site(issues=()))
    assert text_of(none, "//section[@class='issue-box']//p[@class='nothing']") == [
        "The first issue is still to come."
    ]


def test_themes_stand_in_the_order_of_their_titles() -> None:
    assert text_of(parsed("themes/"), "//h2[@class='card-title']") == ["Care & work", "Youth"]
    assert text_of(parsed("themes/"), "//p[@class='summary']") == ["Who cares?"]
    assert text_of(parsed(""), "//section[@class='themes']//h3") == ["Care & work", "Youth"]


def test_past_issues_stand_under_their_years() -> None:
    tree = parsed("issues/update/")
    assert text_of(tree, "//h2[@id='latest']") == ["The Update 2017-02"]
    assert text_of(tree, "//h2[@class='year']") == ["2017", "2016"]
    assert text_of(tree, "//ul[@class='issue-rows']/li") == [
        "The Update 2017-01 29 May 2017",
        "The Update 2016-special 1 December 2016",
    ]
    assert tree.xpath("//ul[@class='issue-rows']//a/@href")[0] == "../../issues/update/2017-01/"
    assert "../../issues/update/feed.xml" in tree.xpath("//link/@href")


def test_a_special_issue_has_no_number() -> None:
    tree = parsed("issues/update/", make_site(issues=ISSUES[2:]))
    assert text_of(tree, "//h2[@id='latest']") == ["The Update 2016-special"]
    assert not tree.xpath("//p[@class='issue-number']")


def test_very_many_issues_are_paged_and_light() -> None:
    count = 2 * ISSUES_A_PAGE + 5
    many = tuple(issue(n, "2017-01-01", f"2017-{n:03}") for n in range(count, 0, -1))
    pages = rendered(make_site(issues=many))
    front, oldest = pages["issues/update/index.html"], pages["issues/update/page/1/index.html"]
    assert len(front) < 100_000
    assert b"2017-001/" in oldest
    assert b"2017-001/" not in front
    assert not parsed("issues/update/page/1/", make_site(issues=many)).xpath("//h2[@id='latest']")


def test_not_found_is_right_at_any_depth() -> None:
    tree = parsed("404.html")
    assert tree.xpath("//link[@rel='stylesheet']/@href") == ["/coop/assets/site.css"]
    links = tree.xpath("//a/@href")
    assert all(link.startswith(("/coop/", "#")) for link in links)
    assert "/coop/" in links
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not tree.xpath("//link[@rel='canonical']")
    at_root = make_site(newsroom=replace(NEWSROOM, base_url="https://news.example.org"))
    assert parsed("404.html", at_root).xpath("//p[@class='brand']/a/@href") == ["/"]


def test_a_change_far_down_leaves_the_front_page_alone() -> None:
    many = tuple(make(f"n{day:02}", f"2018-01-{day:02}") for day in range(1, 20))
    front = rendered(make_site((*many, *ITEMS)))["index.html"]
    assert rendered(make_site((*many, *changed("older", title="?"))))["index.html"] == front


def test_one_can_sign_up_only_where_the_newsroom_is_open_for_it() -> None:
    wanted = "//a[contains(@href, 'subscribe')]/@href"
    assert parsed("").xpath(wanted) == []
    room = replace(NEWSROOM, subscribing=Subscribing(open=True))
    assert parsed("", make_site(newsroom=room)).xpath(wanted) == ["subscribe", "subscribe"]
