"""One question, answered by a forked process while this one goes on.

By the bare system calls: `multiprocessing` takes longer to load than the answer takes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pipeline.jobs.quiet_fork import interrupts_held, leave_interrupts_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable

YES, NO = b"y", b"n"


def begun(work: Callable[[], bool]) -> Callable[[], bool]:
    """Begin `work` in a child; what is returned waits for its result, once, and gives it again.

    A child that dies, or whose work raises, says False.
    """
    reading, writing = os.pipe()
    with interrupts_held():
        child = os.fork()
        if child == 0:
            _answer(work, writing)
    os.close(writing)
    answer: list[bool] = []

    def result() -> bool:
        if not answer:
            said = os.read(reading, 1)
            os.close(reading)
            os.waitpid(child, 0)
            answer.append(said == YES)
        return answer[0]

    return result


def _answer(work: Callable[[], bool], writing: int) -> None:
    """Write the answer and end, whatever happens: nothing of the parent's may run here."""
    code = 1
    try:
        leave_interrupts_to_parent()
        os.write(writing, YES if work() else NO)
        code = 0
    finally:
        os._exit(code)
