"""What a git forge says when somebody pushed: whether it is the forge, and what was pushed where.

GitHub, Gitea and Forgejo sign the body (HMAC-SHA256, hex); GitLab sends the secret itself. Nothing
of a body is read before that is checked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURES = ("x-hub-signature-256", "x-forgejo-signature", "x-gitea-signature")
"""Where the signature stands: `sha256=<hex>`, or the hex alone."""
SECRET = "x-gitlab-token"  # noqa: S105  # the name of a field
EVENTS = ("x-forgejo-event", "x-gitea-event", "x-github-event", "x-gitlab-event")
DELIVERIES = (
    "x-forgejo-delivery",
    "x-gitea-delivery",
    "x-github-delivery",
    "idempotency-key",  # GitLab's, the same when it tries again
    "x-gitlab-event-uuid",
)
PUSH = frozenset({"push", "push hook"})
PING = frozenset({"ping"})

HEADS = "refs/heads/"
NAME_MOST = 100
"""Characters of a branch or an event that an answer repeats."""

_DELIVERY = re.compile(r"[A-Za-z0-9._-]{8,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_GONE = re.compile(r"0+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A push to a branch: the commit it is at now; `slot` is the same when told of it again."""

    branch: str
    commit: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Nothing to do, and why; `ping` where the forge only tried whether somebody is there."""

    why: str
    ping: bool = False


class PushError(ValueError):
    """A body that is no push, although it is signed; the message says what is wrong."""


def is_from_forge(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """True where the body is signed with the secret, or comes with it.

    Takes as long for any wrong signature. Names of headers are in lower case.
    """
    if not secret:
        return False
    given = headers.get(SECRET)
    if given is not None:
        return hmac.compare_digest(given.encode(), secret.encode())
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    signed = [headers[name] for name in SIGNATURES if name in headers]
    fit = [hmac.compare_digest(one.removeprefix("sha256=").encode(), right) for one in signed]
    # Forges send the old names beside their own; one that does not fit is somebody else's doing.
    return bool(fit) and all(fit)


def read_push(headers: Mapping[str, str], body: bytes, branch: str) -> Push | Ignored:
    """What a forge says, where `branch` is the one that matters. Raises PushError."""
    event = next((headers[name] for name in EVENTS if name in headers), "").strip()
    if event.lower() in PING:
        return Ignored(why="pong", ping=True)
    if event.lower() not in PUSH:
        return Ignored(why=f"ignored: the event is {_shown(event) or 'not named'}, not a push")
    told = _document(headers, body)
    ref, commit = told.get("ref"), told.get("after")
    if not isinstance(ref, str) or not isinstance(commit, str):
        raise PushError("a push has ref and after, both texts")
    if not ref.startswith(HEADS):
        return Ignored(why=f"ignored: {_shown(ref)} is no branch")
    name = ref.removeprefix(HEADS)
    if name != branch:
        return Ignored(why=f"ignored: the push is to {_shown(name)}, not to {_shown(branch)}")
    if _GONE.fullmatch(commit):
        return Ignored(why=f"ignored: {_shown(name)} was deleted")
    if not _COMMIT.fullmatch(commit):
        raise PushError("after is not the name of a commit")
    return Push(branch=name, commit=commit, slot=_slot(headers, commit))


def _document(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """The body's JSON, which GitHub can also send as a field of a form."""
    try:
        text = body.decode()
        if headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            text = parse_qs(text, max_num_fields=10).get("payload", [""])[0]
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PushError("the body is not JSON") from error
    if not isinstance(found, dict):
        raise PushError("the body is no JSON object")
    return found


def _slot(headers: Mapping[str, str], commit: str) -> str:
    """The forge's own number of the delivery; the commit where it has none."""
    for name in DELIVERIES:
        if _DELIVERY.fullmatch(headers.get(name, "")):
            return f"delivery {headers[name].lower()}"
    return f"commit {commit}"


def _shown(text: str) -> str:
    return "".join(char for char in text[:NAME_MOST] if char.isprintable())
