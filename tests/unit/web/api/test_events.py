"""The stream of a run: what is sent, when it ends, and how many there may be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipeline.core.run import Run, RunState
from pipeline.core.token import AccessToken, Scope
from pipeline.errors import StoreError
from pipeline.web.api.events import (
    BEAT,
    EACH_MOST,
    LOOKS_MOST,
    QUIET_LOOKS,
    STREAMS_MOST,
    Streams,
    mark_of,
)
from pipeline.web.problems import ProblemError
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.web.context import Context

QUEUED = replace(run("one"), id=7)
RUNNING = replace(QUEUED, state=RunState.RUNNING, tries=1)
SAYING = replace(RUNNING, progress="building")
DONE = replace(SAYING, state=RunState.DONE, reason="3 files")
NOW = QUEUED.created
TOKEN = AccessToken(name="ci", hash="h", scopes=frozenset({Scope.BUILD}), created=NOW)


@dataclass
class Scene:
    """Looks at a run that is each of `looks` in turn, then the last one for ever.

    None where it is gone, an error where the store is. `tokens` is who follows, at each look.
    """

    looks: list[Any]
    tokens: list[AccessToken | None] = field(default_factory=lambda: [TOKEN])
    ending: Callable[[], bool] = bool
    rested: list[float] = field(default_factory=list)

    def get(self, number: int) -> Run | None:
        assert number == QUEUED.id
        found: Run | StoreError | None
        found = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(found, StoreError):
            raise found
        return found

    def find(self, hash_: str) -> AccessToken | None:
        assert hash_ == TOKEN.hash
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]

    def sent(self, first: Run = QUEUED, last: str = "") -> list[bytes]:
        store = SimpleNamespace(
            runs=SimpleNamespace(get=self.get), tokens=SimpleNamespace(find=self.find)
        )
        context = cast("Context", SimpleNamespace(store=store, ending=self.ending, now=lambda: NOW))

        async def rest(seconds: float) -> None:
            self.rested.append(seconds)

        async def all_of_it() -> list[bytes]:
            streams = Streams(context, rest=rest)
            return [part async for part in streams.follow(first, "/news", last, token=TOKEN)]

        return asyncio.run(all_of_it())


def names(sent: list[bytes]) -> list[str]:
    return [part.decode().partition("\n")[0] for part in sent]


def test_each_change_is_an_event_and_the_last_one_ends_it() -> None:
    scene = Scene([QUEUED, RUNNING, SAYING, SAYING, DONE])
    sent = scene.sent()
    assert names(sent) == [
        "retry: 3000", "event: state", "event: state", "event: progress", "event: state",
    ]  # fmt: skip
    assert b'"reason":"3 files"' in sent[-1]
    assert b'"self":"/news/api/v1/runs/7"' in sent[-1]
    assert all(part.endswith(b"\n\n") for part in sent)
    assert len(scene.rested) == 5


def test_what_was_sent_is_not_sent_again() -> None:
    assert names(Scene([DONE]).sent(SAYING, last=mark_of(SAYING))) == [
        "retry: 3000", "event: state",
    ]  # fmt: skip
    assert len({mark_of(one) for one in (QUEUED, RUNNING, SAYING, DONE)}) == 4
    assert mark_of(replace(RUNNING, tries=2)) != mark_of(RUNNING)


def test_what_is_said_cannot_end_an_event() -> None:
    sent = Scene([DONE]).sent(replace(RUNNING, progress="a\n\nevent: state\r\ndata: b"))
    assert sent[1].count(b"\n") == 4
    assert b"\r" not in sent[1]


def test_silence_is_broken() -> None:
    sent = Scene([RUNNING] * (2 * QUIET_LOOKS) + [DONE]).sent(RUNNING)
    assert sent.count(BEAT) == 2


def test_a_stream_does_not_last_for_ever() -> None:
    scene = Scene([RUNNING])
    scene.sent(RUNNING)
    assert len(scene.rested) == LOOKS_MOST


@pytest.mark.parametrize("after", [None, StoreError("away")])
def test_a_stream_ends_without_its_run(after: StoreError | None) -> None:
    assert len(Scene([after]).sent(RUNNING)) == 2


@pytest.mark.parametrize("after", [None, replace(TOKEN, revoked=NOW), replace(TOKEN, expires=NOW)])
def test_a_stream_ends_with_its_token(after: AccessToken | None) -> None:
    scene = Scene([RUNNING, RUNNING, DONE], tokens=[TOKEN, TOKEN, after])
    assert b"3 files" not in b"".join(scene.sent(RUNNING))
    assert len(scene.rested) == 3


def test_a_stream_ends_with_the_server() -> None:
    scene = Scene([RUNNING], ending=lambda: True)
    assert len(scene.sent(RUNNING)) == 2
    assert not scene.rested


def test_streams_are_counted() -> None:
    streams = Streams(cast("Context", None))
    for token in range(STREAMS_MOST // EACH_MOST):
        for _ in range(EACH_MOST):
            streams.enter(token)
        if token == 0:
            with pytest.raises(ProblemError) as refused:
                streams.enter(token)
            assert refused.value.status == 429
    with pytest.raises(ProblemError):
        streams.enter(99)
    streams.leave(0)
    streams.enter(99)
    assert len(streams) == STREAMS_MOST
