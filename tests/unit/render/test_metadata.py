"""schema.org data."""

from __future__ import annotations

from pipeline.render.frame import Frame, Link
from pipeline.render.metadata import breadcrumbs, graph, news_article, website
from tests.archive_site import make, make_site

FRAME = Frame(make_site())


def test_without_authors_the_newsroom_speaks() -> None:
    data = news_article(FRAME, make("a", "2017-01-01", summary=""), image="")
    assert data["author"] == [{"@type": "Organization", "name": "Coop desk"}]
    assert not {"image", "description", "isBasedOn"} & set(data)


def test_the_language_and_section_are_those_of_the_item() -> None:
    data = news_article(FRAME, make("a", "2017-01-01", lang="fr", kind="spotlight"), image="")
    assert (data["inLanguage"], data["articleSection"]) == ("fr", "Spotlight")


def test_a_way_is_counted_from_the_front_page() -> None:
    steps = breadcrumbs(FRAME, Link(path="news/", label="News"))["itemListElement"]
    assert steps == [
        {
            "@type": "ListItem",
            "position": 1,
            "name": "Coop & Co",
            "item": "https://news.example.org/coop/",
        },
        {
            "@type": "ListItem",
            "position": 2,
            "name": "News",
            "item": "https://news.example.org/coop/news/",
        },
    ]


def test_one_document_holds_all() -> None:
    document = graph(website(FRAME))
    assert document["@context"] == "https://schema.org"
    assert document["@graph"] == [website(FRAME)]
