"""A mailbox is one subscriber's, also where two processes add it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from pipeline.core.address import folded
from pipeline.core.subscriber import Change
from pipeline.errors import StaleError
from tests.people import ASKED, keep, reader

if TYPE_CHECKING:
    from pipeline.core.subscriber import Subscriber
    from tests.databases import AnyStore, Stores

MANY = 400


def crowd_of(name: str) -> list[Subscriber]:
    return [reader(f"{name}-{number}") for number in range(MANY)]


@pytest.mark.parametrize("typed", ["ann", "ANN"])
def test_a_new_one_whose_mailbox_came_meanwhile_is_refused(store: AnyStore, typed: str) -> None:
    (ann,) = keep(store, reader("ann"))
    with pytest.raises(StaleError):
        keep(store, reader("eve"), reader(typed))
    (eve,) = keep(store, reader("eve"))
    moved = replace(eve, address=f"{typed}@example.org")
    with pytest.raises(StaleError):
        store.subscribers.save([Change(subscriber=moved, consent=ASKED, before=eve)])
    with pytest.raises(StaleError):  # nobody may look who had it before, and still one has it
        keep(store, replace(eve, address=ann.address))
    assert list(store.subscribers.each()) == [ann, eve]


def test_ones_own_address_may_change_its_case(store: AnyStore) -> None:
    (ann,) = keep(store, reader("ann"))
    upper = replace(ann, address="ANN@example.org")
    store.subscribers.save([Change(subscriber=upper, consent=ASKED, before=ann)])
    assert list(store.subscribers.each()) == [upper]


def test_two_domains_are_two_mailboxes(store: AnyStore) -> None:
    sharp = reader("ann", address="ann@straße.example")
    keep(store, sharp)
    keep(store, reader("ann", address="ann@strasse.example"))
    assert len(store.subscribers.find_folded([folded(sharp.address)])) == 1
    assert len(list(store.subscribers.each(matching="STRASSE"))) == 2


def test_of_two_who_add_a_mailbox_at_once_one_is_refused(stores: Stores) -> None:
    """In its own process each has found nobody of that mailbox."""
    both = [stores.open(), stores.open()]
    begin_ = Barrier(len(both))

    def add(number: int) -> bool:
        name = ("Ann", "aNN")[number]
        begin_.wait()
        try:
            keep(both[number], *crowd_of(name))
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(len(both)) as pool:
        assert sorted(pool.map(add, range(2))) == [False, True]
    assert len(list(both[0].subscribers.each())) == MANY
