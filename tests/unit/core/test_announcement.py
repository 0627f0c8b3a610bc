"""The items that tell readers of a released issue, in each of its languages."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.announcement import announced_versions, announcement, announcement_body
from pipeline.core.issue import Lock, LockedVersion, sent_at
from tests.issue_desk import LETTER, ON, ROOM
from tests.unit.core.test_issue import LOCK

ENGLISH = LOCK.all_versions[0]
FRENCH = LockedVersion(
    lang="fr",
    title="Bulletin n° 5 <juin>",
    subject="Sujet",
    preheader="",
    summary="",
    items=(replace(LOCK.items[0], id="b", title="Le <A>", path="items/2017/b/"),),
    digest="f" * 64,
    html_digest="",
    text_digest="",
)
BOTH = replace(LOCK, lang="en", versions=(replace(ENGLISH, lang="en"), FRENCH))


def body(lock: Lock, number: int = 0) -> str:
    return announcement_body(lock, lock.all_versions[number], ROOM)


def test_a_released_issue_is_announced() -> None:
    item = announcement(LOCK, ROOM)
    assert item is not None
    assert (item.id, item.kind, item.path) == (
        "issue-enewsupdate-2017-05",
        "news",
        "issues/enewsupdate/2017-05/",
    )
    assert item.date == sent_at(LETTER, ROOM, ON)
    assert item.source == "issues/enewsupdate/2017-05.lock.json"
    assert item.summary == "A & B · C · D …"
    told = announcement(replace(LOCK, summary="In short."), ROOM)
    assert told
    assert told.summary == "In short."


def test_nothing_is_announced_where_nobody_asked() -> None:
    quiet = replace(ROOM, newsletters=(replace(LETTER, announce_as=""),))
    assert announcement(LOCK, quiet) is None
    assert announcement(LOCK, replace(ROOM, newsletters=())) is None


def test_the_announcement_lists_the_contents_escaped_and_absolute() -> None:
    html = body(replace(LOCK, summary="1 < 2"))
    assert html.startswith("<p>1 &lt; 2</p>\n<ul>\n")
    assert '<li><a href="https://news.example.org/items/2017/a/">A &amp; B</a></li>' in html
    assert "<h2>News &lt;x&gt;</h2>" in html
    assert html.count("<ul>") == html.count("</ul>") == 3
    assert "No. 5 &lt;June&gt;</a></p>" in html


def test_a_further_version_has_an_item_of_its_own() -> None:
    main = announcement(BOTH, ROOM)
    assert main
    assert (main.lang, main.path) == ("en", "issues/enewsupdate/2017-05/")
    (told,) = announced_versions(BOTH, ROOM)
    assert (told.lang, told.path) == ("fr", "issues/enewsupdate/2017-05/fr/")
    assert told.id == f"{main.id}-fr"
    assert told.source == "issues/enewsupdate/2017-05.fr.eml"
    assert (told.title, told.summary) == ("Bulletin n° 5 <juin>", "Le <A>")
    assert told.date == main.date
    assert announced_versions(LOCK, ROOM) == ()
    assert announced_versions(BOTH, replace(ROOM, newsletters=())) == ()
    assert announced_versions(BOTH, replace(ROOM, newsletters=(replace(LETTER, key="x"),))) == ()


def test_each_version_lists_its_own_items_and_leads_to_the_others() -> None:
    html = body(BOTH, 1)
    assert '<a href="https://news.example.org/items/2017/b/">Le &lt;A&gt;</a>' in html
    assert "items/2017/a/" not in html
    address = "https://news.example.org/issues/enewsupdate/2017-05/"
    assert f'<p><a href="{address}fr/">Bulletin n° 5 &lt;juin&gt;</a></p>' in html
    assert f'<p><a href="{address}" hreflang="en" lang="en">eNewsUpdate' in html
    assert f'<p><a href="{address}fr/" hreflang="fr" lang="fr">Bulletin' in body(BOTH)
    assert "hreflang" not in body(LOCK)
