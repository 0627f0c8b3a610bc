"""What went wrong, as problem details (RFC 9457): `application/problem+json`.

`type` is always `about:blank`: the status says what kind of problem it is, `detail` what to do
about this one. Where a request does not validate, `errors` lists every reason with a `pointer` into
the body (RFC 6901, as a fragment) or the name of a `parameter`.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

API = "/api/"
"""Below it problems are for programs; everywhere else they are for people."""

PROBLEM = "application/problem+json"
ERRORS_MOST = 20
"""Reasons that are listed."""


class ProblemError(Exception):
    """An endpoint refuses: `status`, `detail`, members of the problem beyond the usual, headers."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more


def problem(
    status: int,
    detail: str,
    instance: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """A problem as an answer; `instance` is the path that was asked for."""
    return Response(
        problem_body(status, detail, instance, more or {}),
        status,
        {"cache-control": "no-store", **(headers or {})},
        media_type=PROBLEM,
    )


def problem_body(status: int, detail: str, instance: str, more: Mapping[str, object]) -> bytes:
    """The members, in the order of RFC 9457."""
    members: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        **more,
    }
    return json.dumps(members, ensure_ascii=True).encode()


def reasons(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Why a request does not validate; never what was sent, which may be a secret."""
    return [_reason(error) for error in errors[:ERRORS_MOST]]


def _reason(error: Mapping[str, Any]) -> dict[str, str]:
    place, *path = error["loc"] or ("body",)
    detail = str(error["msg"])
    if error["type"] == "json_invalid":
        return {"pointer": "#", "detail": f"not JSON, at character {path[0] if path else 0}"}
    if place == "body":
        return {"pointer": "".join(["#", *map(_step, path)]), "detail": detail}
    return {"parameter": ".".join(map(str, path)), "detail": detail}


def _step(step: object) -> str:
    """A reference token of a JSON pointer; the names in it are a client's."""
    return "/" + quote(
        str(step)[:100].replace("~", "~0").replace("/", "~1"), safe="~", errors="replace"
    )
