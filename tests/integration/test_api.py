"""The API as it is called: tokens, wishes, keys that make a request one run, and runs to follow."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.core.run import Flow, Origin, RunState
from pipeline.core.token import Scope
from pipeline.errors import StoreError
from pipeline.web.api.guard import ASKS, LOOKS, WRONG
from pipeline.web.api.shapes import DAY
from tests.api_desk import ApiDesk, refused
from tests.front_door import ONE_NEWSLETTER, write_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BOTH = (Scope.ISSUE, Scope.BUILD)


@pytest.fixture
def desk(tmp_path: Path) -> ApiDesk:
    write_room(tmp_path)
    return ApiDesk(tmp_path)


def test_an_issue_is_asked_for(desk: ApiDesk) -> None:
    token = desk.token(Scope.ISSUE)
    wish = {"newsletter": "letter", "on": "2017-07-01", "special": " On care ", "new": True}
    answer = desk.post("/api/v1/issues", token, wish)
    assert answer.status_code == 202
    (run,) = desk.runs()
    assert answer.headers["location"] == f"/api/v1/runs/{run.id}"
    assert (run.flow, run.subject, run.origin) == (Flow.DRAFT, "letter", Origin.EDITOR)
    assert run.asked == {
        "newsletter": "letter", "on": "2017-07-01", "special": "On care", "new": True,
        "token": "ci",
    }  # fmt: skip
    assert desk.woken == 1
    shape = answer.json()
    assert shape["state"] == "queued"
    assert shape["due"] == "2017-07-05T09:00:00Z"
    assert shape["links"] == {
        "self": f"/api/v1/runs/{run.id}", "events": f"/api/v1/runs/{run.id}/events",
    }  # fmt: skip


def test_a_newsletter_need_not_be_named_where_there_is_one(tmp_path: Path) -> None:
    write_room(tmp_path, ONE_NEWSLETTER)
    desk = ApiDesk(tmp_path)
    assert desk.post("/api/v1/issues", desk.token(Scope.ISSUE), {}).status_code == 202
    assert desk.runs()[0].subject == "letter"


@pytest.mark.parametrize("wish", [{}, {"newsletter": "lettre"}])
def test_an_unknown_newsletter_is_answered_with_those_there_are(
    desk: ApiDesk, wish: dict[str, str]
) -> None:
    found = refused(desk.post("/api/v1/issues", desk.token(Scope.ISSUE), wish), 422)
    assert found["known"] == ["letter", "yearbook"]
    assert found["errors"][0]["pointer"] == "#/newsletter"
    assert not desk.runs()


def test_a_build_is_asked_for(desk: ApiDesk) -> None:
    answer = desk.post("/api/v1/builds", desk.token(Scope.BUILD))
    assert answer.status_code == 202
    (run,) = desk.runs()
    assert (run.flow, run.place, run.due) == (Flow.BUILD, "here", desk.now)


def test_builds_that_wait_are_one(desk: ApiDesk) -> None:
    token = desk.token(Scope.BUILD)
    first = desk.post("/api/v1/builds", token, {})
    assert desk.post("/api/v1/builds", token, {}).json() == first.json()
    assert desk.store.runs.take(desk.now, [Flow.BUILD], "here") is not None
    later = desk.post("/api/v1/builds", token, {})
    assert later.json()["id"] != first.json()["id"]


def test_a_build_elsewhere_is_another_one(desk: ApiDesk) -> None:
    desk.add(place="there")
    desk.post("/api/v1/builds", desk.token(Scope.BUILD))
    assert [run.place for run in desk.runs()] == ["there", "here"]


@pytest.mark.parametrize("key", ['"8e03978e-40d5"', "8e03978e-40d5"])
def test_the_same_key_is_the_same_run(desk: ApiDesk, key: str) -> None:
    token, wish = desk.token(Scope.ISSUE), {"newsletter": "letter"}
    first = desk.post("/api/v1/issues", token, wish, idempotency_key=key)
    again = desk.post("/api/v1/issues", token, wish, idempotency_key='"8e03978e-40d5"')
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(desk.runs()) == 1


def test_a_key_is_remembered_by_another_process_and_after_the_run(desk: ApiDesk) -> None:
    token = desk.token(Scope.BUILD)
    first = desk.post("/api/v1/builds", token, {}, idempotency_key='"a"').json()
    run = desk.store.runs.take(desk.now, list(Flow), "here")
    assert run is not None
    desk.store.runs.end(run.id, RunState.DONE, "nothing changed", {}, desk.now)
    desk = ApiDesk(desk.root, store=desk.store)
    again = desk.post("/api/v1/builds", token, {}, idempotency_key='"a"').json()
    assert (again["id"], again["state"]) == (first["id"], "done")
    assert not desk.woken


def test_the_same_key_with_another_wish_is_refused(desk: ApiDesk) -> None:
    token = desk.token(Scope.ISSUE)
    desk.post("/api/v1/issues", token, {"newsletter": "letter"}, idempotency_key='"a"')
    other = desk.post("/api/v1/issues", token, {"newsletter": "yearbook"}, idempotency_key='"a"')
    assert "Idempotency-Key" in refused(other, 422)["detail"]
    assert len(desk.runs()) == 1


def test_a_key_is_that_of_what_is_asked_for(desk: ApiDesk) -> None:
    token = desk.token(*BOTH)
    first = desk.post("/api/v1/builds", token, {}, idempotency_key='"a"')
    other = desk.post("/api/v1/issues", token, {"newsletter": "letter"}, idempotency_key='"a"')
    assert (first.status_code, other.status_code) == (202, 202)
    assert [run.flow for run in desk.runs()] == [Flow.BUILD, Flow.DRAFT]


def test_what_the_door_refuses_is_in_the_document(desk: ApiDesk) -> None:
    document = desk.get("/api/openapi.json").json()
    posts = [ways["post"] for ways in document["paths"].values() if "post" in ways]
    assert len(posts) == 3
    for post in posts:
        assert {"408", "413", "414"} <= set(post["responses"])


def test_a_stream_ends_with_its_token(desk: ApiDesk) -> None:
    run = desk.add()
    token = desk.token(Scope.BUILD)

    async def rest(seconds: float) -> None:
        del seconds
        desk.store.tokens.revoke(1, desk.now)
        desk.store.runs.take(desk.now, [Flow.BUILD])

    desk.rest = rest
    path = f"/api/v1/runs/{run.id}/events"
    assert desk.get(path, token).text.count("event: ") == 1
    refused(desk.get(path, token), 401)


def test_a_key_is_its_tokens_own(desk: ApiDesk) -> None:
    for name in ("ci", "ann"):
        token = desk.token(Scope.ISSUE, name=name)
        desk.post("/api/v1/issues", token, {"newsletter": "letter"}, idempotency_key='"a"')
    assert len(desk.runs()) == 2


@pytest.mark.parametrize("key", ['""', '"a', "a b", '"' + "k" * 256 + '"'])
def test_a_key_that_is_none_is_refused(desk: ApiDesk, key: str) -> None:
    answer = desk.post("/api/v1/builds", desk.token(Scope.BUILD), {}, idempotency_key=key)
    assert refused(answer, 400)["detail"].startswith("Idempotency-Key: expected")


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"newsletter": "letter", "on": "2017-02-30"}, "#/on"),
        ({"newsletter": "letter", "new": "yes"}, "#/new"),
        ({"newsletter": "letter", "a/b~c é": 1}, "#/a~1b~0c%20%C3%A9"),
        ({"newsletter": "letter", "special": "two\nlines"}, "#/special"),
        ({"newsletter": "letter", "special": "x" * 201}, "#/special"),
        ({"newsletter": "letter", "special": "\ud800"}, "#/special"),
        ({"newsletter": "letter", "special": "On \u202ecare"}, "#/special"),
        ({"newsletter": "letter", "special": "On\u200bcare"}, "#/special"),
        ({"newsletter": "letter", "special": "\u2066care\u2069"}, "#/special"),
        ({"newsletter": "letter", "on": 1499817600}, "#/on"),
        ({"newsletter": "letter", "on": "1499817600"}, "#/on"),
        ({"newsletter": "letter", "on": "2017-07-12T00:00:00"}, "#/on"),
        ({"newsletter": "letter", "on": "2017-07-12\n"}, "#/on"),
        ({"newsletter": "letter", "on": "2017-7-12"}, "#/on"),
        ({"newsletter": "letter", "on": "\u0662\u0660\u0661\u0667-07-12"}, "#/on"),
        ({"newsletter": "letter", "on": "1969-12-31"}, "#/on"),
        ({"newsletter": "letter", "on": "2200-01-01"}, "#/on"),
        ([], "#"),
    ],
)
def test_what_is_wrong_with_a_wish_is_pointed_at(desk: ApiDesk, wish: Any, pointer: str) -> None:
    found = refused(desk.post("/api/v1/issues", desk.token(Scope.ISSUE), wish), 422)
    assert [error["pointer"] for error in found["errors"]] == [pointer]
    assert not desk.runs()


@pytest.mark.parametrize(
    "special",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "Soins\u00a0!",
        "\u0639\u0646 \u0627\u0644\u0631\u0639\u0627\u064a\u0629",
    ],
)
def test_a_title_may_be_in_any_script(desk: ApiDesk, special: str) -> None:
    wish = {"newsletter": "letter", "special": special}
    assert desk.post("/api/v1/issues", desk.token(Scope.ISSUE), wish).status_code == 202
    assert desk.runs()[0].asked["special"] == special


def test_a_day_is_one_that_there_is() -> None:
    known = re.compile(DAY)
    for year in range(1960, 2211):
        for month, day in itertools.product(range(1, 13), range(27, 33)):
            try:
                there = 1970 <= date(year, month, day).year <= 2199
            except ValueError:
                there = False
            assert bool(known.match(f"{year}-{month:02}-{day:02}")) is there


def test_what_is_no_json_is_refused(desk: ApiDesk) -> None:
    token = desk.token(Scope.ISSUE)
    path, kind = "/api/v1/issues", {"content-type": "application/json"}
    broken = desk.ask("POST", path, token=token, body=b'{"on": ', **kind)
    assert refused(broken, 422)["errors"] == [
        {"pointer": "#", "detail": "not JSON, at character 7"}
    ]
    refused(desk.ask("POST", path, token=token, body=b"[" * 20_000, **kind), 400)
    form = desk.ask("POST", path, token=token, body=b"newsletter=letter")
    assert refused(form, 415)["detail"].startswith("The body has to be application/json")


def test_nobody_asks_without_a_token(desk: ApiDesk) -> None:
    for method, path in (("POST", "/api/v1/issues"), ("GET", "/api/v1/runs")):
        answer = desk.ask(method, path, body=b"{", **{"content-type": "application/json"})
        refused(answer, 401)
        assert answer.headers["www-authenticate"] == 'Bearer realm="enews"'
    assert not desk.runs()


def test_a_token_that_is_over_is_not_good(desk: ApiDesk) -> None:
    token = desk.token(*BOTH, expires=desk.now + timedelta(days=1))
    assert desk.get("/api/v1/runs", token).status_code == 200
    desk.now += timedelta(days=1)
    assert "error" in desk.get("/api/v1/runs", token).headers["www-authenticate"]
    for text in ("enews_unknown", "ci", token.upper(), "enews_" + "x" * 300):
        refused(desk.get("/api/v1/runs", text), 401)
    revoked = desk.token(*BOTH, name="gone", revoked=desk.now)
    refused(desk.post("/api/v1/builds", revoked), 401)


def test_a_token_allows_its_scope_only(desk: ApiDesk) -> None:
    build = desk.token(Scope.BUILD)
    found = refused(desk.post("/api/v1/issues", build, {"newsletter": "letter"}), 403)
    assert found["detail"].endswith("the scope issue.")
    refused(desk.post("/api/v1/builds", desk.token(Scope.ISSUE, name="b")), 403)
    refused(desk.get("/api/v1/runs", desk.token(Scope.METRICS, name="c")), 403)
    assert not desk.runs()


def test_the_use_of_a_token_is_noted_where_something_changes(desk: ApiDesk) -> None:
    token = desk.token(*BOTH)
    desk.get("/api/v1/runs", token)
    assert desk.store.tokens.all()[0].used is None
    desk.post("/api/v1/builds", token)
    assert desk.store.tokens.all()[0].used == desk.now


def test_a_token_cannot_ask_for_ever(desk: ApiDesk) -> None:
    token = desk.token(*BOTH)
    answers = [desk.post("/api/v1/builds", token) for _ in range(ASKS.most + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {202}
    refused(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "2"
    assert desk.get("/api/v1/runs", token).status_code == 200
    assert LOOKS.most > ASKS.most
    desk.steady += ASKS.seconds
    assert desk.post("/api/v1/builds", token).status_code == 202


def test_a_client_cannot_try_tokens_for_ever(desk: ApiDesk) -> None:
    good = desk.token(*BOTH)
    for _ in range(WRONG.most):
        refused(desk.get("/api/v1/runs", "enews_no"), 401)
    refused(desk.get("/api/v1/runs", "enews_no"), 429)
    assert desk.get("/api/v1/runs", good).status_code == 200
    refused(desk.ask("GET", "/api/v1/runs", client="192.0.2.2"), 401)


def test_a_run_is_told(desk: ApiDesk) -> None:
    token = desk.token(Scope.BUILD)
    run = desk.add()
    desk.store.runs.take(desk.now, [Flow.BUILD])
    desk.store.runs.say(run.id, "building")
    desk.store.runs.end(run.id, RunState.FAILED, "no room", {"files": 3}, desk.now)
    answer = desk.get(f"/api/v1/runs/{run.id}", token)
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told | {"state": "failed", "reason": "no room", "found": {"files": 3}} == told
    assert (told["began"], told["ended"]) == ("2017-07-05T09:00:00Z", "2017-07-05T09:00:00Z")
    refused(desk.get("/api/v1/runs/2", token), 404)
    refused(desk.get("/api/v1/runs/9223372036854775808", token), 422)
    head = desk.ask("HEAD", f"/api/v1/runs/{run.id}", token=token)
    assert (head.status_code, head.headers["content-length"]) == (
        200, answer.headers["content-length"],
    )  # fmt: skip


def test_runs_are_listed(desk: ApiDesk) -> None:
    token = desk.token(Scope.ISSUE)
    for slot in "abc":
        desk.add(slot)
    desk.add("d", Flow.BACKUP)
    listed = desk.get("/api/v1/runs?flow=build&limit=2", token).json()["runs"]
    assert [run["id"] for run in listed] == [3, 2]
    found = refused(desk.get("/api/v1/runs?limit=101&flow=x", token), 422)
    assert {error["parameter"] for error in found["errors"]} == {"limit", "flow"}


def test_a_run_is_followed_until_it_is_over(desk: ApiDesk) -> None:
    run = desk.add()
    runs = desk.store.runs
    steps: Iterator[Callable[[], object]] = iter(
        [
            lambda: runs.take(desk.now, [Flow.BUILD]),
            lambda: runs.say(run.id, "building"),
            lambda: runs.end(run.id, RunState.DONE, "3 files", {}, desk.now),
        ]
    )

    async def rest(seconds: float) -> None:
        assert seconds > 0
        next(steps)()

    desk.rest = rest
    token = desk.token(Scope.BUILD)
    path = f"/api/v1/runs/{run.id}/events"
    answer = desk.get(path, token)
    assert answer.headers["content-type"].startswith("text/event-stream")
    names = [line[7:] for line in answer.text.splitlines() if line.startswith("event: ")]
    assert names == ["state", "state", "progress", "state"]
    assert '"progress":"building"' in answer.text
    last = answer.text.rpartition("id: ")[2].partition("\n")[0]
    assert '"reason":"3 files"' in desk.get(path, token).text
    over = desk.get(path, token, last_event_id=last)
    assert (over.status_code, over.content) == (204, b"")
    assert desk.ask("HEAD", path, token=token).content == b""
    refused(desk.get("/api/v1/runs/99/events", token), 404)


def test_errors_of_the_api_are_problems_and_those_of_pages_are_pages(desk: ApiDesk) -> None:
    assert refused(desk.get("/api/v1/nothing"), 404)["instance"] == "/api/v1/nothing"
    answer = desk.ask("DELETE", "/api/v1/runs")
    refused(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"
    for method, path, status in (("GET", "/subscribe/x", 404), ("PUT", "/subscribe", 405)):
        page = desk.ask(method, path)
        assert page.status_code == status
        assert page.headers["content-type"].startswith("text/html")
    (desk.root / "output").mkdir()
    (desk.root / "output/404.html").write_text("<p>Not here</p>", encoding="utf-8")
    assert desk.get("/subscribe/x").text == "<p>Not here</p>"


def test_trouble_here_says_nothing_of_what_is_inside(
    desk: ApiDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = desk.token(Scope.BUILD)
    for error, status in ((StoreError("postgresql://a:b@db"), 503), (KeyError("secret"), 500)):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(desk.store.runs, "latest", fail)
        answer = desk.get("/api/v1/runs", token)
        refused(answer, status)
        assert "secret" not in answer.text
        assert "postgresql" not in answer.text


def test_paths_are_below_the_newsrooms_own(tmp_path: Path) -> None:
    write_room(tmp_path)
    desk = ApiDesk(tmp_path, at="/news")
    answer = desk.post("/api/v1/builds", desk.token(Scope.BUILD))
    assert answer.headers["location"] == "/news/api/v1/runs/1"
    assert refused(desk.get("/api/v1/x"), 404)["instance"] == "/news/api/v1/x"
    assert desk.get("/api/openapi.json").json()["servers"] == [{"url": "/news"}]
