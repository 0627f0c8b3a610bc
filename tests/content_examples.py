"""A small newsroom and documents in memory, for whatever tests the reading."""

from __future__ import annotations

from pipeline.content.frontmatter import Document, parse_document
from pipeline.content.item import Vocabulary
from pipeline.core.cadence import parse_cadence
from pipeline.core.newsroom import Author, Listing, Newsletter, Newsroom

NEWSROOM = Newsroom(
    title="Base",
    base_url="https://news.example.org",
    timezone="Europe/Zurich",
    authority="news.example.org,2016",
    author=Author(name="Desk"),
    kinds={"news": "News", "spotlight": "Spotlight"},
    listings=(Listing(path="news", title="News", kinds=("news",)),),
    series={"interviews": "Interviews"},
    newsletters=(
        Newsletter(
            key="update",
            title="Update",
            sender="desk@news.example.org",
            postal_address="Genève",
            cadence=parse_cadence("daily 07:30"),
        ),
    ),
)
VOCABULARY = Vocabulary(newsroom=NEWSROOM, themes=frozenset({"care", "youth"}))
PATH = "items/2017-07-10-a-day.md"


def document(head: str, body: str = "Text.\n", *, path: str = PATH) -> Document:
    """A file with this front matter."""
    return parse_document(path, f"---\n{head}\n---\n{body}".encode())
