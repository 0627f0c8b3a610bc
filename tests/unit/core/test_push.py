"""What forges send of a push, each in its own way."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from pipeline.core.push import Ignored, Push, PushError, is_from_forge, read_push

SECRET = "shared"  # a made-up one
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BODY = json.dumps({"ref": "refs/heads/main", "after": COMMIT}).encode()
RIGHT = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
WRONG = hmac.new(b"guessed", BODY, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-hub-signature-256": f"sha256={RIGHT}"},
        {"x-gitea-signature": RIGHT},
        {"x-forgejo-signature": RIGHT, "x-hub-signature-256": f"sha256={RIGHT}"},
        {"x-gitlab-token": SECRET},
    ],
)
def test_a_forge_is_known_by_its_signature(headers: dict[str, str]) -> None:
    assert is_from_forge(SECRET, headers, BODY)
    assert not is_from_forge("", headers, BODY)
    assert not is_from_forge("another", headers, BODY)


def test_a_signature_is_of_the_whole_body() -> None:
    assert not is_from_forge(SECRET, {"x-hub-signature-256": f"sha256={RIGHT}"}, BODY + b" ")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": f"sha1={RIGHT}"},
        {"x-hub-signature": f"sha256={RIGHT}"},
        {"x-gitea-signature": WRONG},
        {"x-gitea-signature": RIGHT, "x-hub-signature-256": f"sha256={WRONG}"},
        {"x-gitlab-token": ""},
        {"x-gitlab-token": "sharé"},
        {"x-gitlab-token": "guessed", "x-hub-signature-256": f"sha256={RIGHT}"},
    ],
)
def test_others_are_not(headers: dict[str, str]) -> None:
    assert not is_from_forge(SECRET, headers, BODY)


@pytest.mark.parametrize(
    ("headers", "slot"),
    [
        (
            {"x-github-event": "push", "x-github-delivery": "72D3162E-cc78"},
            "delivery 72d3162e-cc78",
        ),
        (
            {"x-gitea-event": "push", "x-github-event": "push", "x-gitea-delivery": "f6266f16"},
            "delivery f6266f16",
        ),
        (
            {
                "x-gitlab-event": "Push Hook",
                "x-gitlab-event-uuid": "13792a34-cac6",
                "idempotency-key": "f5e57e21-1f8b",
            },
            "delivery f5e57e21-1f8b",
        ),
        ({"x-gitlab-event": "Push Hook"}, f"commit {COMMIT}"),
        ({"x-github-event": "push", "x-github-delivery": "../x"}, f"commit {COMMIT}"),
    ],
)
def test_a_push_is_read(headers: dict[str, str], slot: str) -> None:
    assert read_push(headers, BODY, "main") == Push(branch="main", commit=COMMIT, slot=slot)


def test_a_push_in_a_form_is_read() -> None:
    headers = {"x-github-event": "push", "content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"payload": BODY.decode()}).encode()
    found = read_push(headers, body, "main")
    assert isinstance(found, Push)
    assert found.commit == COMMIT


def test_a_ping_and_other_events_need_no_body() -> None:
    assert read_push({"x-github-event": "ping"}, b"", "main") == Ignored(why="pong", ping=True)
    found = read_push({"x-github-event": "issues\x00"}, b"", "main")
    assert found == Ignored(why="ignored: the event is issues, not a push")
    assert isinstance(read_push({}, b"", "main"), Ignored)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"ref": "refs/heads/maintenance"}, "the push is to maintenance, not to main"),
        ({"ref": "refs/heads/x/main"}, "the push is to x/main, not to main"),
        ({"ref": "refs/tags/main"}, "refs/tags/main is no branch"),
        ({"after": "0" * 64}, "main was deleted"),
    ],
)
def test_what_is_no_push_to_the_branch_is_ignored(told: dict[str, str], why: str) -> None:
    body = json.dumps({"ref": "refs/heads/main", "after": COMMIT} | told).encode()
    found = read_push({"x-github-event": "push"}, body, "main")
    assert found == Ignored(why=f"ignored: {why}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b'{"ref": "refs/heads/main"}',
        b'{"ref": 1, "after": 2}',
        b'{"ref": "refs/heads/main", "after": "$(reboot)"}',
    ],
)
def test_a_body_that_is_no_push_is_told(body: bytes) -> None:
    with pytest.raises(PushError):
        read_push({"x-github-event": "push"}, body, "main")
