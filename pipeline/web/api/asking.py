"""`POST /api/v1/issues` and `/api/v1/builds`: ask for a run, and be told where to follow it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Request, Response

from pipeline.core.idempotency import PATTERN, read_key, slot_of
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.token import Scope
from pipeline.web.api.guard import BEARER, guarded
from pipeline.web.api.shapes import BuildWish, IssueWish, ProblemShape, RunShape, shape_of
from pipeline.web.problems import PROBLEM, ProblemError

if TYPE_CHECKING:
    from pipeline.core.token import AccessToken
    from pipeline.web.api.guard import Guard
    from pipeline.web.context import Context

REPLAYED = "Idempotent-Replayed"
KNOWN_MOST = 50
"""Newsletters that a problem names."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Of your choice, up to 255 characters: the same request with the same key "
        "is one run, however often it is sent.",
        json_schema_extra={"pattern": PATTERN},
    ),
]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an endpoint, for the API's document."""
    content = {PROBLEM: {"schema": ProblemShape.model_json_schema()}}
    return {status: {"description": "Refused", "content": content} for status in statuses}


BOUNDS = problems(408, 413, 414)
"""What the door refuses of any request that brings a body."""

REFUSALS = problems(400, 401, 403, 415, 422, 429, 503) | BOUNDS
TAKEN: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "The run, which waits or is under way",
        "headers": {
            "Location": {"description": "The run.", "schema": {"type": "string"}},
            REPLAYED: {
                "description": "`true` where an earlier request with the same key made it.",
                "schema": {"type": "string"},
            },
        },
    }
}


def routers(context: Context, guard: Guard) -> tuple[APIRouter, APIRouter]:
    """Those for issues and for builds: each has a scope of its own."""
    return _issues(context, guard), _builds(context, guard)


def _issues(context: Context, guard: Guard) -> APIRouter:
    router = APIRouter(
        prefix="/api/v1",
        route_class=guarded(guard, Scope.ISSUE),
        dependencies=[Depends(BEARER)],
        redirect_slashes=False,
    )

    @router.post(
        "/issues",
        status_code=202,
        response_model=RunShape,
        responses=TAKEN | REFUSALS,
        operation_id="draftIssue",
    )
    def draft_issue(
        request: Request, response: Response, wish: IssueWish, key: Key = None
    ) -> RunShape:
        """Draft an issue; an editor reviews and releases it."""
        subject = _newsletter(context, wish.newsletter)
        asked = wish.model_dump(mode="json", exclude_defaults=True)
        run, new = _ask(context, request, Flow.DRAFT, subject, wish=asked, key=key)
        return _answer(request, response, run, new=new)

    return router


def _builds(context: Context, guard: Guard) -> APIRouter:
    router = APIRouter(
        prefix="/api/v1",
        route_class=guarded(guard, Scope.BUILD),
        dependencies=[Depends(BEARER)],
        redirect_slashes=False,
    )

    @router.post(
        "/builds",
        status_code=202,
        response_model=RunShape,
        responses=TAKEN | REFUSALS,
        operation_id="build",
    )
    def build(
        request: Request,
        response: Response,
        wish: Annotated[BuildWish | None, Body()] = None,
        key: Key = None,
    ) -> RunShape:
        """Bring the output up to date."""
        del wish
        waiting = waits(context, Flow.BUILD) if key is None else None
        if waiting is not None:
            return _answer(request, response, waiting, new=True)
        run, new = _ask(context, request, Flow.BUILD, "", wish={}, key=key)
        return _answer(request, response, run, new=new)

    return router


def waits(context: Context, flow: Flow) -> Run | None:
    """A run of that flow, for this machine, that nobody began: a second one would find nothing."""
    now = context.now()
    for run in context.store.runs.open():
        here = run.flow is flow and run.place == context.place
        if here and run.state is RunState.QUEUED and run.due <= now:
            return run
    return None


def _ask(
    context: Context,
    request: Request,
    flow: Flow,
    subject: str,
    *,
    wish: dict[str, Any],
    key: str | None,
) -> tuple[Run, bool]:
    """The run that is asked for, and whether it is new. Raises ProblemError, StoreError."""
    token: AccessToken = request.state.token
    now = context.now()
    asked = {**wish, "token": token.name}
    run = Run(
        flow=flow,
        slot=_slot(token, key),
        subject=subject,
        place=context.place if flow is Flow.BUILD else "",
        origin=Origin.EDITOR,
        due=now,
        asked=asked,
        created=now,
    )
    kept, new = context.store.runs.add(run)
    if not new and dict(kept.asked) != asked:
        detail = "This Idempotency-Key was used for another request: take a new one."
        raise ProblemError(422, detail)
    if not kept.is_over:
        context.wake()
    return kept, new


def _slot(token: AccessToken, key: str | None) -> str:
    if key is None:
        return f"asked {secrets.token_hex(16)}"
    try:
        return slot_of(token.id, read_key(key))
    except ValueError as error:
        raise ProblemError(400, f"Idempotency-Key: {error}.") from error


def _newsletter(context: Context, key: str | None) -> str:
    """The key of the newsletter that is meant. Raises ProblemError, which names the known ones."""
    known = [newsletter.key for newsletter in context.newsroom().newsletters]
    if key in known:
        return str(key)
    if key is None and len(known) == 1:
        return known[0]
    wrong = "unknown newsletter" if key is not None else "needed: there are several newsletters"
    if not known:
        wrong = "this newsroom has no newsletter"
    raise ProblemError(
        422,
        "The newsletter is not one of this newsroom's; see known.",
        errors=[{"pointer": "#/newsletter", "detail": wrong}],
        known=known[:KNOWN_MOST],
    )


def _answer(request: Request, response: Response, run: Run, *, new: bool) -> RunShape:
    shape = shape_of(run, request.scope.get("root_path", ""))
    response.headers["Location"] = shape.links.self
    response.headers["Cache-Control"] = "no-store"
    if not new:
        response.headers[REPLAYED] = "true"
    return shape
