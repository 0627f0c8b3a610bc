"""The API against its own document: schemathesis asks for what it allows, and does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from pipeline.core.run import Flow
from pipeline.core.token import Scope
from tests.api_desk import ApiDesk
from tests.front_door import ONE_NEWSLETTER, write_room

if TYPE_CHECKING:
    from pathlib import Path

QUIET = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
]
FEW = settings(
    max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=QUIET
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> ApiDesk:
    root: Path = tmp_path_factory.mktemp("newsroom")
    write_room(root, ONE_NEWSLETTER)
    desk = ApiDesk(root)
    run = desk.add()
    desk.store.runs.take(desk.now, [Flow.BUILD])
    desk.store.runs.say(run.id, "building")
    desk.ending = True  # streams end after what they have at hand
    return desk


@pytest.fixture(scope="module")
def document(desk: ApiDesk) -> Any:
    return schemathesis.openapi.from_asgi("/api/openapi.json", desk.application)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/issues"),
        ("POST", "/api/v1/builds"),
        ("POST", "/api/v1/hooks/push"),
        ("GET", "/api/v1/runs"),
        ("GET", "/api/v1/runs/{id}"),
        ("GET", "/api/v1/runs/{id}/events"),
    ],
)
def test_the_api_is_as_it_says(
    document: Any, desk: ApiDesk, method: str, path: str, mode: GenerationMode
) -> None:
    @FEW
    @given(case=document[path][method].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        desk.steady += 3600
        if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
            case.body.pop("newsletter", None)  # the document does not know which there are
        # One each: a key that came before with another wish is refused, and rightly.
        token = desk.token(Scope.BUILD, Scope.ISSUE, name=f"t{len(desk.store.tokens.all())}")
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    ask()


def test_every_path_of_the_document_is_asked_for(document: Any) -> None:
    assert len(list(document.get_all_operations())) == 6
