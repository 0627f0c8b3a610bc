"""One person, by an editor's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.core.address import salted_hash
from pipeline.core.bounce import Bounce, BounceKind
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.subscriber import ConsentAction, Subscriber, SubscriberState
from pipeline.core.subscription import Occasion, Wishes, leave, sign_up
from pipeline.core.suppression import SuppressionReason
from pipeline.errors import AddressError, SubscriberError
from pipeline.flows.subscribe import (
    Wanted,
    add,
    addresses_of,
    change,
    erase,
    held,
    lift,
    suppress,
    unsubscribe,
)
from pipeline.store.memory import MemoryStore

NOW = datetime(2017, 8, 1, 10, tzinfo=UTC)
WORD = Occasion(at=NOW, how="command line", text="Send me news")
WISHES = Wishes(newsletters=frozenset({"letter"}))
JANE = "jane@example.org"


def added(store: MemoryStore, address: str = JANE) -> Subscriber:
    return add(store.subscribers, address, WISHES, WORD)[0]


def twin(store: MemoryStore) -> None:
    """A subscriber whose address differs in case only, of a time when a store took such."""
    (other,) = store.subscribers.save([sign_up("other@example.org", None, WISHES, WORD)])
    move = sign_up("Jane@example.org", None, WISHES, WORD)
    store.subscribers.save([replace(move, subscriber=replace(move.subscriber, id=other.id))])


def test_adding() -> None:
    store = MemoryStore()
    jane, changed = add(store.subscribers, "jane@EXAMPLE.org", WISHES, WORD)
    assert (jane.address, jane.state, changed) == (JANE, SubscriberState.ACTIVE, True)
    (line,) = store.subscribers.consents(jane.id)
    assert (line.action, line.how, line.text) == (
        ConsentAction.ADDED, "command line", "Send me news",
    )  # fmt: skip
    assert add(store.subscribers, JANE, WISHES, WORD) == (jane, False)
    assert len(store.subscribers.consents(jane.id)) == 1


def test_who_came_with_a_list_only_has_the_editors_word_then() -> None:
    store = MemoryStore()
    add(store.subscribers, JANE, WISHES, replace(WORD, how="import list.csv"))
    jane, changed = added(store), add(store.subscribers, JANE, WISHES, WORD)[1]
    assert not changed
    assert [(line.action, line.how) for line in store.subscribers.consents(jane.id)] == [
        (ConsentAction.IMPORTED, "import list.csv"), (ConsentAction.ADDED, "command line"),
    ]  # fmt: skip


def test_what_is_no_address_is_not_added() -> None:
    with pytest.raises(AddressError):
        add(MemoryStore().subscribers, "jane@example.org\nBcc: x@y.org", WISHES, WORD)


def test_who_left_is_added_only_where_they_asked_again() -> None:
    store = MemoryStore()
    gone = leave(added(store), WORD)
    assert gone is not None
    store.subscribers.save([gone])
    with pytest.raises(SubscriberError, match="--again"):
        add(store.subscribers, JANE, WISHES, WORD)
    jane, _ = add(store.subscribers, JANE, WISHES, WORD, again=True)
    assert jane.state is SubscriberState.ACTIVE


def test_who_left_a_newsletter_too() -> None:
    store = MemoryStore()
    both = Wishes(newsletters=frozenset({"letter", "weekly"}))
    jane, _ = add(store.subscribers, JANE, both, WORD)
    gone = leave(jane, WORD, frozenset({"letter"}))
    assert gone is not None
    store.subscribers.save([gone])
    with pytest.raises(SubscriberError, match="--again"):
        added(store)
    assert add(store.subscribers, JANE, WISHES, WORD, again=True)[0].newsletters == both.newsletters


def test_a_mailbox_is_added_once() -> None:
    store = MemoryStore()
    added(store)
    with pytest.raises(SubscriberError, match=r"differs only in case from jane@example\.org"):
        added(store, "Jane@example.org")


def test_who_is_suppressed_is_not_added() -> None:
    store = MemoryStore()
    assert suppress(store.subscribers, JANE, "asked by phone", how="command line", at=NOW)
    assert not suppress(store.subscribers, "JANE@example.org", "", how="command line", at=NOW)
    with pytest.raises(SubscriberError, match=r"since 2017-08-01 \(manual\).*restore jane@"):
        added(store)
    (entry,) = store.subscribers.suppressions()
    assert (entry.address, entry.detail) == (JANE, "asked by phone")


def test_suppressing_and_lifting_it() -> None:
    store = MemoryStore()
    jane = added(store)
    suppress(store.subscribers, "JANE@example.org", "", how="command line", at=NOW)
    found = store.subscribers.get(jane.id)
    assert found is not None
    assert found.state is SubscriberState.SUPPRESSED
    lifted, back = lift(store.subscribers, JANE, WORD)
    assert (lifted, [one.state for one in back]) == (True, [SubscriberState.ACTIVE])
    assert store.subscribers.get(jane.id) == back[0]
    assert list(store.subscribers.suppressions()) == []
    assert lift(store.subscribers, JANE, WORD) == (False, ())


def test_who_is_suppressed_without_an_entry_is_lifted_too() -> None:
    store = MemoryStore()
    jane = added(store)
    suppress(store.subscribers, JANE, "", how="command line", at=NOW)
    store.subscribers.restore(salted_hash(JANE, store.subscribers.salt), None)
    with pytest.raises(SubscriberError, match="restore"):
        added(store)
    assert lift(store.subscribers, JANE, WORD)[0]
    found = store.subscribers.get(jane.id)
    assert found is not None
    assert found.state is SubscriberState.ACTIVE


def test_lifting_what_nobody_has() -> None:
    store = MemoryStore()
    suppress(store.subscribers, JANE, "", how="command line", at=NOW)
    assert lift(store.subscribers, JANE, WORD) == (True, ())


def test_lifting_is_of_each_spelling() -> None:
    store = MemoryStore()
    added(store)
    twin(store)
    suppress(store.subscribers, JANE, "", how="command line", at=NOW)
    _, back = lift(store.subscribers, JANE, WORD)
    assert [(one.address, one.state) for one in back] == [
        (JANE, SubscriberState.ACTIVE), ("Jane@example.org", SubscriberState.UNSUBSCRIBED),
    ]  # fmt: skip
    assert SubscriberState.SUPPRESSED not in store.subscribers.counts()


def test_all_that_is_held() -> None:
    store = MemoryStore()
    jane = added(store)
    other = added(store, "joe@example.org")
    mailing = store.ledger.create(
        Mailing(
            issue="letter/2017-07", newsletter="letter", digest="d", state=MailingState.RUNNING,
            created=NOW, begins=NOW, since=NOW,
        ),
        [jane.id, other.id],
    )  # fmt: skip
    bounce = Bounce(
        key="k", subscriber=jane.id, mailing=mailing.id, at=NOW, kind=BounceKind.SOFT,
        said="mailbox full", source="file",
    )  # fmt: skip
    store.subscribers.add_bounce(bounce)
    found = held(store.subscribers, store.ledger, "JANE@example.org")
    (person,) = found.people
    assert person.subscriber == jane
    assert [line.action for line in person.record] == [ConsentAction.ADDED]
    assert [row.issue for row in person.deliveries] == ["letter/2017-07"]
    assert person.bounces == (bounce,)
    assert found.suppression is None
    nobody = held(store.subscribers, store.ledger, "nobody@example.org")
    assert (nobody.people, nobody.suppression) == ((), None)


def test_who_phoned_is_unsubscribed() -> None:
    store = MemoryStore()
    both = Wishes(newsletters=frozenset({"letter", "weekly"}))
    jane, _ = add(store.subscribers, JANE, both, WORD)
    people, changed = unsubscribe(store.subscribers, JANE, WORD, frozenset({"weekly"}))
    assert ([one.newsletters for one in people], changed) == ([WISHES.newsletters], True)
    people, changed = unsubscribe(store.subscribers, "JANE@example.org", WORD)
    assert (people[0].state, changed) == (SubscriberState.UNSUBSCRIBED, True)
    assert store.subscribers.get(jane.id) == people[0]
    line = store.subscribers.consents(jane.id)[-1]
    assert (line.action, line.how, line.detail) == (
        ConsentAction.LEFT, "command line", "-letter; was active",
    )  # fmt: skip
    assert unsubscribe(store.subscribers, JANE, WORD) == (people, False)
    with pytest.raises(SubscriberError, match="nobody has joe@"):
        unsubscribe(store.subscribers, "joe@example.org", WORD)


def test_changing_what_is_kept() -> None:
    store = MemoryStore()
    jane = added(store)
    wanted = Wanted(name="Jane", language="fr", address="Jane.Doe@EXAMPLE.org")
    found, changed = change(store.subscribers, JANE, wanted, WORD)
    assert changed
    assert (found.id, found.address, found.name) == (jane.id, "Jane.Doe@example.org", "Jane")
    line = store.subscribers.consents(jane.id)[-1]
    assert (line.action, line.how, line.detail) == (
        ConsentAction.CHANGED, "command line",
        "address: was jane@example.org; language: fr; name",
    )  # fmt: skip
    assert change(store.subscribers, "Jane.Doe@example.org", wanted, WORD) == (found, False)
    with pytest.raises(SubscriberError, match="nobody has jane@"):
        change(store.subscribers, JANE, wanted, WORD)
    again, _ = change(
        store.subscribers, found.address, Wanted(address="jane.doe@example.org"), WORD
    )
    assert again.address == "jane.doe@example.org"


def test_a_new_address_is_free_and_may_be_mailed() -> None:
    store = MemoryStore()
    jane, joe = added(store), added(store, "joe@example.org")
    suppress(store.subscribers, "gone@example.org", "", how="command line", at=NOW)
    for new, why in (
        ("JOE@example.org", "is taken: joe@example.org is active"),
        ("gone@example.org", "is suppressed since"),
    ):
        with pytest.raises(SubscriberError, match=why):
            change(store.subscribers, JANE, Wanted(address=new), WORD)
    assert store.subscribers.get(jane.id) == jane
    unsubscribe(store.subscribers, joe.address, WORD)
    with pytest.raises(SubscriberError, match=r"is unsubscribed.*add new@"):
        change(store.subscribers, joe.address, Wanted(address="new@example.org"), WORD)
    assert change(store.subscribers, joe.address, Wanted(name="Joe"), WORD)[1]


def test_erasing_is_of_addresses_that_they_had_too() -> None:
    store = MemoryStore()
    added(store)
    change(store.subscribers, JANE, Wanted(address="doe@example.org"), WORD)
    change(store.subscribers, "doe@example.org", Wanted(address="new@example.org"), WORD)
    added(store, "doe@example.org")
    suppress(store.subscribers, JANE, "no more", how="command line", at=NOW)
    found = held(store.subscribers, store.ledger, "new@example.org")
    assert addresses_of(store.subscribers, found) == ("new@example.org", JANE)
    assert erase(store.subscribers, "new@example.org", at=NOW)
    entries = {entry.hash: entry for entry in store.subscribers.suppressions()}
    assert set(entries) == {
        salted_hash(address, store.subscribers.salt) for address in ("new@example.org", JANE)
    }
    assert {entry.address for entry in entries.values()} == {""}


def test_erasing_leaves_a_hash() -> None:
    store = MemoryStore()
    jane = added(store)
    assert erase(store.subscribers, "JANE@example.org", at=NOW)
    assert store.subscribers.get(jane.id) is None
    assert store.subscribers.consents(jane.id) == ()
    (entry,) = store.subscribers.suppressions()
    assert (entry.address, entry.reason) == ("", SuppressionReason.ERASED)
    assert entry.hash == salted_hash(JANE, store.subscribers.salt)
    with pytest.raises(SubscriberError, match="erased"):
        added(store)
    assert not erase(store.subscribers, JANE, at=NOW)


def test_erasing_each_spelling() -> None:
    store = MemoryStore()
    added(store)
    twin(store)
    assert erase(store.subscribers, JANE, at=NOW)
    assert list(store.subscribers.each()) == []


def test_erasing_one_who_is_only_on_the_list() -> None:
    store = MemoryStore()
    suppress(store.subscribers, JANE, "wrote an angry letter", how="command line", at=NOW)
    assert erase(store.subscribers, JANE, at=NOW)
    (entry,) = store.subscribers.suppressions()
    assert (entry.address, entry.detail, entry.reason) == ("", "", SuppressionReason.ERASED)


def test_erasing_nobody_leaves_nothing() -> None:
    store = MemoryStore()
    assert not erase(store.subscribers, JANE, at=NOW)
    assert list(store.subscribers.suppressions()) == []
