"""Runs, notices and access tokens, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.run import Flow, Origin, Run
from pipeline.core.token import AccessToken, Scope, hashed

if TYPE_CHECKING:
    from tests.databases import AnyStore

NOW = datetime(2017, 7, 12, 9, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ALL = frozenset(Flow)


def run(slot: str, flow: Flow = Flow.BUILD, /, **changes: object) -> Run:
    """One that the clock asked for, due now."""
    values: dict[str, object] = {"origin": Origin.CLOCK, "due": NOW, "created": NOW}
    return Run(flow=flow, slot=slot, **(values | changes))  # type: ignore[arg-type]


def add(store: AnyStore, *runs: Run) -> list[Run]:
    return [store.runs.add(one)[0] for one in runs]


def take(store: AnyStore, at: datetime = NOW) -> Run:
    taken = store.runs.take(at, ALL)
    assert taken is not None
    return taken


def notice(name: str = "ann", /, **changes: object) -> Notice:
    """One that asks somebody to confirm, due now."""
    values: dict[str, object] = {
        "kind": NoticeKind.CONFIRM,
        "subscriber": 7,
        "address": f"{name}@example.org",
        "language": "fr",
        "newsletters": frozenset({"letter", "weekly"}),
        "created": NOW,
        "due": NOW,
    }
    return Notice(**(values | changes))  # type: ignore[arg-type]


def token(name: str, /, **changes: object) -> AccessToken:
    """One that may ask for builds; its hash is that of its name."""
    values: dict[str, object] = {
        "hash": hashed(name),
        "scopes": frozenset({Scope.BUILD}),
        "created": NOW,
    }
    return AccessToken(name=name, **(values | changes))  # type: ignore[arg-type]
