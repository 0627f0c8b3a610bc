from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.core import links
from pipeline.core.dated_link import DatedLink, Purpose, sign
from pipeline.core.notice import NoticeKind, NoticeState
from pipeline.core.subscriber import Change, ConsentAction, SubscriberState
from pipeline.core.subscription import Occasion, Wishes, enlist
from pipeline.errors import AddressError
from pipeline.flows.preferences import ask_address, leave, visit
from pipeline.flows.sign_up import Standing, pending
from pipeline.flows.subscribe import erase, suppress
from tests.front_desks import ADA, KEYS, NOW, ROOM, FrontDoor


def test_who_signs_up_gets_mail_once_they_confirmed() -> None:
    door = FrontDoor()
    door.sign_up(ADA, "weekly", name=" Ada\nLovelace ", language="fr")
    assert door.who().state is SubscriberState.PENDING
    (ready,) = door.sent()
    assert ready.notice.kind is NoticeKind.CONFIRM
    assert (ready.lang, ready.newsletters, ready.days) == ("fr", ("weekly",), 7)
    token = ready.url.removeprefix("https://news.example.org/c/")
    door.later(days=6)
    assert pending(door.desk, token, door.now).standing is Standing.OPEN
    assert door.who().state is SubscriberState.PENDING
    found = door.confirm(token)
    assert (found.standing, found.newsletters) == (Standing.DONE, frozenset({"weekly"}))
    after = door.who()
    assert (after.state, after.name) == (SubscriberState.ACTIVE, "Ada Lovelace")
    asked, confirmed = door.store.subscribers.consents(after.id)
    assert (asked.action, asked.how, asked.text) == (ConsentAction.ASKED, "form", "Yes, please")
    assert (confirmed.action, confirmed.text) == (ConsentAction.CONFIRMED, "Yes")


def test_a_link_that_was_used_says_so_and_changes_nothing() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    door.confirm(token)
    record = door.store.subscribers.consents(door.who().id)
    again = door.confirm(token)
    assert again.standing is Standing.DONE
    assert again.preferences
    assert door.store.subscribers.consents(door.who().id) == record
    door.later(days=8)
    old = door.confirm(token)
    assert (old.standing, old.preferences, old.address) == (Standing.DONE, "", "")


def test_a_link_is_good_for_its_days() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    door.later(days=7, seconds=1)
    assert pending(door.desk, token, door.now).standing is Standing.EXPIRED
    assert door.confirm(token).standing is Standing.EXPIRED
    assert door.who().state is SubscriberState.PENDING


def test_a_link_replayed_after_they_left_brings_nobody_back() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    assert door.confirm(token).standing is Standing.DONE
    leave(door.desk, door.leaving_token(), now=door.now)
    assert door.confirm(token).standing is Standing.EXPIRED
    door.later(hours=2)
    door.sign_up()  # whoever knows the address can
    assert door.confirm(token).standing is Standing.EXPIRED
    assert door.who().state is SubscriberState.UNSUBSCRIBED
    assert door.confirm(door.only_token()).standing is Standing.DONE


def test_an_older_link_is_good_while_nothing_was_confirmed() -> None:
    door = FrontDoor()
    door.sign_up(ADA, "weekly")
    first = door.only_token()
    door.later(days=1)
    door.sign_up(ADA, "yearly")
    assert pending(door.desk, first, door.now).newsletters == {"weekly", "yearly"}
    assert door.confirm(first).newsletters == {"weekly", "yearly"}


@pytest.mark.parametrize("token", ["", "x", "A" * 40, "../../etc", "é", "A" * 2000])
def test_what_nobody_signed_is_unknown(token: str) -> None:
    door = FrontDoor()
    assert pending(door.desk, token, NOW).standing is Standing.UNKNOWN
    assert door.confirm(token).standing is Standing.UNKNOWN


def test_a_link_of_the_key_before_is_good_and_that_of_a_stranger_is_not() -> None:
    door = FrontDoor()
    door.sign_up()
    link = DatedLink(purpose=Purpose.CONFIRM, subscriber=door.who().id, at=NOW, mark=0)
    assert door.confirm(sign(b"some other key of some length", link)).standing is Standing.UNKNOWN
    assert door.confirm(sign(KEYS[1], link)).standing is Standing.DONE


def test_an_address_is_mailed_once_an_hour_and_three_times_a_day() -> None:
    door = FrontDoor()
    sent = []
    for _ in range(24 * 4):
        door.sign_up()
        sent.append(len(door.sent()))
        door.later(minutes=15)
    assert sum(sent) == 3
    assert sum(sent[:4]) == 1
    door.later(hours=1)
    door.sign_up()
    assert len(door.sent()) == 1


def test_addresses_that_differ_in_case_are_one_mailbox() -> None:
    door = FrontDoor()
    door.joined("Ada@example.org")
    door.later(hours=2)
    door.sign_up("ADA@EXAMPLE.ORG", "weekly")
    (ready,) = door.sent()
    assert (ready.notice.kind, ready.notice.address) == (NoticeKind.KNOWN, "Ada@example.org")
    assert len(list(door.store.subscribers.each())) == 1


def test_who_has_it_all_gets_their_link() -> None:
    door = FrontDoor()
    one = door.joined()
    door.later(hours=2)
    door.sign_up(name="Mallory", language="ar")
    (ready,) = door.sent()
    assert ready.notice.kind is NoticeKind.KNOWN
    assert ready.url.startswith("https://news.example.org/p/")
    assert door.who() == one


@pytest.mark.parametrize("known", [True, False])
def test_a_suppressed_address_gets_nothing(known: bool) -> None:
    door = FrontDoor()
    if known:
        door.joined()
        door.later(hours=2)
    suppress(door.store.subscribers, ADA, "asked", how="test", at=door.now)
    door.sign_up(ADA.upper(), "yearly")
    assert door.sent() == []
    assert not known or door.who().state is SubscriberState.SUPPRESSED


def test_who_was_erased_gets_nothing_and_no_row() -> None:
    door = FrontDoor()
    door.joined()
    erase(door.store.subscribers, ADA, at=door.now)
    door.later(hours=2)
    door.sign_up()
    assert door.store.notices.counts()[NoticeState.WAITING] == 2  # as many writes as for others
    assert door.sent() == []
    assert list(door.store.subscribers.each()) == []


def test_who_was_suppressed_since_gets_nothing() -> None:
    door = FrontDoor()
    door.sign_up()
    suppress(door.store.subscribers, ADA, "asked", how="test", at=door.now)
    assert door.sent() == []


def test_a_link_of_who_is_suppressed_or_erased_does_nothing() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    suppress(door.store.subscribers, ADA, "asked", how="test", at=door.now)
    assert door.confirm(token).standing is Standing.EXPIRED
    erase(door.store.subscribers, ADA, at=door.now)
    assert door.confirm(token).standing is Standing.UNKNOWN


def test_what_there_is_none_of_is_dropped() -> None:
    door = FrontDoor()
    topics = frozenset({"care", "../x", "buy now\n", "x" * 101})
    door.sign_up(ADA, "weekly", "nonsense", topics=topics, language="xx")
    one = door.who()
    assert one.asked == {"weekly"}
    assert one.topics == {"care"}
    assert one.language == ""
    door.sign_up("bob@example.org", "nonsense")
    assert door.store.subscribers.find(["bob@example.org"]) == {}
    assert len(door.sent()) == 1


def test_a_name_stays_short() -> None:
    door = FrontDoor()
    door.sign_up(ADA, "weekly", name="x" * 9_000)
    assert len(door.who().name) == 120


@pytest.mark.parametrize("typed", ["", "ada", "ada@example.org\nBcc: x@y.example", "a@b@c.example"])
def test_what_is_no_address_is_said(typed: str) -> None:
    door = FrontDoor()
    with pytest.raises(AddressError):
        door.sign_up(typed)
    assert door.sent() == []


def test_the_days_are_the_newsrooms() -> None:
    days = replace(ROOM.subscribing, confirm_days=1)
    door = FrontDoor(replace(ROOM, subscribing=days))
    door.sign_up()
    token = door.only_token()
    assert pending(door.desk, token, NOW + timedelta(hours=23)).standing is Standing.OPEN
    assert pending(door.desk, token, NOW + timedelta(hours=25)).standing is Standing.EXPIRED


def test_a_used_link_of_before_a_new_address_shows_nothing() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    assert door.confirm(token).preferences
    door.moved(ADA, "ada@new.example")
    for found in (pending(door.desk, token, door.now), door.confirm(token)):
        assert (found.standing, found.address, found.preferences) == (Standing.EXPIRED, "", "")


def test_a_link_of_before_a_new_address_confirms_nothing() -> None:
    door = FrontDoor()
    door.joined()
    door.later(hours=2)
    door.sign_up(ADA, "yearly")
    token = door.only_token()
    door.moved(ADA, "ada@new.example")
    assert pending(door.desk, token, door.now).standing is Standing.EXPIRED
    assert door.confirm(token).address == ""
    assert door.who("ada@new.example").newsletters == {"weekly"}


def test_what_an_editor_did_is_no_confirmation() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    wishes = Wishes(newsletters=frozenset({"weekly"}))
    change = enlist(ADA, door.who(), wishes, Occasion(at=door.now, how="command line"))
    assert isinstance(change, Change)
    door.store.subscribers.save([change])
    assert door.confirm(token).standing is Standing.EXPIRED


def test_the_page_after_a_new_address_is_the_new_ones() -> None:
    door = FrontDoor()
    door.joined()
    ask_address(door.desk, door.page_token(), "ada@new.example", now=door.now)
    found = door.confirm(door.only_token())
    page = visit(door.desk, found.preferences, links.Purpose.PREFERENCES, door.now)
    assert page is not None
    assert page.address == "ada@new.example"
