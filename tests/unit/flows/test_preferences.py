from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from pipeline.core.links import Purpose, sign
from pipeline.core.notice import NoticeKind
from pipeline.core.preferences import Choice
from pipeline.core.subscriber import ConsentAction, SubscriberState
from pipeline.errors import AddressError
from pipeline.flows import preferences
from pipeline.flows.sign_up import Standing
from pipeline.flows.subscribe import suppress
from tests.front_desks import ADA, KEYS, FrontDoor

NEW = "ada@new.example"


def door_with_ada(*newsletters: str) -> FrontDoor:
    door = FrontDoor()
    door.joined(ADA, *(newsletters or ("weekly", "yearly")))
    return door


def leave(door: FrontDoor, token: str, **how: object) -> preferences.Visit:
    found = preferences.leave(door.desk, token, now=door.now, **how)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_one_click_leaves_the_newsletter_of_the_mailing_and_no_other() -> None:
    door = door_with_ada()
    token = door.leaving_token(door.mailed())
    seen = preferences.visit(door.desk, token, Purpose.UNSUBSCRIBE, door.now)
    assert seen is not None
    assert seen.newsletter == "weekly"
    assert seen.gets == {"weekly", "yearly"}
    found = leave(door, token, how=preferences.ONE_CLICK)
    assert found.gets == {"yearly"}
    assert found.can_return
    record = door.store.subscribers.consents(door.who().id)
    assert (record[-1].action, record[-1].how) == (ConsentAction.LEFT, "one-click")
    leave(door, token, how=preferences.ONE_CLICK)
    assert door.store.subscribers.consents(door.who().id) == record


def test_everything_can_be_left_at_once() -> None:
    door = door_with_ada()
    found = leave(door, door.leaving_token(door.mailed()), everything=True)
    assert found.gets == frozenset()
    assert door.who().state is SubscriberState.UNSUBSCRIBED


def test_a_link_of_a_mailing_that_is_gone_leaves_all() -> None:
    door = door_with_ada()
    assert leave(door, door.leaving_token(99)).gets == frozenset()


@pytest.mark.parametrize("state", ["pending", "suppressed"])
def test_whoever_has_the_link_can_leave(state: str) -> None:
    door = FrontDoor()
    if state == "pending":
        door.sign_up()
    else:
        door.joined()
        suppress(door.store.subscribers, ADA, "asked", how="test", at=door.now)
    leave(door, door.leaving_token())
    assert door.who().newsletters | door.who().asked == frozenset()


def test_a_test_copy_and_one_of_who_was_erased_say_done() -> None:
    door = door_with_ada()
    token, page = door.leaving_token(), door.page_token()
    nobody = sign(KEYS[0], Purpose.UNSUBSCRIBE, 0, 0)
    assert leave(door, nobody).is_test
    assert preferences.erase(door.desk, page, door.now)
    found = leave(door, token)
    assert (found.subscriber, found.is_test, found.address) == (None, False, "")
    assert not preferences.erase(door.desk, page, door.now)


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "é", "../../x", "A" * 2000])
def test_a_forged_link_is_none(token: str) -> None:
    door = door_with_ada()
    desk, now = door.desk, door.now
    before = door.who()
    assert preferences.visit(desk, token, Purpose.PREFERENCES, now) is None
    assert preferences.leave(desk, token, now=now) is None
    assert preferences.come_back(desk, token, now=now) is None
    assert preferences.save(desk, token, Choice(newsletters=frozenset()), now=now) is None
    assert preferences.pause(desk, token, now + timedelta(days=30), now=now) is None
    assert preferences.ask_address(desk, token, NEW, now=now) is None
    assert preferences.download(desk, token, now) is None
    assert not preferences.erase(desk, token, now)
    assert door.who() == before


def test_a_link_to_leave_opens_no_page_and_the_other_way_round() -> None:
    door = door_with_ada()
    leaving, page = door.leaving_token(), door.page_token()
    assert not preferences.erase(door.desk, leaving, door.now)
    assert preferences.download(door.desk, leaving, door.now) is None
    assert preferences.save(door.desk, leaving, Choice(name="X"), now=door.now) is None
    assert preferences.leave(door.desk, page, now=door.now) is None


def test_leaving_can_be_undone() -> None:
    door = door_with_ada()
    token = door.leaving_token()
    leave(door, token)
    found = preferences.come_back(door.desk, token, now=door.now)
    assert found is not None
    assert found.gets == {"weekly", "yearly"}
    assert not found.can_return
    leave(door, token)
    door.later(hours=2)
    found = preferences.come_back(door.desk, token, now=door.now)
    assert found is not None
    assert found.gets == frozenset()


def test_a_page_saves_what_was_chosen() -> None:
    door = door_with_ada("weekly")
    choice = Choice(
        newsletters=frozenset({"yearly", "nonsense"}),
        topics=frozenset({"care", "a b"}),
        language="fr",
        name="  Ada\x00\n ",
    )
    found = preferences.save(door.desk, door.page_token(), choice, text="Keep", now=door.now)
    assert found is not None
    one = door.who()
    assert found.gets == {"yearly"}
    assert one.topics == {"care"}
    assert (one.language, one.name) == ("fr", "Ada")
    assert door.store.subscribers.consents(one.id)[-1].text == "Keep"
    choice = Choice(language="xx")
    preferences.save(door.desk, door.page_token(), choice, now=door.now)
    assert door.who() == one


def test_a_pause_is_kept() -> None:
    door = door_with_ada()
    until = door.now + timedelta(days=30)
    preferences.pause(door.desk, door.page_token(), until, now=door.now)
    assert door.who().quiet_until == until
    preferences.pause(door.desk, door.page_token(), None, now=door.now)
    assert door.who().quiet_until is None


def test_a_new_address_confirms_itself_and_the_old_one_hears_of_it() -> None:
    door = door_with_ada()
    page = door.page_token()
    found = preferences.ask_address(door.desk, page, NEW, now=door.now)
    assert found is not None
    assert (found.pending, door.who().address) == (NEW, ADA)
    (ready,) = door.sent()
    assert (ready.notice.kind, ready.notice.address) == (NoticeKind.ADDRESS, NEW)
    assert (ready.newsletters, ready.subscriber) == (("weekly", "yearly"), 0)
    token = ready.url.rpartition("/")[2]
    moved = door.confirm(token)
    assert (moved.standing, moved.address) == (Standing.DONE, NEW)
    assert door.who(NEW).newsletters == {"weekly", "yearly"}
    (ready,) = door.sent()
    assert (ready.notice.kind, ready.notice.address) == (NoticeKind.MOVED, ADA)
    assert (ready.url, ready.subscriber) == ("", 0)
    assert door.confirm(token).standing is Standing.DONE
    assert door.sent() == []


def test_an_overtaken_or_late_address_link_does_nothing() -> None:
    door = door_with_ada()
    preferences.ask_address(door.desk, door.page_token(), NEW, now=door.now)
    first = door.only_token()
    preferences.ask_address(door.desk, door.page_token(), "other@new.example", now=door.now)
    second = door.only_token()
    assert door.confirm(first).standing is Standing.EXPIRED
    door.later(days=8)
    assert door.confirm(second).standing is Standing.EXPIRED
    assert door.who().address == ADA


@pytest.mark.parametrize("how", ["taken", "suppressed"])
def test_an_address_that_cannot_be_had_is_refused_silently(how: str) -> None:
    door = door_with_ada()
    if how == "taken":
        door.joined("ADA@new.example")
    else:
        suppress(door.store.subscribers, NEW, "asked", how="test", at=door.now)
    found = preferences.ask_address(door.desk, door.page_token(), NEW, now=door.now)
    assert found is not None
    assert found.pending == NEW
    assert door.sent() == []


def test_an_address_that_was_taken_meanwhile_is_not_moved_to() -> None:
    door = door_with_ada()
    preferences.ask_address(door.desk, door.page_token(), NEW, now=door.now)
    token = door.only_token()
    door.joined(NEW)
    assert door.confirm(token).standing is Standing.EXPIRED
    assert door.who().address == ADA


def test_strangers_are_not_written_to_again_and_again() -> None:
    door = door_with_ada()
    for number in range(20):
        address = f"{number}@new.example"
        preferences.ask_address(door.desk, door.page_token(), address, now=door.now)
        preferences.ask_address(door.desk, door.page_token(), NEW, now=door.now)
    assert len(door.sent()) <= 4


def test_what_is_no_address_is_said() -> None:
    door = door_with_ada()
    with pytest.raises(AddressError):
        preferences.ask_address(door.desk, door.page_token(), "a@b.example\r\nX: y", now=door.now)
    with pytest.raises(AddressError):
        preferences.ask_link(door.desk, "nobody", language="en", now=door.now)


def test_all_that_is_held_can_be_taken_along() -> None:
    door = door_with_ada()
    door.mailed()
    found = preferences.download(door.desk, door.page_token(), door.now)
    assert found is not None
    (person,) = cast("list[dict[str, Any]]", found["subscribers"])
    assert person["address"] == ADA
    assert len(person["record"]) == 2
    (row,) = person["deliveries"]
    assert row["message_id"] == f"<{row['issue']}.{door.who().id}@example.org>"


def test_who_is_erased_is_forgotten_everywhere() -> None:
    door = door_with_ada()
    door.later(days=1)
    preferences.ask_link(door.desk, ADA, language="en", now=door.now)
    assert preferences.erase(door.desk, door.page_token(), door.now)
    assert list(door.store.subscribers.each()) == []
    assert door.forgotten == [ADA]
    assert door.sent() == []


def test_the_link_goes_to_who_has_the_address_and_to_nobody_else() -> None:
    door = door_with_ada()
    door.sign_up("new@example.org")
    door.sent()
    for typed in ("ADA@example.org", "nobody@example.org", "new@example.org"):
        preferences.ask_link(door.desk, typed, language="fr", now=door.now)
    (ready,) = door.sent()
    assert (ready.notice.address, ready.notice.kind) == (ADA, NoticeKind.PREFERENCES)
    token = ready.url.rpartition("/")[2]
    assert token == door.page_token()
    assert preferences.visit(door.desk, token, Purpose.PREFERENCES, door.now) is not None


def test_the_link_goes_out_three_times_a_day_at_most() -> None:
    door = door_with_ada()
    for _ in range(10):
        preferences.ask_link(door.desk, ADA, language="en", now=door.now)
    assert len(door.sent()) == 3


def test_a_link_to_leave_shows_the_least_of_the_address() -> None:
    door = door_with_ada()
    preferences.ask_address(door.desk, door.page_token(), NEW, now=door.now)
    for mailing in (0, door.mailed()):
        token = door.leaving_token(mailing)
        found = preferences.visit(door.desk, token, Purpose.UNSUBSCRIBE, door.now)
        assert found is not None
        assert (found.address, found.pending, found.is_old) == ("a…@example.org", "", False)
    page = preferences.visit(door.desk, door.page_token(), Purpose.PREFERENCES, door.now)
    assert page is not None
    assert (page.address, page.pending) == (ADA, NEW)


def old_pages(door: FrontDoor) -> list[str]:
    """Ada's links to her page, by a notice and by a letter; then she moves."""
    letter = sign(KEYS[0], Purpose.PREFERENCES, door.who().id, door.mailed())
    nowhere = sign(KEYS[0], Purpose.PREFERENCES, door.who().id, 99)
    pages = [door.page_token(), letter, nowhere]
    for token in pages:
        found = preferences.visit(door.desk, token, Purpose.PREFERENCES, door.now)
        assert found is not None
        assert not found.is_old
    door.moved(ADA, NEW)
    return pages


def test_links_of_before_a_new_address_open_nothing() -> None:
    door = door_with_ada()
    desk, now = door.desk, door.now
    for token in old_pages(door):
        before = door.state()
        seen = (
            preferences.visit(desk, token, Purpose.PREFERENCES, now),
            preferences.save(desk, token, Choice(newsletters=frozenset({"weekly"})), now=now),
            preferences.save(desk, token, Choice(newsletters=frozenset()), now=now),
            preferences.pause(desk, token, now + timedelta(days=30), now=now),
            preferences.ask_address(desk, token, "eve@evil.example", now=now),
        )
        for found in seen:
            assert found is not None
            assert found.is_old
            assert NEW not in repr(found)
        assert preferences.download(desk, token, now) is None
        assert not preferences.erase(desk, token, now)
        assert door.state() == before
    # The old mailbox hears of it, and that is all that is sent.
    assert [ready.notice.kind for ready in door.sent()] == [NoticeKind.MOVED]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_links_of_before_a_new_address_still_leave(place: int) -> None:
    door = door_with_ada()
    found = leave(door, old_pages(door)[place], purpose=Purpose.PREFERENCES, everything=True)
    assert (found.is_old, found.gets) == (True, frozenset())
    assert door.who(NEW).state is SubscriberState.UNSUBSCRIBED


def test_who_leaves_by_an_old_link_cannot_come_back_by_it() -> None:
    door = door_with_ada()
    token = door.leaving_token(door.mailed())
    door.moved(ADA, NEW)
    found = leave(door, token, how=preferences.ONE_CLICK)
    assert (found.is_old, found.newsletter, found.can_return) == (True, "weekly", False)
    assert NEW not in repr(found)
    assert door.who(NEW).newsletters == {"yearly"}
    back = preferences.come_back(door.desk, token, now=door.now)
    assert back is not None
    assert door.who(NEW).newsletters == {"yearly"}


def test_links_of_after_a_new_address_open_the_page() -> None:
    door = door_with_ada()
    door.moved(ADA, NEW)
    letter = sign(KEYS[0], Purpose.PREFERENCES, door.who(NEW).id, door.mailed())
    preferences.ask_link(door.desk, NEW, language="en", now=door.now)
    asked = next(ready for ready in door.sent() if ready.notice.kind is NoticeKind.PREFERENCES)
    for token in (letter, asked.url.rpartition("/")[2]):
        found = preferences.visit(door.desk, token, Purpose.PREFERENCES, door.now)
        assert found is not None
        assert (found.is_old, found.address) == (False, NEW)
    # Back at the first address its old links do not wake up.
    first = door.mailed()
    door.moved(NEW, ADA)
    old = sign(KEYS[0], Purpose.PREFERENCES, door.who().id, first)
    found = preferences.visit(door.desk, old, Purpose.PREFERENCES, door.now)
    assert found is not None
    assert found.is_old
