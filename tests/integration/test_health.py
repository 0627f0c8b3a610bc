"""What machines are told of the service: lives, works, and its figures, to whom they concern."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from pipeline.core.delivery import DeliveryState, Settled
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.notice import Notice, NoticeKind
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.core.token import AccessToken, Scope, hashed
from pipeline.store.figures import figures
from pipeline.store.opening import open_store
from pipeline.web.context import Context
from pipeline.web.health import BEAT_MOST, router
from pipeline.web.metrics import FRESH, Counts, Stored
from tests.asking import ask, scope_of
from tests.databases import postgresql_url
from tests.newsrooms import app_in, put
from tests.people import AT, begin, crowd, deferred, sent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.core.newsroom import Newsroom
    from pipeline.store.opening import Store

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
TOKEN = "enews_" + "t" * 40
HERE = ("127.0.0.1", 5000)
THERE = ("192.0.2.7", 5000)


def mailing(issue: str, state: MailingState, *, outbox: bool = False) -> Mailing:
    return Mailing(
        issue=issue, newsletter="letter", digest="d", state=state, created=NOW, begins=NOW,
        since=NOW - timedelta(minutes=10), outbox=outbox,
    )  # fmt: skip


def fill(store: Store) -> None:
    """Two mailings, one of them half-way, and a rehearsal."""
    store.ledger.create(mailing("letter/2026-02", MailingState.FINISHED), [])
    store.ledger.create(mailing("letter/2026-03", MailingState.RUNNING), range(1, 11))
    store.ledger.create(mailing("letter/2026-04", MailingState.RUNNING, outbox=True), [1, 2])


@dataclass
class Front:
    """The routes over a store, and what decides their answers."""

    store: Store
    root: Path
    app: FastAPI
    counts: Counts
    beat: float = 0.0

    def ask(
        self, path: str, *, peer: tuple[str, int] = THERE, method: str = "GET", **headers: str
    ) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def asked() -> httpx.Response:
            wire = httpx.ASGITransport(self.app, client=peer)
            async with httpx.AsyncClient(transport=wire, base_url="http://localhost") as client:
                return await client.request(method, path, headers=named)

        answer = asyncio.run(asked())
        return answer.status_code, answer.text


def _never() -> Newsroom:
    raise AssertionError("not asked for")


@contextmanager
def front(root: Path) -> Iterator[Front]:
    put(root, "newsroom.toml", "")
    with open_store("", root / "ledger.sqlite") as store:
        context = Context(
            app=app_in(root), store=store, newsroom=_never, keys=(), now=lambda: NOW,
            wake=lambda: None,
        )  # fmt: skip
        app, counts = FastAPI(openapi_url=None), Counts()
        found = Front(store, root, app, counts)
        app.include_router(router(context, beat=lambda: found.beat, counts=counts))
        yield found


def values(text: str) -> dict[str, float]:
    """`name{label=value}` of each figure."""
    return {
        f"{sample.name}{{{','.join(sample.labels.values())}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_lives_and_works(tmp_path: Path) -> None:
    with front(tmp_path) as at:
        assert at.ask("/healthz") == (200, "ok\n")
        assert at.ask("/healthz", method="HEAD") == (200, "")
        assert at.ask("/readyz") == (503, "store: ok\noutput: no\nloop: ok\n")
        (tmp_path / "output").mkdir(exist_ok=True)
        (tmp_path / "output/index.html").touch()
        assert at.ask("/readyz") == (200, "store: ok\noutput: ok\nloop: ok\n")
        at.beat = BEAT_MOST
        assert at.ask("/readyz")[0] == 503
        at.beat = 0.0
        at.store.database.close()
        (tmp_path / "ledger.sqlite").unlink()
        (tmp_path / "ledger.sqlite").mkdir()
        assert at.ask("/readyz") == (503, "store: no\noutput: ok\nloop: ok\n")
        assert at.ask("/healthz")[0] == 200
        assert values(at.ask("/metrics", peer=HERE)[1])["enews_store_up{}"] == 0
        (tmp_path / "ledger.sqlite").rmdir()


def test_figures_are_for_this_machine(tmp_path: Path) -> None:
    with front(tmp_path) as at:
        assert at.ask("/metrics", peer=HERE)[0] == 200
        assert at.ask("/metrics", peer=("::1", 1))[0] == 200
        assert at.ask("/metrics")[0] == 404
        assert at.ask("/metrics", peer=("testclient", 1))[0] == 404
        for header in ("x_forwarded_for", "forwarded", "via", "x_real_ip"):
            assert at.ask("/metrics", peer=HERE, **{header: "127.0.0.1"})[0] == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LocalHost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("[::1]", 200),
        ("news.example.org", 404),
        ("news.example.org:443", 404),
        ("localhost.example.org", 404),
        ("localhost:x", 404),
        ("127.0.0.1:8000@news.example.org", 404),
        ("", 404),
    ],
)
def test_who_calls_it_by_another_name_is_elsewhere(tmp_path: Path, host: str, status: int) -> None:
    with front(tmp_path) as at:
        assert at.ask("/metrics", peer=HERE, host=host)[0] == status
        assert at.ask("/healthz", peer=HERE, host=host)[0] == 200


def test_a_proxy_of_long_ago_is_elsewhere(tmp_path: Path) -> None:
    headers = {"host": "127.0.0.1:8000"}
    with front(tmp_path) as at:
        for version, status in (("1.1", 200), ("1.0", 404)):
            scope = scope_of("/metrics", headers=headers, client=HERE, http_version=version)
            assert ask(at.app, scope).status == status


def test_figures_are_for_who_has_a_token(tmp_path: Path) -> None:
    good = AccessToken(
        name="monitor", hash=hashed(TOKEN), scopes=frozenset({Scope.METRICS}), created=NOW
    )
    with front(tmp_path) as at:
        assert at.ask("/metrics", authorization=f"Bearer {TOKEN}")[0] == 404
        kept = at.store.tokens.add(good)
        assert at.ask("/metrics", authorization=f"bearer {TOKEN}")[0] == 200
        assert at.store.tokens.all()[0].used is None
        assert at.ask("/metrics", authorization=f"Basic {TOKEN}")[0] == 404
        assert at.ask("/metrics", authorization="Bearer ")[0] == 404
        at.store.tokens.revoke(kept.id, NOW)
        assert at.ask("/metrics", authorization=f"Bearer {TOKEN}")[0] == 404
        other = replace(good, name="b", hash=hashed("b"), scopes=frozenset({Scope.BUILD}))
        at.store.tokens.add(other)
        assert at.ask("/metrics", authorization="Bearer b")[0] == 404


def test_the_figures(tmp_path: Path) -> None:
    run = Run(flow=Flow.BUILD, slot="1", origin=Origin.CLOCK, due=NOW, created=NOW)
    notice = Notice(kind=NoticeKind.OPERATORS, address="ada@example.org", created=NOW, due=NOW)
    with front(tmp_path) as at:
        fill(at.store)
        at.store.runs.add(run)
        taken = at.store.runs.take(NOW, [Flow.BUILD])
        assert taken is not None
        at.store.runs.end(taken.id, RunState.DONE, "", {}, NOW + timedelta(seconds=7))
        at.store.runs.add(replace(run, slot="2"))
        at.store.notices.add(notice, since=NOW, most=5)
        at.counts.reply(250)
        at.counts.reply(0)
        at.counts.run(Flow.BUILD, RunState.DONE)
        text = at.ask("/metrics", peer=HERE)[1]
    found = values(text)
    assert found["enews_deliveries{queued}"] == 10
    assert found["enews_deliveries{sent}"] == 0
    assert found["enews_mailing_deliveries{letter/2026-03,queued}"] == 10
    assert found["enews_mailings{running}"] == 1
    assert found["enews_queue_age_seconds{}"] == 600
    assert found["enews_run_seconds{build}"] == found["enews_build_seconds{}"] == 7
    assert found["enews_run_ended_timestamp_seconds{build,done}"] == NOW.timestamp() + 7
    assert found["enews_runs_waiting{}"] == 1
    assert found["enews_notices{waiting}"] == 1
    assert found["enews_subscribers{active}"] == 0
    assert found["enews_smtp_replies_total{2xx}"] == 1
    assert found["enews_smtp_replies_total{4xx}"] == 0
    assert found["enews_smtp_replies_total{none}"] == 1
    assert found["enews_runs_total{build,done}"] == 1
    assert found["enews_runs_total{draft,missed}"] == 0
    assert found["enews_store_up{}"] == 1
    assert any(name.startswith("enews_info{") for name in found)
    assert "letter/2026-02" not in text
    assert "_created" not in text
    assert "ada" not in text


def test_the_store_is_not_asked_at_each_look(tmp_path: Path) -> None:
    clock = [0.0]
    with open_store("", tmp_path / "ledger.sqlite") as store:
        context = Context(
            app=app_in(tmp_path), store=store, newsroom=_never, keys=(), now=lambda: NOW,
            wake=lambda: None,
        )  # fmt: skip
        stored = Stored(context, lambda: clock[0])
        first = list(stored.collect())
        fill(store)
        clock[0] = FRESH - 1
        assert list(stored.collect()) == first
        clock[0] = FRESH
        assert list(stored.collect()) != first


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_deliveries_are_counted_without_counting_what_is_sent(tmp_path: Path, kind: str) -> None:
    url = postgresql_url() if kind == "postgresql" else ""
    with open_store(url, tmp_path / "ledger.sqlite") as store:
        assert figures(store.database).oldest == 0.0
        run = begin(store, crowd(store, 10))
        store.ledger.enter("test")
        a, b, c, d = store.ledger.claim(run.id, 4, AT)
        store.ledger.mark([a.id, b.id, c.id], [])
        failed = Settled(c.id, DeliveryState.FAILED, AT, 550)
        store.ledger.mark([], [sent(a.id), deferred(b.id, AT, AT + 60), failed])
        store.ledger.mark([d.id], [])
        found = figures(store.database)
        rest = {"queued": 6, "deferred": 1, "failed": 1, "sending": 1, "sent": 1}
        assert found.deliveries == rest
        assert found.mailings == {"running": 1}
        assert found.under_way == {run.issue: rest}
        assert found.oldest == run.since.timestamp()
        for claim in store.ledger.claim(run.id, 10, AT):
            store.ledger.mark([], [Settled(claim.id, DeliveryState.FAILED, AT, 550)])
        assert figures(store.database).oldest == AT + 60
