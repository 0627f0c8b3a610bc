"""Problem details, as RFC 9457 has them."""

from __future__ import annotations

import json

from pipeline.web.problems import ERRORS_MOST, problem, problem_body, reasons


def test_a_problem_has_the_members_of_the_rfc() -> None:
    body = json.loads(problem_body(422, "No.", "/api/é", {"known": ["a"]}))
    assert body == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "No.",
        "instance": "/api/é",
        "known": ["a"],
    }


def test_a_problem_is_not_kept() -> None:
    answer = problem(429, "Later.", "/api/", headers={"Retry-After": "3"})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/problem+json"


def test_reasons_point_at_what_is_wrong_and_do_not_repeat_it() -> None:
    found = reasons(
        [
            {"type": "x", "loc": ("body", "a/~ b", 0), "msg": "one", "input": "secret"},
            {"type": "x", "loc": ("body",), "msg": "two", "input": "secret"},
            {"type": "x", "loc": ("query", "limit"), "msg": "three", "input": "secret"},
            {"type": "json_invalid", "loc": ("body", 3), "msg": "four", "input": "secret"},
        ]
    )
    assert found == [
        {"pointer": "#/a~1~0%20b/0", "detail": "one"},
        {"pointer": "#", "detail": "two"},
        {"parameter": "limit", "detail": "three"},
        {"pointer": "#", "detail": "not JSON, at character 3"},
    ]


def test_not_every_reason_of_many_is_listed() -> None:
    one = {"type": "x", "loc": ("body", "a"), "msg": "no"}
    assert len(reasons([one] * 1000)) == ERRORS_MOST


def test_a_name_with_half_a_character_is_a_pointer_too() -> None:
    (found,) = reasons([{"type": "x", "loc": ("body", "\ud800"), "msg": "no"}])
    assert found["pointer"].startswith("#/")
