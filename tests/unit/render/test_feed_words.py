"""The interface words of feeds, in the newsroom's language."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.feed_site import NEWSROOM, make_site, rendered


@pytest.mark.parametrize(
    ("lang", "kind", "issues"),
    [
        ("en", "Coop & Co: News", "Issues of eNewsUpdate"),
        ("fr", "Coop & Co : News", "Numéros de la lettre d’information eNewsUpdate"),
        ("es", "Coop & Co: News", "Números del boletín eNewsUpdate"),
        ("ar", "Coop & Co: News", "أعداد النشرة الإخبارية eNewsUpdate"),
    ],
)
def test_feeds_are_named_in_the_language_of_the_newsroom(lang: str, kind: str, issues: str) -> None:
    files = rendered(make_site(newsroom=replace(NEWSROOM, language=lang)))
    news = json.loads(files["kinds/news/feed.json"])
    assert (news["title"], news["language"]) == (kind, lang)
    letter = json.loads(files["issues/enewsupdate/feed.json"])
    assert (letter["title"], letter["description"]) == ("eNewsUpdate", issues)
    everything = json.loads(files["feed.json"])
    assert everything["title"] == "Coop & Co"
    assert everything["description"] == "News on <cooperatives>"
    assert issues in files["feeds.opml"].decode()
