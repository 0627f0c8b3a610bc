"""The API to be asked: a newsroom on disk, runs and tokens in memory, a clock set by hand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from httpx import ASGITransport, AsyncClient

from pipeline.content.reader import ContentFolder
from pipeline.core.run import Flow, Origin, Run
from pipeline.core.token import PREFIX, AccessToken, Scope, hashed
from pipeline.store.memory import MemoryStore
from pipeline.web.application import make_application
from pipeline.web.context import Context
from tests.front_door import BASE, BEGAN, KEYS
from tests.newsrooms import app_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from httpx import Response

    from pipeline.store.opening import Store

SECRET = "what the forge signs with"  # a made-up one
JSON = {"content-type": "application/json"}
PROBLEM = "application/problem+json"


async def _no_rest(seconds: float) -> None:
    del seconds


@dataclass
class ApiDesk:
    """The application over a store in memory; `now` and `steady` are moved by hand."""

    root: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    now: datetime = BEGAN
    steady: float = 0.0
    woken: int = 0
    ending: bool = False
    rest: Callable[[float], Awaitable[None]] = _no_rest
    variables: Mapping[str, str] = field(default_factory=dict)
    at: str = ""  # the path that the newsroom is at

    def __post_init__(self) -> None:
        variables: dict[str, Any] = {"ENEWS_WEBHOOK_SECRET": SECRET, **self.variables}
        app = app_in(self.root, **variables)
        context = Context(
            app=app,
            store=cast("Store", self.store),
            newsroom=lambda: ContentFolder(app.settings.folders.content).newsroom(),
            keys=KEYS,
            now=lambda: self.now,
            wake=self._wake,
            place="here",
            ending=lambda: self.ending,
        )
        self.application = make_application(context, steady=lambda: self.steady, rest=self._rest)

    async def _rest(self, seconds: float) -> None:
        await self.rest(seconds)

    def _wake(self) -> None:
        self.woken += 1

    def token(self, *scopes: Scope, name: str = "ci", **changes: Any) -> str:
        """A new one, as it is shown once."""
        text = f"{PREFIX}{name}"
        values: dict[str, Any] = {
            "hash": hashed(text),
            "scopes": frozenset(scopes),
            "created": self.now,
        }
        self.store.tokens.add(AccessToken(name=name, **(values | changes)))
        return text

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: bytes = b"",
        client: str = "192.0.2.1",
        **headers: str,
    ) -> Response:
        """One request, without a server between; `_` in a header's name stands for `-`."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            fields["authorization"] = f"Bearer {token}"

        async def asked() -> Response:
            transport = ASGITransport(
                self.application,
                raise_app_exceptions=False,
                root_path=self.at,
                client=(client, 123),
            )
            async with AsyncClient(transport=transport, base_url=BASE) as one:
                return await one.request(method, f"{self.at}{path}", headers=fields, content=body)

        return asyncio.run(asked())

    def get(self, path: str, token: str = "", **headers: Any) -> Response:
        return self.ask("GET", path, token=token, **headers)

    def post(self, path: str, token: str = "", wish: object = None, **headers: Any) -> Response:
        """JSON; nothing where `wish` is None."""
        body = b"" if wish is None else json.dumps(wish).encode()
        return self.ask("POST", path, token=token, body=body, **JSON, **headers)

    def runs(self) -> list[Run]:
        """All of them, oldest first."""
        return list(reversed(self.store.runs.latest(1000)))

    def add(self, slot: str = "one", flow: Flow = Flow.BUILD, /, **changes: Any) -> Run:
        """A run, queued."""
        values: dict[str, Any] = {"origin": Origin.CLOCK, "due": self.now, "created": self.now}
        return self.store.runs.add(Run(flow=flow, slot=slot, **(values | changes)))[0]

    def state(self) -> object:
        """All that a request could change, to be compared."""
        return self.runs(), self.store.tokens.all(), dict(self.store.notices.counts()), self.woken


def refused(response: Response, status: int) -> dict[str, Any]:
    """The problem that an answer is; asserts its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    found: dict[str, Any] = response.json()
    assert list(found)[:5] == ["type", "title", "status", "detail", "instance"]
    assert found["status"] == status
    return found
