"""`GET /api/v1/runs`: what the newsroom did, one run, and its progress as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from pipeline.core.token import Scope
from pipeline.web.api.asking import problems
from pipeline.web.api.events import answer_stream
from pipeline.web.api.guard import BEARER, guarded
from pipeline.web.api.shapes import RunShape, RunsShape, RunsWish, shape_of
from pipeline.web.problems import ProblemError

if TYPE_CHECKING:
    from pipeline.core.run import Run
    from pipeline.web.api.events import Streams
    from pipeline.web.api.guard import Guard
    from pipeline.web.context import Context

ID_MOST = 2**63 - 1
"""What a database holds as a whole number."""

Id = Annotated[int, Path(alias="id", ge=1, le=ID_MOST)]

REFUSALS = problems(401, 403, 414, 422, 429, 503)
EVENT = {
    "type": "object",
    "description": "Of each event.",
    "properties": {
        "event": {"enum": ["state", "progress"]},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`state` and `progress` events, each with the run as JSON; the last one "
        "is of a final state.",
        "content": {"text/event-stream": {"schema": EVENT}},
    },
    204: {"description": "Nothing is to come after the event that Last-Event-ID names."},
}


def router(context: Context, guard: Guard, streams: Streams) -> APIRouter:
    """For tokens of either scope."""
    routes = APIRouter(
        prefix="/api/v1",
        route_class=guarded(guard, Scope.BUILD, Scope.ISSUE),
        dependencies=[Depends(BEARER)],
        redirect_slashes=False,
    )

    def list_runs(
        request: Request, response: Response, wish: Annotated[RunsWish, Query()]
    ) -> RunsShape:
        """The last runs, newest first."""
        found = context.store.runs.latest(wish.limit, flow=wish.flow)
        response.headers["Cache-Control"] = "no-store"
        return RunsShape(runs=[shape_of(run, _root(request)) for run in found])

    def get_run(request: Request, response: Response, run_id: Id) -> RunShape:
        """One run, as it is now."""
        response.headers["Cache-Control"] = "no-store"
        return shape_of(_run(context, run_id), _root(request))

    def follow_run(
        request: Request,
        run_id: Id,
        last: Annotated[str, Header(alias="Last-Event-ID", max_length=100)] = "",
    ) -> Response:
        """A run's states and what it says, as server-sent events until it is over."""
        run = _run(context, run_id)
        return answer_stream(streams, run, request, last)

    for path, endpoint, name, responses in (
        ("/runs", list_runs, "listRuns", REFUSALS),
        ("/runs/{id}", get_run, "getRun", REFUSALS | problems(404)),
        ("/runs/{id}/events", follow_run, "followRun", REFUSALS | problems(404) | STREAM),
    ):
        routes.add_api_route(
            path, endpoint, methods=["GET"], responses=responses, operation_id=name
        )
        routes.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
    return routes


def _run(context: Context, run: int) -> Run:
    found = context.store.runs.get(run)
    if found is None:
        detail = "There is no run of that number; old ones are forgotten after sixty days."
        raise ProblemError(404, detail)
    return found


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
