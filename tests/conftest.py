"""What holds for every test, and what makes thousands of them quick to begin."""

from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

# Where the tests run in the background of a script, Ctrl-C is ignored, and programs that they start
# would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
LONG = (
    "integration/test_month.py",
    "integration/test_crash.py",
    "integration/test_service.py",
    "integration/test_crash_mailing.py",
    "property/test_incremental.py",
    "integration/test_service_web.py",
    "integration/test_gate.py",
    "integration/test_mailing_command.py",
)
"""What takes longest: where one of these were the last, the other processes would wait for it."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage meanwhile, nor ever again in what is there by then.

    Of thousands of tests next to nothing is garbage, and to look takes as long as to collect them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import the tests that need a browser where all of them would be deselected."""
    unasked = config.getoption("markexpr") == "not browser"
    return True if unasked and collection_path == HERE / "browser" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, half of them where the second of two processes begins.

    All else stays in the order that was drawn.
    """
    files: dict[Path, list[pytest.Item]] = {HERE / path: [] for path in LONG}
    others = [item for item in items if item.path not in files]
    for item in items:
        if item.path in files:
            files[item.path].append(item)
    groups = list(files.values())
    first, second = ([item for group in groups[n::2] for item in group] for n in (0, 1))
    half = max(0, len(items) // 2 - len(first))
    items[:] = [*first, *others[:half], *second, *others[half:]]
