"""Ctrl-C at the worst moments: while a process forks."""

import signal
import subprocess
import sys

import pytest

from pipeline.jobs.quiet_fork import interrupts_held

AT_EACH_FORK = """
import os, signal
from pipeline.jobs.forked import ForkedJobs

os.register_at_fork(after_in_child=lambda: signal.raise_signal(signal.SIGINT))
jobs = ForkedJobs(2, worth=1)
print(jobs.begin(lambda: True)())
print(sorted(jobs.map(sum, list(range(100)))))
"""

IN_THE_PARENT = """
import os, signal
from pipeline.jobs.forked import ForkedJobs

os.register_at_fork(after_in_parent=lambda: signal.raise_signal(signal.SIGINT))
for work in (lambda j: j.begin(lambda: True)(), lambda j: list(j.map(sum, list(range(100))))):
    try:
        work(ForkedJobs(2, worth=1))
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_an_interrupt_waits_until_the_fork_is_done() -> None:
    steps = []

    def interrupted() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            steps.append("forked")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert steps == ["forked"]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (AT_EACH_FORK, "True\n[390, 496, 1520, 2544]\n"),
        (IN_THE_PARENT, "interrupted\ninterrupted\n"),
    ],
)
def test_an_interrupt_while_forking_is_neither_told_nor_lost(program: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
