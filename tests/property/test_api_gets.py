"""Whatever is asked of the API with GET or HEAD, nothing changes: scanners and prefetchers may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.run import Flow
from pipeline.core.token import Scope
from tests.api_desk import ApiDesk
from tests.front_door import write_room

if TYPE_CHECKING:
    from pathlib import Path

MACHINES = ("/healthz", "/readyz", "/metrics")  # they ask a database itself
TOKENS = ["", "enews_all", "enews_build", "enews_over", "enews_none", "Bearer"]
HEADERS = st.dictionaries(
    st.sampled_from(
        ["idempotency-key", "last-event-id", "x-github-event", "x-gitlab-token", "content-type"]
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
)
QUERIES = st.sampled_from(["", "?flow=build", "?limit=0", "?limit=1", "?new=true", "?_method=POST"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> ApiDesk:
    root: Path = tmp_path_factory.mktemp("newsroom")
    write_room(root)
    desk = ApiDesk(root, ending=True)
    desk.token(Scope.BUILD, Scope.ISSUE, name="all")
    desk.token(Scope.BUILD, name="build")
    desk.token(Scope.BUILD, Scope.ISSUE, name="over", revoked=desk.now)
    desk.add("one")
    desk.store.runs.take(desk.now, [Flow.BUILD])
    desk.add("two")
    return desk


@given(data=st.data(), method=st.sampled_from(["GET", "HEAD"]), headers=HEADERS, query=QUERIES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_to_look_changes_nothing(
    desk: ApiDesk, data: st.DataObject, method: str, headers: dict[str, Any], query: str
) -> None:
    paths = {route.path for route in iter_route_contexts(desk.application.routes) if route.path}
    path = data.draw(st.sampled_from(sorted(paths - set(MACHINES))))
    number = data.draw(st.sampled_from(["1", "2", "3", "0", "x", "9" * 30]))
    token = data.draw(st.sampled_from(TOKENS))
    path = path.replace("{id}", number).replace("{token}", number).replace("{token:path}", number)
    desk.steady += 3600
    before = desk.state()
    answer = desk.ask(method, path + query, token=token, **headers)
    assert answer.status_code < 500, answer.text
    assert desk.state() == before
    if method == "HEAD":
        assert not answer.content
