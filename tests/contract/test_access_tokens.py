"""What the port `AccessTokens` promises, in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.core.token import Scope, hashed
from pipeline.errors import StaleError
from tests.running import LATER, NOW, token

if TYPE_CHECKING:
    from pipeline.core.token import AccessToken
    from tests.databases import AnyStore, Stores


def test_a_token_comes_back_as_kept(store: AnyStore) -> None:
    given = token("desk «один»", scopes=frozenset(Scope), expires=LATER)
    kept = store.tokens.add(given)
    assert kept == replace(given, id=kept.id)
    assert kept.id > 0
    assert store.tokens.find(given.hash) == kept
    assert store.tokens.find(hashed("another")) is None
    none = store.tokens.add(token("none", scopes=frozenset()))
    assert store.tokens.all() == (kept, none)


def test_a_name_is_had_once_at_a_time(store: AnyStore) -> None:
    first = store.tokens.add(token("desk"))
    with pytest.raises(StaleError, match="token 'desk' already: revoke it"):
        store.tokens.add(token("desk", hash=hashed("other")))
    assert store.tokens.all() == (first,)
    store.tokens.revoke(first.id, NOW)
    second = store.tokens.add(token("desk", hash=hashed("other")))
    assert [one.id for one in store.tokens.all()] == [first.id, second.id]


def test_of_many_at_once_one_gets_the_name(stores: Stores) -> None:
    several = list(enumerate(stores.open() for _ in range(4)))
    kept: list[AccessToken] = []

    def create(number: int, store: AnyStore) -> None:
        with suppress(StaleError):
            kept.append(store.tokens.add(token("desk", hash=hashed(f"{number}"))))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: create(*pair), several))
    assert list(several[0][1].tokens.all()) == kept
    assert len(kept) == 1


def test_what_is_revoked_is_good_for_nothing(store: AnyStore) -> None:
    kept = store.tokens.add(token("desk"))
    assert kept.allows(Scope.BUILD, NOW)
    assert store.tokens.revoke(kept.id, LATER)
    assert not store.tokens.revoke(kept.id, NOW), "it is over already"
    assert not store.tokens.revoke(99, NOW)
    found = store.tokens.find(kept.hash)
    assert found == replace(kept, revoked=LATER)
    assert not found.allows(Scope.BUILD, LATER)


def test_the_latest_use_is_noted(store: AnyStore) -> None:
    kept = store.tokens.add(token("desk"))
    store.tokens.use(kept.id, LATER)
    store.tokens.use(kept.id, NOW)
    store.tokens.use(99, NOW)
    assert store.tokens.all() == (replace(kept, used=LATER),)
