"""The pages for subscribers, answered by the service's own web server while pictures are taken."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.core import links
from pipeline.core.links import Purpose
from pipeline.core.preferences import generation
from pipeline.core.subscriber import Change
from pipeline.core.subscription import Occasion, Wishes, enlist
from pipeline.journal import Journal
from pipeline.postroom import Postroom
from pipeline.web.application import make_application
from pipeline.web.context import Context
from pipeline.web.door import Door
from pipeline.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.app import App
    from pipeline.core.newsroom import Newsroom
    from pipeline.store.opening import Store

READER, NAME = "ada@example.org", "Ada Lovelace"
SINCE = datetime(2017, 7, 12, 9, tzinfo=UTC)


@contextmanager
def front_door(app: App, newsroom: Newsroom) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Where it answers, without a slash at the end, and the paths of its pages by name."""
    keys = Postroom(app).keys()
    with app.store(Journal().info) as store:
        context = Context(
            app=app, store=store, newsroom=lambda: newsroom, keys=keys, now=app.now, wake=_nobody
        )
        folder = app.settings.folders.output
        door = Door(make_application(context), folder=folder, base_url=newsroom.base_url)
        server = WebServer(door, listen_at="127.0.0.1:0")
        server.start()
        try:
            yield server.address, _paths(store, newsroom, keys)
        finally:
            server.stop(5)


def _paths(store: Store, newsroom: Newsroom, keys: Sequence[bytes]) -> dict[str, str]:
    wishes = Wishes(newsletters=frozenset({newsroom.newsletters[0].key}), name=NAME)
    change = enlist(READER, None, wishes, Occasion(at=SINCE, how="picture"))
    assert isinstance(change, Change)
    (reader,) = store.subscribers.save([change])
    mark = generation(store.subscribers.consents(reader.id))
    preferences = links.sign(keys[0], Purpose.PREFERENCES, reader.id, mark)
    leave = links.sign(keys[0], Purpose.UNSUBSCRIBE, reader.id, mark)
    return {
        "sign_up": "subscribe",
        "preferences": f"p/{preferences}",
        "leave": f"u/{leave}",
    }


def _nobody() -> None:
    """Nothing waits to be told."""
