"""docs/api.md: its commands do what they are said to do, and it names all that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pipeline.core.run import Flow, RunState
from pipeline.core.token import Scope
from tests.api_desk import SECRET, ApiDesk
from tests.front_door import BASE, write_room

if TYPE_CHECKING:
    from httpx import Response

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def desk(tmp_path: Path) -> ApiDesk:
    write_room(tmp_path)
    desk = ApiDesk(tmp_path)
    desk.token(Scope.BUILD, Scope.ISSUE)
    run = desk.add()
    desk.store.runs.take(desk.now, [Flow.BUILD])
    desk.store.runs.end(run.id, RunState.DONE, "nothing changed", {}, desk.now)
    return desk


def curl(desk: ApiDesk, command: str) -> Response:
    """What curl would do with these arguments."""
    for name, value in {"\\\n": " ", "$TOKEN": "enews_ci", "$ENEWS_WEBHOOK_SECRET": SECRET}.items():
        command = command.replace(name, value)
    words = iter(shlex.split(command))
    assert next(words) == "curl"
    method, body, url, headers = "GET", "", "", {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-d":
            body = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name.lower()] = value
        elif word != "-N":
            url = word
    assert url.startswith(f"{BASE}/")
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return desk.ask(method, path, body=body.encode(), **headers)


def test_there_are_commands() -> None:
    assert len(BLOCKS) == 7


@pytest.mark.parametrize("command", BLOCKS)
def test_a_command_works(desk: ApiDesk, command: str) -> None:
    answer = curl(desk, command)
    assert answer.is_success, answer.text
    assert answer.status_code == (202 if "-X POST" in command and "ping" not in command else 200)


def test_every_path_and_status_is_documented(desk: ApiDesk) -> None:
    document = desk.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        assert path in TEXT
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}" in TEXT or path == "/api/v1/runs/{id}"
            for status in operation["responses"]:
                assert re.search(rf"\b{status}\b", TEXT)


def test_every_key_of_a_wish_and_of_a_run_is_documented(desk: ApiDesk) -> None:
    shapes = desk.get("/api/openapi.json").json()["components"]["schemas"]
    for key in shapes["IssueWish"]["properties"]:
        assert f"| `{key}` |" in TEXT
    for key in shapes["RunShape"]["properties"]:
        assert f'"{key}"' in TEXT
    for state in shapes["RunState"]["enum"]:
        assert f"| `{state}` |" in TEXT
    for flow in shapes["Flow"]["enum"]:
        assert f"`{flow}`" in TEXT
