"""schema.org descriptions of pages, as plain data; the template writes them as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.core.item import Item
    from pipeline.render.frame import Frame, Link

Data = dict[str, object]


def graph(*objects: Data) -> Data:
    """What a page says: one JSON-LD document."""
    return {"@context": "https://schema.org", "@graph": list(objects)}


def organization(frame: Frame) -> Data:
    """The newsroom as a publisher."""
    newsroom = frame.newsroom
    data: Data = {"@type": "Organization", "name": newsroom.title, "url": frame.address("")}
    if newsroom.logo:
        data["logo"] = frame.address(newsroom.logo.src)
    return data


def website(frame: Frame) -> Data:
    """The whole site."""
    newsroom = frame.newsroom
    return {
        "@type": "WebSite",
        "name": newsroom.title,
        "url": frame.address(""),
        "description": newsroom.description,
        "inLanguage": newsroom.language,
        "publisher": organization(frame),
    }


def news_article(frame: Frame, item: Item, *, image: str) -> Data:
    """An article; `image` is the absolute URL of its picture, or ""."""
    names = item.authors or (frame.newsroom.author.name,)
    person = "Person" if item.authors else "Organization"
    address = frame.address(item.path)
    data: Data = {
        "@type": "NewsArticle",
        "headline": item.title,
        "datePublished": item.date.isoformat(),
        "dateModified": item.modified.isoformat(),
        "author": [{"@type": person, "name": name} for name in names],
        "publisher": organization(frame),
        "inLanguage": item.lang,
        "articleSection": frame.newsroom.kinds[item.kind],
        "url": address,
        "mainEntityOfPage": address,
    }
    if item.summary:
        data["description"] = item.summary
    if image:
        data["image"] = [image]
    if item.link:
        data["isBasedOn"] = item.link
    return data


def breadcrumbs(frame: Frame, *links: Link) -> Data:
    """The way from the front page to a page, which is the last of `links`."""
    way = [(frame.newsroom.title, ""), *((link.label, link.path) for link in links)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": frame.address(path)}
            for place, (name, path) in enumerate(way, 1)
        ],
    }
