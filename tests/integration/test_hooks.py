"""What git forges send, and what comes of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core.run import Flow, Origin, RunState
from pipeline.core.token import Scope
from pipeline.web.api.guard import WRONG
from tests.api_desk import SECRET, ApiDesk, refused
from tests.front_door import write_room

if TYPE_CHECKING:
    from pathlib import Path

    from httpx import Response

COMMIT = "5f1c0de5f1c0de5f1c0de5f1c0de5f1c0de5f1c0"
PUSH = {"ref": "refs/heads/main", "after": COMMIT, "before": "0" * 40}
HOOK = "/api/v1/hooks/push"


@pytest.fixture
def desk(tmp_path: Path) -> ApiDesk:
    write_room(tmp_path)
    return ApiDesk(tmp_path)


def send(desk: ApiDesk, told: Any = PUSH, *, secret: str = SECRET, **headers: str) -> Response:
    """As GitHub does."""
    body = json.dumps(told).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    fields: dict[str, Any] = {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": f"sha256={signed}",
    }
    return desk.ask("POST", HOOK, body=body, **(fields | headers))


def end(desk: ApiDesk, state: RunState) -> None:
    run = desk.store.runs.take(desk.now, [Flow.PULL], "here")
    assert run is not None
    desk.store.runs.end(run.id, state, "", {}, desk.now)


def test_a_push_is_pulled(desk: ApiDesk) -> None:
    answer = send(desk)
    assert answer.status_code == 202
    (run,) = desk.runs()
    assert (run.flow, run.origin, run.place) == (Flow.PULL, Origin.HOOK, "here")
    assert run.asked == {"branch": "main", "commit": COMMIT}
    assert answer.json()["run"] == desk.get("/api/v1/runs/1", desk.token(Scope.BUILD)).json()
    assert desk.woken == 1


def test_a_delivery_that_comes_again_does_nothing_twice(desk: ApiDesk) -> None:
    first = send(desk).json()["run"]["id"]
    end(desk, RunState.DONE)
    again = send(desk)
    assert (again.status_code, again.json()["run"]["id"]) == (202, first)
    assert len(desk.runs()) == desk.woken == 1


def test_a_delivery_that_comes_again_after_a_failure_is_tried_again(desk: ApiDesk) -> None:
    for count in (1, 2, 3):
        send(desk)
        assert len(desk.runs()) == count
        end(desk, RunState.FAILED if count < 3 else RunState.DONE)
    send(desk)
    assert len(desk.runs()) == 3


def test_a_pull_that_waits_brings_the_next_push_too(desk: ApiDesk) -> None:
    send(desk)
    send(desk, PUSH | {"after": "a" * 40}, **{"x-github-delivery": "another-delivery"})
    assert len(desk.runs()) == 1
    end(desk, RunState.DONE)
    send(desk, PUSH | {"after": "b" * 40}, **{"x-github-delivery": "a-third-delivery"})
    assert len(desk.runs()) == 2


def test_a_ping_is_answered(desk: ApiDesk) -> None:
    answer = send(desk, {"zen": "Keep it logically awesome."}, **{"x-github-event": "ping"})
    assert (answer.status_code, answer.json()) == (200, {"detail": "pong"})
    assert not desk.runs()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"ref": "refs/heads/draft"}, "ignored: the push is to draft, not to main"),
        ({"ref": "refs/tags/v1"}, "ignored: refs/tags/v1 is no branch"),
        ({"after": "0" * 40}, "ignored: main was deleted"),
    ],
)
def test_other_pushes_are_ignored_with_the_reason(
    desk: ApiDesk, told: dict[str, str], why: str
) -> None:
    answer = send(desk, PUSH | told)
    assert (answer.status_code, answer.json()) == (200, {"detail": why})
    assert not desk.runs()


def test_who_does_not_know_the_secret_is_refused(desk: ApiDesk) -> None:
    refused(send(desk, secret="guessed"), 403)  # a made-up one
    refused(desk.ask("POST", HOOK, body=b"{}"), 403)
    for _ in range(WRONG.most):
        last = send(desk, secret="guessed")
    refused(last, 429)
    assert not desk.runs()
    assert send(desk).status_code == 202


def test_a_signed_body_that_is_no_push_is_refused(desk: ApiDesk) -> None:
    bodies: list[Any] = [[], {"ref": 1}, PUSH | {"after": "HEAD"}]
    for told in bodies:
        assert refused(send(desk, told), 400)["detail"].startswith("That is no push")
    assert not desk.runs()


def test_without_a_secret_there_is_no_webhook(tmp_path: Path) -> None:
    write_room(tmp_path)
    desk = ApiDesk(tmp_path, variables={"ENEWS_WEBHOOK_SECRET": ""})
    refused(send(desk, secret=""), 404)
    assert not desk.runs()


def test_another_branch_can_be_the_one(tmp_path: Path) -> None:
    write_room(tmp_path)
    desk = ApiDesk(tmp_path, variables={"ENEWS_WEBHOOK_BRANCH": "live/2017"})
    assert send(desk).status_code == 200
    assert send(desk, PUSH | {"ref": "refs/heads/live/2017"}).status_code == 202
