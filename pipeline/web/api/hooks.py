"""`POST /api/v1/hooks/push`: a git forge tells of a push; what was pushed is pulled and built."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from pipeline.core.push import Ignored, Push, PushError, is_from_forge, read_push
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.web.api.asking import BOUNDS, problems, waits
from pipeline.web.api.shapes import HookShape, shape_of
from pipeline.web.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.web.api.guard import Guard
    from pipeline.web.context import Context

AGAIN_MOST = 20
"""How often one delivery is tried again that failed, each time that somebody sends it again."""

SIGNED = {
    "parameters": [
        {
            "name": "X-Hub-Signature-256",
            "in": "header",
            "description": "`sha256=` and the HMAC of the body; X-Gitea-Signature, "
            "X-Forgejo-Signature (the HMAC alone) and X-Gitlab-Token (the secret) do as well.",
            "schema": {"type": "string", "pattern": "^[ -~]*$"},
        }
    ],
    "requestBody": {
        "description": "What the forge says of a push.",
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Nothing to do, and why", "model": HookShape},
    202: {"description": "The run that pulls", "model": HookShape},
}


def router(context: Context, guard: Guard) -> APIRouter:
    """The webhook; without a secret in ENEWS_WEBHOOK_SECRET it is not there."""
    routes = APIRouter(prefix="/api/v1", redirect_slashes=False)

    @routes.post(
        "/hooks/push",
        responses=ANSWERS | problems(400, 403, 404, 429, 503) | BOUNDS,
        operation_id="push",
        openapi_extra=SIGNED,
    )
    async def push(request: Request) -> Response:
        """For a git forge: somebody pushed."""
        body = await request.body()
        return await run_in_threadpool(partial(_heard, context, guard, request, body))

    return routes


def _heard(context: Context, guard: Guard, request: Request, body: bytes) -> Response:
    settings = context.app.settings
    if not settings.webhook_secret:
        raise ProblemError(404, "There is no webhook here: ENEWS_WEBHOOK_SECRET is not set.")
    headers: Mapping[str, str] = request.headers
    if not is_from_forge(settings.webhook_secret, headers, body):
        detail = "The signature does not fit: the forge and this newsroom need the same secret."
        raise guard.refusal(request, ProblemError(403, detail))
    try:
        told = read_push(headers, body, settings.webhook_branch)
    except PushError as error:
        raise ProblemError(400, f"That is no push: {error}.") from error
    if isinstance(told, Ignored):
        return _answer(HookShape(detail=told.why), 200)
    run = _pull(context, told)
    if not run.is_over:
        context.wake()
    shape = shape_of(run, request.scope.get("root_path", ""))
    said = "its run is over" if run.is_over else "it is pulled and built"
    return _answer(HookShape(detail=f"{told.branch} at {told.commit[:12]}: {said}", run=shape), 202)


def _answer(shape: HookShape, status: int) -> Response:
    data = shape.model_dump(mode="json", exclude=None if shape.run else {"run"})
    return JSONResponse(data, status, {"Cache-Control": "no-store"})


def _pull(context: Context, push: Push) -> Run:
    """The run of a push; of one that is told again, the same, unless that failed.

    A pull that nobody began brings this push, too.
    """
    now = context.now()
    waiting = waits(context, Flow.PULL)
    if waiting is not None:
        return waiting
    slot = push.slot
    for _ in range(AGAIN_MOST):
        run, new = context.store.runs.add(
            Run(
                flow=Flow.PULL,
                slot=slot,
                place=context.place,
                origin=Origin.HOOK,
                due=now,
                asked={"branch": push.branch, "commit": push.commit},
                created=now,
            )
        )
        if new or run.state not in (RunState.FAILED, RunState.MISSED):
            break
        slot = f"{push.slot} after {run.id}"
    return run
