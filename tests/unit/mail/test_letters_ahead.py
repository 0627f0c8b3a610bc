"""Work ahead of need: each claim gets its own, finished, whoever did it."""

from __future__ import annotations

import threading
import time

import pytest

from pipeline.core.delivery import Claim
from pipeline.mail import letters_ahead
from pipeline.mail.letters_ahead import FEW, Ahead, spare_processors

CLAIMS = [Claim(n, n, f"reader{n}@example.org", "", "en", 0, 0.0) for n in range(1, 31)]


class Bench:
    """Work is a list: the claim's number, then who finished it; what is `held` waits for `go`."""

    def __init__(self, threads: int, held: int = 0, bad: int = 0) -> None:
        self.bad = bad
        self.held = held
        self.reached, self.go = threading.Event(), threading.Event()
        self.prepared: list[int] = []
        self.finished: list[object] = []
        self.ahead = Ahead(self.prepare, self.finish, threads)

    def prepare(self, claim: Claim) -> list[object]:
        self.prepared.append(claim.id)
        if claim.id == self.bad:
            raise ValueError(claim.id)
        return [claim.id]

    def finish(self, work: list[object]) -> None:
        here = threading.current_thread() is threading.main_thread()
        if work[0] == self.held and not here:
            self.reached.set()
            assert self.go.wait(10)
        self.finished.append(work[0])
        work.append("here" if here else "ahead")

    def done_ahead(self) -> None:
        """All claims are expected, and the threads come to their end."""
        self.ahead.expect(CLAIMS)
        self.end()

    def end(self) -> None:
        """Let the threads go on, and wait for them."""
        self.go.set()
        for thread in threading.enumerate():
            if thread.name == "letters ahead":
                thread.join(10)


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_each_gets_its_own_and_finished_once(threads: int) -> None:
    bench = Bench(threads)
    for start in (0, 15):
        batch = CLAIMS[start : start + 15]
        bench.ahead.expect(batch)
        works = [bench.ahead.take(claim) for claim in batch]
        assert [work[0] for work in works] == [claim.id for claim in batch]
        assert {len(work) for work in works} == {2}
    bench.end()
    assert sorted(bench.prepared) == [claim.id for claim in CLAIMS]


def test_threads_have_done_it_by_then() -> None:
    bench = Bench(1, held=1)
    bench.done_ahead()
    assert {bench.ahead.take(claim)[1] for claim in CLAIMS} == {"ahead"}


def test_without_a_thread_nothing_is_done_before() -> None:
    bench = Bench(0)
    bench.ahead.expect(CLAIMS)
    assert bench.prepared == []
    assert bench.ahead.take(CLAIMS[4]) == [5, "here"]


def test_for_a_few_no_thread_starts() -> None:
    bench = Bench(1)
    bench.ahead.expect(CLAIMS[:FEW])
    assert bench.prepared == []


def test_who_has_to_wait_does_the_next_one_meanwhile() -> None:
    bench = Bench(1, held=1)
    bench.ahead.expect(CLAIMS)
    assert bench.reached.wait(10)

    second = bench.ahead._jobs[2]

    def let_go() -> None:
        while not second.done:
            time.sleep(0)
        bench.go.set()

    going = threading.Thread(target=let_go)
    going.start()
    assert bench.ahead.take(CLAIMS[0]) == [1, "ahead"]
    going.join(10)
    assert bench.ahead.take(CLAIMS[1]) == [2, "here"]
    bench.end()


def test_what_cannot_be_prepared_is_told_to_who_needs_it() -> None:
    bench = Bench(1, held=1, bad=7)
    bench.done_ahead()
    with pytest.raises(ValueError, match="7"):
        bench.ahead.take(CLAIMS[6])
    assert bench.ahead.take(CLAIMS[7]) == [8, "ahead"]


def test_what_a_thread_could_not_finish_is_finished_here() -> None:
    bench = Bench(1)
    finish = bench.finish

    def fails_ahead(work: list[object]) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError
        finish(work)

    bench.ahead = Ahead(bench.prepare, fails_ahead, 1)
    bench.done_ahead()
    assert [bench.ahead.take(claim) for claim in CLAIMS[:3]] == [[n, "here"] for n in (1, 2, 3)]


def test_a_claim_that_came_anew_is_not_taken_for_the_old_one() -> None:
    bench = Bench(1, held=1)
    bench.done_ahead()
    anew = Claim(1, 1, "other@example.org", "", "en", 1, 0.0)
    assert bench.ahead.take(anew) == [1, "here"]


def test_new_ones_come_behind_those_before() -> None:
    bench = Bench(1, held=1)
    bench.ahead.expect(CLAIMS[:10])
    assert bench.reached.wait(10)
    bench.ahead.expect(CLAIMS[10:])
    bench.end()
    assert bench.finished == [claim.id for claim in CLAIMS]
    assert bench.ahead.take(CLAIMS[20]) == [21, "ahead"]


def test_what_nobody_comes_for_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters_ahead, "JOBS_MOST", 20)
    bench = Bench(1, held=1)
    bench.ahead.expect(CLAIMS[:10])
    assert bench.reached.wait(10)
    bench.ahead.expect(CLAIMS[10:])
    bench.end()
    assert not {*range(2, 11)} & {*bench.finished}
    assert bench.finished[1:] == [*range(11, 31)]
    assert bench.ahead.take(CLAIMS[1]) == [2, "here"]


def test_what_no_thread_came_to_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters_ahead, "JOBS_MOST", 20)
    bench = Bench(1, held=1)
    bench.ahead.expect(CLAIMS[:10])
    assert bench.reached.wait(10)
    for _ in range(3):
        bench.ahead.expect(CLAIMS[10:])
        works = [bench.ahead.take(claim) for claim in CLAIMS[10:]]
        assert works == [[claim.id, "here"] for claim in CLAIMS[10:]]
    assert len(bench.ahead._queue) == 20
    bench.end()


def test_where_the_system_gives_no_thread_it_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    bench = Bench(2)
    bench.ahead.expect(CLAIMS)
    assert [bench.ahead.take(claim) for claim in CLAIMS[:3]] == [[n, "here"] for n in (1, 2, 3)]


def test_one_processor_has_none_to_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)
    assert spare_processors() == 0
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)))
    assert 1 < spare_processors() < 5
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert spare_processors() == 1
