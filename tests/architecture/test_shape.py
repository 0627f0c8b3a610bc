"""The shape of the code: layers, sizes, who may look at the clock."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = sorted((ROOT / "pipeline").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CLOCK = {"now", "today", "utcnow", "time", "monotonic", "perf_counter", "time_ns"}
MAY_READ_THE_CLOCK = ("app.py", "postroom.py", "cli/", "service/", "web/", "scheduler.py")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _functions(tree: ast.AST) -> list[tuple[str, int]]:
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _reads_the_clock(tree: ast.AST) -> list[int]:
    owners = {"datetime", "date", "time", "dt"}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in owners
    ]


def test_each_layer_knows_only_what_is_below_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", PACKAGE, ids=_name)
def test_files_are_short(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= 400


@pytest.mark.parametrize("path", TESTS, ids=_name)
def test_test_files_are_short_enough(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= 600


@pytest.mark.parametrize("path", PACKAGE, ids=_name)
def test_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [found for found in _functions(tree) if found[1] > 50] == []


@pytest.mark.parametrize(
    "path",
    [p for p in PACKAGE if not _name(p).removeprefix("pipeline/").startswith(MAY_READ_THE_CLOCK)],
    ids=_name,
)
def test_time_is_an_argument(path: Path) -> None:
    assert _reads_the_clock(ast.parse(path.read_text("utf-8"))) == []


def test_the_rule_about_the_clock_sees_a_clock() -> None:
    assert _reads_the_clock(ast.parse("import time\nx = time.time()\n")) == [2]
    assert _reads_the_clock(ast.parse("y = datetime.now(UTC)")) == [1]


def test_every_package_says_what_it_is_for() -> None:
    silent = [_name(p) for p in PACKAGE if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []
