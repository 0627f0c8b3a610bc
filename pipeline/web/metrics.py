"""The figures of `/metrics`, in the format of Prometheus.

What lasts is read from the store when asked for, at most every `FRESH` seconds; what is counted as
it happens (replies of mail servers, ends of runs) begins at 0 with the process, as counters do. No
label holds an address; of issues, only those of mailings that are not over are named.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily

import pipeline
from pipeline.core.delivery import DeliveryState
from pipeline.core.notice import NoticeState
from pipeline.core.run import Flow, RunState
from pipeline.core.subscriber import SubscriberState
from pipeline.errors import StoreError
from pipeline.store.figures import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prometheus_client.core import Metric

    from pipeline.core.run import Run
    from pipeline.web.context import Context

FRESH = 15.0
"""Seconds for which the store's figures are given again."""

LOOKED_AT = 20
"""Runs of a flow among which its last one that ended is looked for."""


class Counts:
    """What is counted while it happens; any thread may count."""

    def __init__(self) -> None:
        # When each counter began: as many lines again, of use to nobody.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # has no types
        self.registry = CollectorRegistry()
        self._replies = Counter(
            "enews_smtp_replies", "Replies of mail servers", ["class"], registry=self.registry
        )
        self._runs = Counter(
            "enews_runs", "Runs that ended", ["flow", "state"], registry=self.registry
        )
        for kind in ("2xx", "4xx", "5xx"):
            self._replies.labels(kind)
        for flow in Flow:
            for state in (RunState.DONE, RunState.FAILED, RunState.MISSED):
                self._runs.labels(flow.value, state.value)
        Info("enews", "This program", registry=self.registry).info(
            {"version": pipeline.__version__}
        )
        ProcessCollector(registry=self.registry)

    def reply(self, code: int) -> None:
        """A mail server answered; 0: the connection ended instead."""
        self._replies.labels(f"{code // 100}xx" if code else "none").inc()

    def run(self, flow: Flow, state: RunState) -> None:
        """A run ended."""
        self._runs.labels(flow.value, state.value).inc()


class Stored:
    """The figures of the store, as a collector; `seconds` is a clock that never steps."""

    def __init__(self, context: Context, seconds: Callable[[], float]) -> None:
        self._context = context
        self._seconds = seconds
        self._lock = Lock()
        self._at: float | None = None
        self._known: list[Metric] = []

    def describe(self) -> Iterable[Metric]:
        """Nothing: what is registered is not asked for."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The figures, at most `FRESH` seconds old; where the store is away, that it is."""
        with self._lock:
            now = self._seconds()
            if self._at is None or now - self._at >= FRESH:
                try:
                    self._known = [_one("enews_store_up", "1 while it answers", 1), *self._read()]
                except StoreError:
                    self._known = [_one("enews_store_up", "1 while it answers", 0)]
                self._at = now
            return self._known

    def _read(self) -> Iterable[Metric]:
        store = self._context.store
        now = self._context.now().timestamp()
        found = figures(store.database)
        yield _by("enews_deliveries", "Of all mailings", "state", found.deliveries, DeliveryState)
        yield _under_way(found.under_way)
        yield _by("enews_mailings", "Mailings", "state", found.mailings)
        age = max(now - found.oldest, 0.0) if found.oldest else 0.0
        yield _one("enews_queue_age_seconds", "Since the oldest delivery could be tried", age)
        people = {state.value: count for state, count in store.subscribers.counts().items()}
        yield _by("enews_subscribers", "Subscribers", "state", people, SubscriberState)
        notices = {state.value: count for state, count in store.notices.counts().items()}
        yield _by("enews_notices", "Mails to one person each", "state", notices, NoticeState)
        yield from self._runs()

    def _runs(self) -> Iterable[Metric]:
        runs = self._context.store.runs
        took = GaugeMetricFamily("enews_run_seconds", "Of the last run", labels=["flow"])
        ended = GaugeMetricFamily(
            "enews_run_ended_timestamp_seconds", "Of the last run of each outcome",
            labels=["flow", "state"],
        )  # fmt: skip
        build = 0.0
        for flow in Flow:
            over = [run for run in runs.latest(LOOKED_AT, flow=flow) if run.is_over and run.ended]
            lasted = next((_lasted(run) for run in over if run.began), None)
            if lasted is not None:
                took.add_metric([flow.value], lasted)
                build = lasted if flow is Flow.BUILD else build
            last = {run.state: run for run in reversed(over)}
            for state, run in sorted(last.items()):
                if run.ended:
                    ended.add_metric([flow.value, state.value], run.ended.timestamp())
        yield took
        yield ended
        yield _one("enews_build_seconds", "Of the last build", build)
        waiting = sum(run.state is RunState.QUEUED for run in runs.open())
        yield _one("enews_runs_waiting", "Runs that nobody has begun", waiting)


def _lasted(run: Run) -> float:
    return (run.ended - run.began).total_seconds() if run.ended and run.began else 0.0


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _by(
    name: str, about: str, label: str, counts: Mapping[str, int], known: Iterable[str] = ()
) -> Metric:
    """A gauge by a label; what is `known` and not there is 0."""
    family = GaugeMetricFamily(name, about, labels=[label])
    for word, count in ({str(word): 0 for word in known} | dict(counts)).items():
        family.add_metric([word], count)
    return family


def _under_way(found: Mapping[str, Mapping[str, int]]) -> Metric:
    family = GaugeMetricFamily(
        "enews_mailing_deliveries", "Of each mailing that is not over", labels=["issue", "state"]
    )
    for issue, counts in found.items():
        for state, count in counts.items():
            family.add_metric([issue, state], count)
    return family
