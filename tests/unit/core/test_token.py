"""What an access token allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.token import AccessToken, Scope, hashed

NOW = datetime(2017, 7, 12, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TOKEN = AccessToken(name="desk", hash="", scopes=frozenset({Scope.BUILD}), created=NOW)


@pytest.mark.parametrize(
    ("token", "allowed"),
    [
        (TOKEN, True),
        (replace(TOKEN, scopes=frozenset({Scope.ISSUE, Scope.METRICS})), False),
        (replace(TOKEN, scopes=frozenset()), False),
        (replace(TOKEN, expires=NOW + SECOND), True),
        (replace(TOKEN, expires=NOW), False),
        (replace(TOKEN, revoked=NOW), False),
        (replace(TOKEN, revoked=NOW + SECOND), False),
    ],
)
def test_what_it_is_good_for(token: AccessToken, *, allowed: bool) -> None:
    assert token.allows(Scope.BUILD, NOW) is allowed


def test_its_hash_is_sha_256() -> None:
    # FIPS 180-4, the example "abc".
    assert hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
