"""When a build does nothing, what it refuses, and in which order it remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.core.media import MediaFile
from pipeline.errors import ConfigError, ContentError, OutputError
from pipeline.flows.build import build
from tests.feed_site import NEWSROOM, NOW, day
from tests.flow_desk import Desk

if TYPE_CHECKING:
    from pipeline.ports.building import Changes

ONE = "items/2017-01-01-one.md"


@pytest.fixture
def desk() -> Desk:
    """A newsroom that has been built."""
    desk = Desk()
    desk.write("one", "2017-01-01")
    desk.write("two", "2017-02-01")
    made(desk)
    return desk


def made(desk: Desk, *, now: datetime = NOW, withdrawn: tuple[str, ...] = ()) -> Changes:
    return build(desk.workshop(), now=now, withdrawn=withdrawn)


def test_where_nothing_changed_nothing_is_done(desk: Desk) -> None:
    desk.content.read.clear()
    changes = made(desk)
    assert (changes.new, changes.changed, changes.removed) == ((), (), ())
    assert changes.unchanged == len(desk.output.keys)
    assert (desk.output.published, desk.content.read) == (1, [])


def test_an_edit_changes_what_shows_it(desk: Desk) -> None:
    desk.write("one", "2017-01-01", title="Another title")
    changes = made(desk)
    assert "items/2017/one/index.html" in changes.changed
    assert "items/2017/two/index.html" not in changes.changed


def other_code(desk: Desk) -> None:
    desk.code = "other code"


def other_title(desk: Desk) -> None:
    desk.content.room = replace(NEWSROOM, title="Another")
    desk.content.touch("newsroom.toml")


def damage(desk: Desk) -> None:
    desk.output.whole = False


def touch(desk: Desk) -> None:
    desk.content.touch(ONE)


@pytest.mark.parametrize("reason", [other_code, other_title, damage, touch])
def test_there_are_reasons_to_publish_again(desk: Desk, reason) -> None:  # type: ignore[no-untyped-def]
    reason(desk)
    made(desk)
    assert desk.output.published == 2


def test_time_moves_what_is_public(desk: Desk) -> None:
    desk.write("soon", "2017-08-02", expires=day("2017-08-04"))
    page = "items/2017/soon/index.html"
    hour = timedelta(hours=1)
    for now, there, published in (
        (NOW, False, 2),
        (NOW + hour, False, 2),
        (day("2017-08-02"), True, 3),
        (day("2017-08-04") - hour, True, 3),
        (day("2017-08-04"), False, 4),
        (day("2018-08-04"), False, 4),
        (NOW, False, 5),  # a clock that was put back
        (day("2017-08-03"), True, 6),
    ):
        made(desk, now=now)
        assert ((page in desk.output.keys), desk.output.published) == (there, published), now


def test_after_a_build_that_failed_the_next_one_publishes(desk: Desk) -> None:
    desk.write("one", "2017-01-01", title="Another title")
    desk.output.trouble = OutputError("no space left")
    with pytest.raises(OutputError):
        made(desk)
    desk.output.trouble = None
    assert "items/2017/one/index.html" in made(desk).changed


@pytest.mark.parametrize("cut", range(1, 6))
def test_cut_off_at_any_note_the_next_build_starts_over(desk: Desk, cut: int) -> None:
    """The notes of a build are several writes: each may be the last before a kill."""
    desk.write("soon", "2017-08-02")
    keep, left = desk.cache.keep_note, iter(range(cut))

    def keep_note(name: str, value: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        keep(name, value)

    desk.cache.keep_note = keep_note  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        made(desk)
    desk.cache.keep_note = keep  # type: ignore[method-assign]
    published = desk.output.published
    assert made(desk).unchanged == len(desk.output.keys) or desk.output.published > published
    made(desk, now=day("2017-08-02"))
    assert "items/2017/soon/index.html" in desk.output.keys


# Ids


def test_public_ids_are_recorded_and_waiting_ones_are_not(desk: Desk) -> None:
    desk.write("soon", "2017-08-02")
    desk.write("draft", "2017-07-01", draft=True)
    made(desk)
    assert desk.published.record == {"one": ONE, "two": "items/2017-02-01-two.md"}


def test_a_published_id_that_vanished_is_an_error(desk: Desk) -> None:
    desk.content.remove(ONE)
    with pytest.raises(ContentError, match="one was published and is gone"):
        made(desk)
    assert desk.output.published == 1


def test_it_may_expire_or_become_a_draft(desk: Desk) -> None:
    desk.write("one", "2017-01-01", expires=day("2017-02-01"))
    desk.write("two", "2017-02-01", draft=True)
    made(desk)
    assert not [path for path in desk.output.keys if path.startswith("items/")]
    assert set(desk.published.record) == {"one", "two"}


def test_a_withdrawn_id_is_gone_for_good(desk: Desk) -> None:
    desk.content.remove(ONE)
    made(desk, withdrawn=("one",))
    assert set(desk.published.record) == {"two"}
    made(desk)


@pytest.mark.parametrize("name", ["one", "nobody"])
def test_a_withdrawal_that_cannot_be_publishes_nothing(desk: Desk, name: str) -> None:
    desk.write("three", "2017-03-01")
    with pytest.raises(ConfigError):
        made(desk, withdrawn=(name,))
    assert desk.output.published == 1
    assert set(desk.published.record) == {"one", "two"}


# Addresses


@pytest.mark.parametrize(
    ("aliases", "place"),
    [
        (("/old.html", "/old.html/deep/er/"), "/old.html"),
        (("/media/a.txt/x/",), "/media/a.txt"),
        (("/media/a.txt",), "/media/a.txt"),
    ],
)
def test_two_things_at_one_address_are_refused(
    desk: Desk, aliases: tuple[str, ...], place: str
) -> None:
    desk.content.write("media/a.txt", MediaFile(path="media/a.txt", size=1, mime="", digest="m"))
    desk.write("one", "2017-01-01", aliases=aliases)
    with pytest.raises(ContentError) as caught:
        made(desk)
    assert place.lstrip("/") in " ".join(map(str, caught.value.problems))
    assert desk.output.published == 1
