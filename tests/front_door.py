"""A front door to knock at: a newsroom on disk, people in memory, a clock set by hand, a client."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from lxml import html as lxml_html

from pipeline.content.reader import ContentFolder
from pipeline.core import dated_link, links
from pipeline.core.dated_link import DatedLink
from pipeline.core.links import Purpose
from pipeline.core.preferences import generation
from pipeline.core.subscriber import Change, Consent, ConsentAction, Subscriber, SubscriberState
from pipeline.core.subscription import Occasion, correct, turns
from pipeline.store.memory import MemoryStore
from pipeline.web.context import Context
from pipeline.web.pages.routes import router
from tests.newsrooms import app_in, put
from tests.people import mailing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from httpx import Response

    from pipeline.core.notice import Notice
    from pipeline.store.opening import Store
    from pipeline.web.asgi import Application

BEGAN = datetime(2017, 7, 5, 9, tzinfo=UTC)
BASE = "https://news.example.org"
KEYS = (b"a key of this year, long enough to be one", b"the key of last year, long enough")
FORM = {"content-type": "application/x-www-form-urlencoded"}
NEWSROOM = """\
[newsroom]
title = "Small room"
description = "News of a small room"
base_url = "https://news.example.org"
language = "en"
timezone = "Europe/Zurich"
authority = "news.example.org,2016"
[kinds]
news = "News"
[subscribing]
open = true
[[newsletters]]
key = "letter"
title = "The letter"
sender = "Desk <desk@news.example.org>"
postal_address = "1200 Genève"
cadence = "last working day 09:00"
topics = true
languages = ["en", "fr", "ar"]
[newsletters.versions.fr]
title = "La lettre"
[[newsletters]]
key = "yearbook"
title = "The yearbook"
sender = "Desk <desk@news.example.org>"
postal_address = "1200 Genève"
cadence = "last working day 09:00"
"""
ONE_NEWSLETTER = NEWSROOM.partition('[[newsletters]]\nkey = "yearbook"')[0]


def write_room(root: Path, newsroom: str = NEWSROOM) -> Path:
    """Write a newsroom with two themes below `root`, which is given back."""
    put(root, "newsroom.toml", newsroom)
    put(root, "themes/care.md", "---\ntitle: Care & co\nsummary: All of it.\n---\nOn care.\n")
    put(root, "themes/youth.md", "---\ntitle: Youth\nsummary: ''\n---\nThe young.\n")
    return root


@dataclass
class Visitor:
    """The pages over a store in memory; `now` is moved by hand."""

    root: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    now: datetime = BEGAN
    woken: int = 0
    steady: Callable[[], float] = lambda: 0.0

    def __post_init__(self) -> None:
        app = app_in(self.root)
        context = Context(
            app=app,
            store=cast("Store", self.store),
            newsroom=lambda: ContentFolder(app.settings.folders.content).newsroom(),
            keys=KEYS,
            now=lambda: self.now,
            wake=self._wake,
        )
        application = FastAPI(openapi_url=None, redirect_slashes=False)
        application.include_router(router(context, steady=self.steady))
        self.application: Application = application

    def _wake(self) -> None:
        self.woken += 1

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        client: str = "192.0.2.1",
    ) -> Response:
        """One request, without a server between."""

        async def asked() -> Response:
            transport = ASGITransport(self.application, client=(client, 123))
            async with AsyncClient(transport=transport, base_url=BASE) as asking:
                return await asking.request(method, path, headers=dict(headers), content=body)

        # In a thread of its own: where a browser is driven, a loop runs in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(asked())).result()

    def get(self, path: str, **headers: str) -> Response:
        return self.ask("GET", path, headers)

    def post(self, path: str, /, **fields: str | list[str]) -> Response:
        """A form, filled in as given; `do` is its button."""
        return self.post_raw(path, urlencode(fields, doseq=True).encode())

    def post_raw(self, path: str, body: bytes, **headers: str) -> Response:
        return self.ask("POST", path, {**FORM, **headers}, body)

    def filled(self, path: str, /, **fields: str | list[str]) -> Response:
        """The form of a page, sent back by a person: with its token, after a while."""
        token = field_of(self.get(path), "form")
        self.now += timedelta(seconds=20)
        return self.post(path, form=token, **fields)

    def reader(self, name: str = "ada", /, **changes: object) -> Subscriber:
        """Somebody who gets The letter."""
        values: dict[str, object] = {
            "address": f"{name}@example.org",
            "newsletters": frozenset({"letter"}),
            "state": SubscriberState.ACTIVE,
            "since": self.now,
        }
        one = Subscriber(**(values | changes))  # type: ignore[arg-type]
        keys = " ".join(f"+{key}" for key in sorted(one.newsletters))
        line = Consent(at=self.now, action=ConsentAction.CONFIRMED, how="form", detail=keys)
        return self.store.subscribers.save([Change(subscriber=one, consent=line)])[0]

    def moves(self, one: Subscriber, address: str) -> None:
        """Their address is changed, a minute after all that was mailed; a minute goes by."""
        self.now += timedelta(minutes=1)
        change = correct(self.now_is(one), Occasion(at=self.now, how="test"), address=address)
        assert change is not None
        self.store.subscribers.save([change])
        self.now += timedelta(minutes=1)

    def now_is(self, one: Subscriber) -> Subscriber:
        """The same subscriber as kept now."""
        found = self.store.subscribers.get(one.id)
        assert found is not None
        return found

    def find(self, address: str) -> Subscriber | None:
        return self.store.subscribers.find([address]).get(address)

    def leaving(self, one: Subscriber | None, mailing: int = 0) -> str:
        """The path by which a letter lets its reader leave."""
        return f"/u/{links.sign(KEYS[0], Purpose.UNSUBSCRIBE, one.id if one else 0, mailing)}"

    def mailed(self, one: Subscriber, newsletter: str) -> str:
        """The same, of a letter of a newsletter's mailing."""
        made = mailing(f"{newsletter}/2017-06", newsletter=newsletter, begins=self.now)
        return self.leaving(one, self.store.ledger.create(made, [one.id]).id)

    def wishes(self, one: Subscriber | None, key: bytes = KEYS[0]) -> str:
        """The path of somebody's preferences."""
        if one is None:
            return f"/p/{links.sign(key, Purpose.PREFERENCES, 0, 0)}"
        made = generation(self.store.subscribers.consents(one.id))
        return f"/p/{links.sign(key, Purpose.PREFERENCES, one.id, made)}"

    def confirming(self, address: str) -> str:
        """The path that the mail after a sign-up leads to."""
        one = self.find(address)
        assert one is not None
        link = DatedLink(
            purpose=dated_link.Purpose.CONFIRM,
            subscriber=one.id,
            at=self.now,
            mark=turns(self.store.subscribers.consents(one.id)),
        )
        return f"/c/{dated_link.sign(KEYS[0], link)}"

    def notices(self) -> list[Notice]:
        """Those that wait, which are taken by that."""
        found = []
        while (notice := self.store.notices.take(self.now)) is not None:
            found.append(notice)
        return found

    def state(self) -> object:
        """All that is kept, to be compared."""
        people = list(self.store.subscribers.each())
        records = [self.store.subscribers.consents(one.id) for one in people]
        counts = dict(self.store.notices.counts())
        return people, records, counts, list(self.store.subscribers.suppressions())


def field_of(response: Response, name: str) -> str:
    """The value of a field of a page's form."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', response.text)
    assert found, response.text
    return found[1]


def tree(response: Response) -> lxml_html.HtmlElement:
    """A page, parsed."""
    return lxml_html.fromstring(response.content)


def heading(response: Response) -> str:
    return str(tree(response).xpath("string(//h1)")).strip()


def text(response: Response) -> str:
    """What stands on the page, below the masthead."""
    return " ".join(tree(response).xpath("string(//main)").split())
