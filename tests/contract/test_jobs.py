"""What the port `Jobs` promises, asked of both of its adapters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import (
    ConfigError,
    ContentError,
    DigestError,
    EnewsError,
    LockedError,
    OutputError,
    Problem,
    RenderError,
)
from pipeline.jobs.forked import ForkedJobs
from pipeline.jobs.inline import InlineJobs
from tests.newsrooms import REPOSITORY, environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.ports.building import Jobs

PARENT = os.getpid()


@pytest.fixture(
    params=[
        pytest.param(InlineJobs(), id="inline"),
        pytest.param(ForkedJobs(2, worth=1), id="two processes"),
        pytest.param(ForkedJobs(5, worth=1), id="more processes than cores"),
        pytest.param(ForkedJobs(2), id="few values are not worth it"),
        pytest.param(ForkedJobs(1, worth=1), id="one process"),
    ]
)
def jobs(request: pytest.FixtureRequest) -> Jobs:
    found: Jobs = request.param
    return found


@pytest.fixture
def forked() -> ForkedJobs:
    return ForkedJobs(2, worth=1)


def doubled(values: Sequence[int]) -> list[int]:
    return [2 * value for value in values]


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 1000])
def test_every_value_is_worked_on_once(jobs: Jobs, count: int) -> None:
    found = [value for part in jobs.map(doubled, range(count)) for value in part]
    assert sorted(found) == [2 * value for value in range(count)]


def test_no_values_are_no_work(jobs: Jobs) -> None:
    assert list(jobs.map(doubled, ())) == []


def test_a_result_of_none_is_a_result(jobs: Jobs) -> None:
    results = list(jobs.map(lambda _: None, range(300)))
    assert results
    assert set(results) == {None}


def test_work_needs_not_be_picklable(jobs: Jobs) -> None:
    secret = object()
    found = list(jobs.map(lambda values: [secret is not None for _ in values], range(300)))
    assert sum(map(len, found)) == 300


def test_results_may_be_larger_than_any_pipe(jobs: Jobs) -> None:
    found = list(jobs.map(lambda values: [b"x" * 40_000 for _ in values], range(300)))
    assert sum(len(text) for part in found for text in part) == 300 * 40_000


def test_more_chunks_than_a_pipe_holds_numbers(forked: ForkedJobs) -> None:
    assert sum(map(len, forked.map(doubled, range(300_000)))) == 300_000


def failing(error: Exception, values: Sequence[int]) -> list[int]:
    if 70 in values:
        raise error
    return list(values)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("seventy"),
        KeyError("seventy"),
        FileNotFoundError(2, "No such file", "seventy.md"),
        EnewsError("seventy"),
        ContentError([Problem(path="a.md", line=3, expected="b"), Problem(path="c", expected="d")]),
        ConfigError("seventy", [Problem(path="newsroom.toml", expected="x")]),
        RenderError("site/home.html", 7, "seventy is undefined"),
        OutputError("seventy"),
        LockedError("seventy", "somebody"),
        DigestError("seventy", "aa", "bb"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_work_is_raised_as_it_was(jobs: Jobs, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        list(jobs.map(partial(failing, error), range(300)))
    assert str(caught.value) == str(error)
    assert vars(caught.value) == vars(error)
    assert type(caught.value) is type(error)


class Stubborn(Exception):  # noqa: N818  # it is what it is
    """Unpickling calls it with one argument."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one}, {other}")


def test_an_error_that_cannot_travel_is_told_in_words(forked: ForkedJobs) -> None:
    with pytest.raises(EnewsError, match="Stubborn: this, that"):
        list(forked.map(partial(failing, Stubborn("this", "that")), range(300)))


def test_after_an_error_the_next_work_is_done(jobs: Jobs) -> None:
    with pytest.raises(ValueError, match="70"):
        list(jobs.map(partial(failing, ValueError("70")), range(300)))
    assert sum(map(len, jobs.map(doubled, range(300)))) == 300


def killed(values: Sequence[int]) -> list[int]:
    if 70 in values and os.getpid() != PARENT:
        os.kill(os.getpid(), signal.SIGKILL)
    return list(values)


def test_a_killed_worker_is_a_clear_error(forked: ForkedJobs) -> None:
    with pytest.raises(EnewsError, match=r"a worker process ended.* memory.*ENEWS_PROCESSES=1"):
        list(forked.map(killed, range(300)))


def killed_while_sending(values: Sequence[int]) -> bytes:
    if 70 in values and os.getpid() != PARENT:
        signal.setitimer(signal.ITIMER_REAL, 0.05)  # SIGALRM ends it, with the pipe half full
        return b"x" * 30_000_000
    return b""


def lingering(result: bytes) -> bytes:
    time.sleep(0.1)
    return result


def test_a_worker_killed_while_it_sends_is_a_clear_error(forked: ForkedJobs) -> None:
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        results = forked.map(killed_while_sending, range(300))
        with pytest.raises(EnewsError, match="a worker process ended"):
            list(map(lingering, results))
    finally:
        signal.signal(signal.SIGALRM, before)


def children() -> set[str]:
    own = Path("/proc/self/task").glob("*/children")
    return {pid for listed in own for pid in listed.read_text().split()}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("work", [doubled, partial(failing, ValueError("70")), killed])
def test_nothing_is_left_running_or_open(forked: ForkedJobs, work: partial[list[int]]) -> None:
    list(forked.map(doubled, range(300)))
    before = open_files(), children()
    for _ in range(3):
        with suppress(ValueError, EnewsError):
            list(forked.map(work, range(300)))
    assert (open_files(), children()) == before


def test_nothing_is_left_running_where_results_are_not_wanted(forked: ForkedJobs) -> None:
    before = children()
    results = iter(forked.map(doubled, range(1000)))
    next(results)
    assert children() > before
    del results
    assert children() == before


SCRIPT = """
import os, sys, time
from pathlib import Path
from pipeline.jobs.forked import ForkedJobs

def work(values):
    Path(sys.argv[1], str(os.getpid())).touch()
    time.sleep(0.1)
    return b"x" * 1_000_000

try:
    for result in ForkedJobs(3, worth=1).map(work, range(64 * 100)):
        time.sleep(0.1)
except KeyboardInterrupt:
    print("Stopped.")
"""


def started(folder: Path, workers: int) -> subprocess.Popen[str]:
    """The script as the leader of a group of its own, all of whose workers are at work."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=environment(),
        cwd=REPOSITORY,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while len(list(folder.iterdir())) < workers and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def running(pids: list[int]) -> list[int]:
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(pid)
    return found


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    process = started(tmp_path, 3)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert len(workers) == 3
    process.kill()
    _, said = process.communicate(timeout=20)
    deadline = time.monotonic() + 10
    while running(workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(workers) == []
    assert "Traceback" not in said


def test_ctrl_c_reaches_all_of_them_and_only_the_parent_speaks(tmp_path: Path) -> None:
    process = started(tmp_path, 3)
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=20)
    assert (out, said) == ("Stopped.\n", "")
    assert running([int(path.name) for path in tmp_path.iterdir()]) == []


@pytest.mark.parametrize("answer", [True, False])
def test_what_is_begun_gives_its_answer_as_often_as_it_is_asked(jobs: Jobs, answer: bool) -> None:
    result = jobs.begin(lambda: answer)
    assert [result(), result()] == [answer, answer]


def test_what_is_begun_goes_on_in_another_process_while_this_one_works(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def wait() -> bool:
        while not mark.exists():
            time.sleep(0.001)
        return os.getpid() != PARENT

    result = ForkedJobs(2).begin(wait)
    mark.touch()
    assert result()


def test_nothing_that_was_begun_outlives_who_began_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def work() -> bool:
        time.sleep(0.05)
        mark.touch()
        return True

    jobs = ForkedJobs(2)
    jobs.begin(work)
    jobs.close()
    assert mark.exists()


@pytest.mark.parametrize("end", ["raise", "die"])
def test_a_question_whose_process_ends_otherwise_is_answered_with_no(end: str) -> None:
    def work() -> bool:
        if end == "raise":
            raise OSError(end)
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    assert not ForkedJobs(2).begin(work)()


def test_meanwhile_is_called_once_where_others_are_at_work() -> None:
    called: list[int] = []
    for jobs, times in ((ForkedJobs(2, worth=1), 1), (InlineJobs(), 0)):
        called.clear()
        assert list(jobs.map(len, [1, 2, 3], meanwhile=partial(called.append, 1))) == [3]
        assert len(called) == times
