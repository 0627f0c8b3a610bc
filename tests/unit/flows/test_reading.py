"""What is read again, what is not, and what is said about what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.media import MediaFile
from pipeline.core.theme import Theme
from pipeline.errors import ContentError, Problem
from pipeline.flows.reading import Reading, read, survey
from tests.feed_site import NEWSROOM
from tests.flow_desk import Desk

ONE, TWO = "items/2017-01-01-one.md", "items/2017-02-01-two.md"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.write("one", "2017-01-01", "See [two](2017-02-01-two.md).")
    desk.write("two", "2017-02-01")
    theme = Theme(key="care", title="Care", source="themes/care.md", digest="t")
    desk.content.write("themes/care.md", (theme, "All of it."))
    desk.content.write("media/a.txt", MediaFile(path="media/a.txt", size=1, mime="", digest="m"))
    return desk


def reading(desk: Desk) -> Reading:
    desk.content.read.clear()
    desk.rendered = 0
    workshop = desk.workshop()
    found = read(workshop, survey(workshop))
    found.raise_if_wrong()
    return found


def test_everything_is_read_once(desk: Desk) -> None:
    found = reading(desk)
    assert sorted(desk.content.read) == sorted(
        ["newsroom.toml", ONE, TWO, "themes/care.md", "media/a.txt"]
    )
    assert sorted(item.id for item in found.items) == ["one", "two"]
    assert (list(found.themes), list(found.media)) == (["care"], ["media/a.txt"])
    assert found.urls == {ONE: ("2017-02-01-two.md",)}
    again = reading(desk)
    assert desk.content.read == []
    assert survey(desk.workshop()).quiet
    assert (again.newsroom, again.themes, again.media) == (
        found.newsroom,
        found.themes,
        found.media,
    )
    assert (again.urls, again.body_keys) == (found.urls, found.body_keys)
    assert set(again.items) == set(found.items)


def test_only_what_changed_is_read_again(desk: Desk) -> None:
    reading(desk)
    desk.write("two", "2017-02-01", "Another body.")
    found = reading(desk)
    assert desk.content.read == [TWO]
    assert desk.rendered == 1
    assert {item.id: item.summary for item in found.items} == {
        "one": "See two.",
        "two": "Another body.",
    }


def test_a_file_that_was_touched_is_not_rendered_again(desk: Desk) -> None:
    reading(desk)
    desk.content.touch(ONE)
    reading(desk)
    assert (desk.content.read, desk.rendered) == ([ONE], 0)


def test_a_file_that_may_change_again_unseen_is_read_again(desk: Desk) -> None:
    desk.content.touch(ONE, late=True)
    reading(desk)
    assert not survey(desk.workshop()).quiet
    reading(desk)
    assert desk.content.read == [ONE]


@pytest.mark.parametrize("new", ["theme", "kind"])
def test_new_words_have_every_item_read_again(desk: Desk, new: str) -> None:
    reading(desk)
    if new == "theme":
        theme = Theme(key="law", title="Law", source="themes/law.md", digest="t")
        desk.content.write("themes/law.md", (theme, "L."))
    else:
        desk.content.room = replace(NEWSROOM, kinds={**NEWSROOM.kinds, "more": "More"})
        desk.content.touch("newsroom.toml")
    reading(desk)
    assert {ONE, TWO} <= set(desk.content.read)
    assert "themes/care.md" not in desk.content.read


def test_what_is_gone_is_forgotten(desk: Desk) -> None:
    reading(desk)
    desk.content.remove(TWO)
    assert survey(desk.workshop()).gone == (TWO,)
    assert [item.id for item in reading(desk).items] == ["one"]
    assert TWO not in desk.cache.known


def test_all_problems_are_told_at_once(desk: Desk) -> None:
    reading(desk)
    desk.content.write(ONE, Problem(path=ONE, expected="a title"))
    desk.content.write("media/a.txt", Problem(path="media/a.txt", expected="a file"))
    desk.write("two", "2017-02-01", "Changed, and right.")
    with pytest.raises(ContentError) as caught:
        reading(desk)
    assert [problem.path for problem in caught.value.problems] == [ONE, "media/a.txt"]
    # The right one is remembered; the wrong ones are read again, also where nothing moved.
    with pytest.raises(ContentError):
        reading(desk)
    assert sorted(desk.content.read) == [ONE, "media/a.txt"]


def test_what_contradicts_is_told_with_what_is_wrong(desk: Desk) -> None:
    desk.write("three", "2017-03-01", translations=("nobody",))
    with pytest.raises(ContentError, match="the id of another item"):
        reading(desk)
    desk.content.write(ONE, Problem(path=ONE, expected="a title"))
    with pytest.raises(ContentError, match="a title"):
        reading(desk)


@pytest.mark.parametrize("error", [TimeoutError, RecursionError])
def test_a_text_that_is_too_hard_is_named(desk: Desk, error: type[Exception]) -> None:
    desk.too_hard = error
    with pytest.raises(ContentError) as caught:
        reading(desk)
    assert [problem.path for problem in caught.value.problems] == [ONE, TWO, "themes/care.md"]
    assert {problem.line for problem in caught.value.problems} == {5}


def test_what_was_read_and_not_published_makes_the_last_build_count_for_nothing(
    desk: Desk,
) -> None:
    reading(desk)
    desk.cache.keep_note("since", "2017-01-01T00:00:00+00:00")
    reading(desk)
    assert desk.cache.note("since")
    desk.content.touch(ONE)
    reading(desk)
    assert not desk.cache.note("since")
