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


def test_what_is_built_comes_from_no_code_whose_changes_a_build_does_not_see() -> None:
    """`code_digest` leaves these folders out: nothing that renders may load them."""
    program = (
        "import sys\n"
        "from pkgutil import walk_packages\n"
        "from importlib import import_module\n"
        "import pipeline\n"
        "from pipeline.app import UNSEEN\n"
        "for part in ('content', 'output', 'mail', 'jobs', 'flows', 'render', 'core', 'ports'):\n"
        "    package = import_module(f'pipeline.{part}')\n"
        "    for module in walk_packages(package.__path__, f'{package.__name__}.'):\n"
        "        import_module(module.name)\n"
        "print(*[name for name in sys.modules if name.startswith('pipeline.') "
        "and name.split('.')[1] in UNSEEN])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == []
