"""What the port `Subscribers` promises, in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from pipeline.core.address import folded, salted_hash
from pipeline.core.bounce import BounceKind
from pipeline.core.notice import NoticeState
from pipeline.core.subscriber import Change, Consent, ConsentAction, SubscriberState
from pipeline.core.suppression import SuppressionReason
from pipeline.errors import StaleError, StoreError
from tests.people import (
    ASKED,
    AT,
    LATER,
    NEWS,
    NOW,
    begin,
    bounce,
    change,
    crowd,
    keep,
    reader,
    sent,
    suppression,
)
from tests.running import notice

if TYPE_CHECKING:
    from tests.databases import AnyStore, Stores


def test_a_subscriber_comes_back_as_kept(store: AnyStore) -> None:
    ann = reader(
        "ann",
        name="Ánn «O'Hara» 协同",
        language="zh-Hant",
        newsletters=frozenset({NEWS, "events"}),
        topics=frozenset({"care-economy", "youth"}),
        asked=frozenset({"jobs"}),
    )
    (kept,) = keep(store, ann)
    assert kept == replace(ann, id=kept.id)
    assert store.subscribers.get(kept.id) == kept
    assert store.subscribers.get(kept.id + 1) is None


def test_ids_come_in_the_order_of_the_changes(store: AnyStore) -> None:
    kept = crowd(store, 30)
    assert [one.address for one in kept] == [f"reader-{n:04}@example.org" for n in range(30)]
    assert [one.id for one in kept] == sorted({one.id for one in kept})
    assert min(one.id for one in kept) > 0


def test_times_come_back_to_the_microsecond_whatever_their_zone(store: AnyStore) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    (kept,) = keep(store, reader("ann", since=tokyo))
    found = store.subscribers.get(kept.id)
    assert found is not None
    assert found.since == NOW
    assert found.since.utcoffset() == timedelta(0)


def test_a_pause_is_kept_and_ended(store: AnyStore) -> None:
    tokyo = LATER.astimezone(timezone(timedelta(hours=9)))
    (ann,) = keep(store, reader("ann", quiet_until=tokyo))
    (found,) = store.subscribers.each()
    assert found == store.subscribers.get(ann.id) == ann
    assert found.quiet_until == LATER
    assert found.quiet_until.utcoffset() == timedelta(0)
    keep(store, replace(ann, quiet_until=None))
    assert store.subscribers.get(ann.id) == replace(ann, quiet_until=None)


def test_who_never_confirmed_is_forgotten(store: AnyStore) -> None:
    pending, old = SubscriberState.PENDING, NOW - timedelta(days=9)
    ann, bob, eve, left = keep(
        store,
        reader("ann", state=pending, since=old),
        reader("bob", state=pending, since=NOW),
        reader("eve", since=old, asked=frozenset({"events"})),
        reader("left", state=SubscriberState.UNSUBSCRIBED, since=old),
    )
    for one in (ann, bob):
        given = notice(subscriber=one.id, address=one.address)
        assert store.notices.add(given, since=old, most=1)
    assert store.subscribers.forget_pending(NOW) == 1
    assert list(store.subscribers.each()) == [bob, eve, left]
    assert store.subscribers.consents(ann.id) == ()
    assert store.subscribers.find_folded([ann.address]) == {}
    assert store.notices.counts() == {NoticeState.WAITING: 1}
    assert list(store.subscribers.suppressions()) == []
    assert store.subscribers.forget_pending(NOW) == 0
    (again,) = keep(store, reader("ann", state=pending))
    assert again.id > left.id


def test_they_are_found_by_address(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("Bob"))
    find = store.subscribers.find
    assert find(["ann@example.org", "Bob@example.org", "eve@example.org"]) == {
        ann.address: ann,
        bob.address: bob,
    }
    assert find(["bob@example.org"]) == {}
    assert find([]) == {}


def test_many_are_found_at_once(store: AnyStore) -> None:
    everyone = crowd(store, 1200)
    found = store.subscribers.find([one.address for one in everyone] * 2)
    assert list(found.values()) == list(everyone)


def test_they_are_found_however_the_address_is_folded(store: AnyStore) -> None:
    upper, lower = keep(store, reader("Straße"), reader("strasse"))
    keep(store, reader("eve"))
    assert folded(upper.address) == folded(lower.address)
    texts = [folded(upper.address), folded("nobody@example.org")]
    assert store.subscribers.find_folded(texts) == {texts[0]: (upper, lower)}


def test_a_change_replaces_everything_but_the_id(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann", asked=frozenset({"events"})))
    other = replace(
        ann,
        address="ann@example.com",
        name="",
        newsletters=frozenset({"events"}),
        asked=frozenset(),
        topics=frozenset({"care-economy"}),
        state=SubscriberState.UNSUBSCRIBED,
        since=LATER,
    )
    assert keep(store, other) == (other,)
    assert store.subscribers.get(ann.id) == other
    assert store.subscribers.find([ann.address]) == {}
    assert list(store.subscribers.find_folded([ann.address, other.address])) == [other.address]


def test_new_and_known_ones_in_one_go(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    both = [replace(bob, address="b@example.org"), reader("bob"), replace(ann, name="A")]
    saved = keep(store, *both)
    assert [one.address for one in saved] == [one.address for one in both]
    assert list(store.subscribers.each()) == sorted(saved, key=lambda one: one.id)


def test_the_last_change_of_one_counts(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    first, last = (replace(ann, newsletters=frozenset({key})) for key in ("a", "b"))
    keep(store, first, last)
    assert store.subscribers.get(ann.id) == last
    assert len(store.subscribers.consents(ann.id)) == 3


def test_what_is_wanted_is_not_asked_for(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann", asked=frozenset({NEWS, "events"})))
    assert ann.asked == {"events"}
    assert store.subscribers.get(ann.id) == ann


def test_nothing_is_kept_where_an_address_is_taken(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    with pytest.raises(StoreError):
        keep(store, reader("bob"), replace(ann, name="Other"), reader("ann"))
    assert list(store.subscribers.each()) == [ann]
    assert store.subscribers.consents(ann.id) == (ASKED,)


def test_nothing_is_kept_where_one_is_gone(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    store.subscribers.erase(ann.id, suppression(store, ann.address))
    with pytest.raises(StoreError, match="gone"):
        keep(store, reader("bob"), replace(ann, name="Other"))
    assert list(store.subscribers.each()) == []


def test_nothing_is_kept_where_one_changed_since(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    gone = replace(ann, newsletters=frozenset(), state=SubscriberState.UNSUBSCRIBED, since=LATER)
    keep(store, gone)
    late = Change(subscriber=replace(ann, name="A"), consent=ASKED, before=ann)
    named = Change(subscriber=replace(bob, name="B"), consent=ASKED, before=bob)
    with pytest.raises(StaleError, match=ann.address):
        store.subscribers.save([named, late])
    assert list(store.subscribers.each()) == [gone, bob]
    again = replace(gone, name="A")
    first = Change(subscriber=again, consent=ASKED, before=gone)
    second = Change(subscriber=replace(again, name="B"), consent=ASKED, before=again)
    saved = store.subscribers.save([first, named, second])
    assert [one.name for one in saved] == ["A", "B", "B"]


def test_who_changed_meanwhile_is_not_changed_back(stores: Stores, store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    (left,) = keep(stores.open(), replace(ann, newsletters=frozenset()))
    late = replace(change(replace(ann, name="Ann B")), before=ann)
    with pytest.raises(StaleError):
        store.subscribers.save([change(replace(bob, name="B")), late])
    assert list(store.subscribers.each()) == [left, bob]
    store.subscribers.erase(bob.id, suppression(store, bob.address))
    with pytest.raises(StoreError, match="gone"):
        store.subscribers.save([replace(change(bob), before=bob)])
    assert list(store.subscribers.each()) == [left]


def test_each_gives_all_in_order_though_others_write(stores: Stores, store: AnyStore) -> None:
    everyone = crowd(store, 9)
    other = stores.open()
    seen = []
    for one in store.subscribers.each():
        seen.append(one)
        if len(seen) == 1:
            keep(other, reader("eve"))
    assert seen[:9] == list(everyone)


def test_each_chooses(store: AnyStore) -> None:
    ann = reader("ann", name="Zoë")
    bob = reader("bob", newsletters=frozenset({"events"}), asked=frozenset({NEWS}))
    eve = reader("eve", state=SubscriberState.PENDING)
    ann, bob, eve = keep(store, ann, bob, eve)
    each = store.subscribers.each
    assert list(each(newsletter=NEWS)) == [ann, eve]
    assert list(each(newsletter="events", state=SubscriberState.ACTIVE)) == [bob]
    assert list(each(state=SubscriberState.PENDING)) == [eve]
    assert list(each(matching="ZOË")) == [ann]
    assert list(each(matching="e@EXAMPLE")) == [eve]
    assert list(each(matching="_")) == list(each(matching="%")) == []


def test_counts(store: AnyStore) -> None:
    assert store.subscribers.counts() == {}
    pending = SubscriberState.PENDING
    keep(store, reader("ann"), reader("bob", newsletters=frozenset()), reader("eve", state=pending))
    assert store.subscribers.counts() == {SubscriberState.ACTIVE: 2, pending: 1}
    assert store.subscribers.counts(NEWS) == {SubscriberState.ACTIVE: 1, pending: 1}
    assert store.subscribers.counts("none") == {}


def test_the_record_grows_and_is_told_oldest_first(store: AnyStore) -> None:
    confirmed = Consent(at=LATER, action=ConsentAction.CONFIRMED, how="form", detail="enewsupdate")
    imported = replace(ASKED, at=NOW - timedelta(days=900), action=ConsentAction.IMPORTED)
    (ann,) = keep(store, reader("ann"))
    store.subscribers.save([change(ann, confirmed), change(ann, imported)])
    assert store.subscribers.consents(ann.id) == (imported, ASKED, confirmed)
    assert store.subscribers.consents(ann.id + 1) == ()


def test_an_erased_person_leaves_a_hash_and_counts(store: AnyStore) -> None:
    ann, bob = keep(store, reader("ann"), reader("bob"))
    run = begin(store, (ann, bob))
    store.ledger.enter("worker")
    rows = [claim.id for claim in store.ledger.claim(run.id, 10, AT)]
    store.ledger.mark([], [sent(row)._replace(said="for ann@example.org") for row in rows])
    for key, one in (("a", ann), ("b", bob)):
        store.subscribers.add_bounce(bounce(key, one.id))
    erased = replace(suppression(store, ann.address), reason=SuppressionReason.ERASED)
    store.subscribers.erase(ann.id, erased)
    assert store.subscribers.get(ann.id) is None
    assert store.subscribers.find([ann.address]) == {}
    assert store.subscribers.find_folded([ann.address]) == {}
    assert store.subscribers.consents(ann.id) == ()
    assert list(store.subscribers.suppressions()) == [replace(erased, address="")]
    (row,) = store.ledger.deliveries(subscriber=ann.id)
    assert (row.address, row.said, row.code, row.state) == ("", "", 250, "sent")
    (report,) = store.subscribers.bounces(ann.id)
    assert (report.said, report.code) == ("", 550)
    assert store.ledger.tally(run.id).sent == 2
    assert store.subscribers.bounce_counts() == {BounceKind.HARD: 2}
    assert next(store.ledger.deliveries(subscriber=bob.id)).said == "for ann@example.org"


def test_an_erased_ones_id_is_never_given_again(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    store.subscribers.erase(ann.id, suppression(store, ann.address))
    (again,) = keep(store, reader("ann"))
    assert again.id > ann.id
    assert store.subscribers.consents(again.id) == (ASKED,)


def test_erasing_replaces_the_entry_that_was_there(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    store.subscribers.suppress([suppression(store, ann.address)], "command line")
    erased = replace(suppression(store, ann.address), reason=SuppressionReason.ERASED, detail="")
    store.subscribers.erase(ann.id, erased)
    store.subscribers.erase(ann.id, erased)
    assert list(store.subscribers.suppressions()) == [replace(erased, address="")]


def test_a_suppression_ends_all_mail_and_says_how(store: AnyStore) -> None:
    ann, upper, bob = keep(store, reader("ann"), reader("ANN"), reader("bob"))
    entry = suppression(store, ann.address, SuppressionReason.COMPLAINT)
    assert store.subscribers.suppress([entry], "pipe") == 1
    assert store.subscribers.suppressed([entry.hash, "00" * 32]) == {entry.hash: entry}
    ended = [replace(x, state=SubscriberState.SUPPRESSED, since=LATER) for x in (ann, upper)]
    assert list(store.subscribers.each()) == [*ended, bob]
    line = Consent(at=LATER, action=ConsentAction.SUPPRESSED, how="pipe", detail="complaint")
    assert store.subscribers.consents(ann.id) == (ASKED, line)
    assert store.subscribers.consents(bob.id) == (ASKED,)


def test_the_first_entry_of_a_hash_stays(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    first = suppression(store, ann.address)
    second = replace(first, reason=SuppressionReason.HARD_BOUNCE, at=NOW, detail="550")
    other = suppression(store, "unknown@example.org")
    assert store.subscribers.suppress([first, second], "import") == 1
    assert store.subscribers.suppress(iter([second, other]), "import") == 1
    assert store.subscribers.suppressed([first.hash]) == {first.hash: first}
    assert len(store.subscribers.consents(ann.id)) == 2
    assert store.subscribers.suppress([], "import") == 0


def test_an_entry_that_was_there_ends_mail_to_one_who_came_later(store: AnyStore) -> None:
    entry = suppression(store, "ann@example.org")
    store.subscribers.suppress([entry], "import")
    (ann,) = keep(store, reader("ann"))
    assert store.subscribers.suppress([entry], "import") == 0
    found = store.subscribers.get(ann.id)
    assert found is not None
    assert found.state is SubscriberState.SUPPRESSED


def test_suppressions_come_oldest_first(store: AnyStore) -> None:
    entries = [
        replace(suppression(store, f"{number}@example.org"), at=NOW - timedelta(hours=number % 7))
        for number in range(40)
    ]
    store.subscribers.suppress(entries, "import")
    expected = sorted(entries, key=lambda entry: (entry.at, entry.hash))
    assert list(store.subscribers.suppressions()) == expected


def test_an_address_is_restored_by_a_humans_word(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    entry = suppression(store, ann.address)
    store.subscribers.suppress([entry], "command line")
    restored = Consent(at=LATER, action=ConsentAction.RESTORED, how="command line")
    assert store.subscribers.restore(entry.hash, change(ann, restored))
    assert store.subscribers.get(ann.id) == ann
    assert store.subscribers.suppressed([entry.hash]) == {}
    assert store.subscribers.consents(ann.id)[-1] == restored
    assert not store.subscribers.restore(entry.hash, change(replace(ann, name="x"), restored))
    assert store.subscribers.get(ann.id) == ann


def test_an_entry_without_a_subscriber_is_restored_too(store: AnyStore) -> None:
    entry = suppression(store, "eve@example.org")
    store.subscribers.suppress([entry], "import")
    assert store.subscribers.restore(entry.hash, None)
    assert list(store.subscribers.suppressions()) == []


def test_nothing_is_restored_where_the_change_cannot_be_kept(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    entry = suppression(store, "eve@example.org")
    store.subscribers.suppress([entry], "import")
    with pytest.raises(StoreError):
        store.subscribers.restore(entry.hash, change(reader("ann")))
    assert store.subscribers.suppressed([entry.hash]) == {entry.hash: entry}
    assert list(store.subscribers.each()) == [ann]


def test_a_bounce_counts_once(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    late = bounce("b", ann.id, at=LATER, kind=BounceKind.SOFT)
    early = bounce("a", ann.id)
    assert store.subscribers.add_bounce(late)
    assert store.subscribers.add_bounce(early)
    assert store.subscribers.add_bounce(bounce("c", kind=BounceKind.UNKNOWN, mailing=0))
    assert not store.subscribers.add_bounce(replace(late, kind=BounceKind.HARD))
    assert store.subscribers.bounces(ann.id) == (early, late)
    assert store.subscribers.bounce_counts() == {
        BounceKind.HARD: 1,
        BounceKind.SOFT: 1,
        BounceKind.UNKNOWN: 1,
    }


def test_the_salt_is_made_once(stores: Stores, store: AnyStore) -> None:
    salt = store.subscribers.salt
    assert len(salt) == 32
    assert stores.open().subscribers.salt == salt
    assert salted_hash("a@example.org", salt) != salted_hash("a@example.org", bytes(32))
