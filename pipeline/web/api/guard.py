"""Who may ask: tokens, scopes, how often, and in which form; all of it before a body is read."""

from __future__ import annotations

import math
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from pipeline.core.rate import Rate, RateLimit, household
from pipeline.core.token import PREFIX, Scope, hashed
from pipeline.web.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine

    from starlette.requests import Request
    from starlette.responses import Response

    from pipeline.core.token import AccessToken
    from pipeline.web.context import Context

ASKS = Rate(most=30, seconds=2)
"""Of one token: what a script that goes through a list needs, and no loop that went wild."""
LOOKS = Rate(most=120, seconds=0.5)
"""Of one token: whoever follows runs by asking again looks twice a second."""
WRONG = Rate(most=20, seconds=30)
"""Of one client: requests without a good token, and pushes that are signed wrongly."""

TOKEN_MOST = 200
"""Characters of what may be a token."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="enews"'}
STALE = {"WWW-Authenticate": 'Bearer realm="enews", error="invalid_token"'}
JSON = "application/json"

BEARER = HTTPBearer(
    scheme_name="token",
    description="An access token, `enews_…`, as 'enews token create' shows it once.",
    auto_error=False,
)
"""For the API's document; `Guard` is what looks."""


class Guard:
    """One for the life of the web server; for several threads. `steady` never steps back."""

    def __init__(self, context: Context, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._steady = steady
        self._lock = threading.Lock()
        self._asks = RateLimit(ASKS)
        self._looks = RateLimit(LOOKS)
        self._wrong = RateLimit(WRONG)

    def admit(self, request: Request, scopes: Collection[Scope]) -> AccessToken:
        """The token of a request, good for one of `scopes`; raises ProblemError, StoreError.

        That it was used is noted where the request may change something: others change nothing.
        """
        token = self._found(request)
        now = self._context.now()
        if token is None or not token.is_good(now):
            raise self.refusal(request, self._unauthorized(request))
        if not any(token.allows(scope, now) for scope in scopes):
            names = " or ".join(scope.value for scope in scopes)
            raise ProblemError(403, f"This token does not allow that: it needs the scope {names}.")
        asks = request.method not in ("GET", "HEAD")
        self._slow_down(self._asks if asks else self._looks, str(token.id))
        if asks:
            self._context.store.tokens.use(token.id, now)
        return token

    def refusal(self, request: Request, problem: ProblemError) -> ProblemError:
        """A problem for who is not let in; another one where they try too often."""
        client = household(request.client.host) if request.client else ""
        try:
            self._slow_down(self._wrong, client)
        except ProblemError as error:
            return error
        return problem

    def _found(self, request: Request) -> AccessToken | None:
        """Looked up by its hash: how long that takes tells nothing of the token."""
        text = _bearer(request)
        if not text.startswith(PREFIX) or len(text) > TOKEN_MOST:
            return None
        return self._context.store.tokens.find(hashed(text))

    def _unauthorized(self, request: Request) -> ProblemError:
        if _bearer(request):
            detail = "This token is not good: unknown, revoked or over. See 'enews token list'."
            return ProblemError(401, detail, headers=STALE)
        detail = "A token is needed: Authorization: Bearer enews_…; see 'enews token create'."
        return ProblemError(401, detail, headers=CHALLENGE)

    def _slow_down(self, limit: RateLimit, who: str) -> None:
        """Raises ProblemError where somebody asks too often."""
        with self._lock:
            seconds = limit.wait(who, self._steady())
        if seconds:
            wait = math.ceil(seconds)
            detail = f"Too many requests; try again in {wait} s."
            raise ProblemError(429, detail, headers={"Retry-After": str(wait)})


def guarded(guard: Guard, *scopes: Scope) -> type[APIRoute]:
    """The class of routes for who has a token of one of `scopes`.

    FastAPI reads a body before it asks who sent it; this asks first. The endpoint finds the token
    in `request.state.token`.
    """

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """Let in first, then what FastAPI does."""
            handle = super().get_route_handler()

            async def admitted(request: Request) -> Response:
                admit = partial(guard.admit, request, scopes)
                request.state.token = await run_in_threadpool(admit)
                await expect_json(request)
                return await handle(request)

            return admitted

    return Guarded


async def expect_json(request: Request) -> None:
    """Raises ProblemError for a body of another type; none at all is fine."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON and request.method == "POST" and await request.body():
        detail = f"The body has to be {JSON}, and Content-Type has to say so."
        raise ProblemError(415, detail, headers={"Accept": JSON})


def _bearer(request: Request) -> str:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""
