"""A command starts at once: nothing heavy is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("apscheduler", "babel", "feedgen", "jinja2", "lxml", "markdown", "nh3", "PIL",
         "premailer", "watchfiles", "yaml", "sqlite3")  # fmt: skip


def _loaded(*arguments: str) -> set[str]:
    program = (
        "import sys\n"
        "from pipeline.cli import main\n"
        f"try:\n    main.main({list(arguments)!r}, standalone_mode=False)\n"
        "except SystemExit:\n    pass\n"
        "print('\\n' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(result.stdout.rpartition("\n\n")[2].split() or result.stdout.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = _loaded(*arguments)
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)
