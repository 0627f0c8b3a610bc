"""What came out: the table with ratios and targets, and the same as JSON."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from bench.measure import MIB, Sample, Spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.rows import Samples
    from bench.site import Counts

OURS = "enews"
LABELS = {
    "cold": "cold build",
    "edit": "one item edited",
    "new": "one newest item added",
    "nothing": "nothing changed",
    "serve": "edit to page served",
    "start": "start-up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A promise about one row: at most `limit`, times a peer's figure or as it stands."""

    row: str
    items: int | None  # the size of the newsroom it is made for; None: any
    figure: str  # wall, largest or together
    limit: float
    peer: str | None = None  # the tool to compare with; None: an absolute limit
    who: str = OURS


TARGETS = (
    Target(row="cold", items=1_000, figure="wall", limit=2.0, peer="hugo"),
    Target(row="cold", items=1_000, figure="wall", limit=0.45, peer="pelican"),
    Target(row="cold", items=10_000, figure="wall", limit=2.0, peer="hugo"),
    Target(row="cold", items=10_000, figure="wall", limit=0.3, peer="pelican"),
    Target(row="edit", items=1_000, figure="wall", limit=0.35, peer="hugo"),
    Target(row="edit", items=10_000, figure="wall", limit=0.10, peer="hugo"),
    Target(row="edit", items=10_000, figure="wall", limit=0.04, peer="pelican"),
    Target(row="new", items=10_000, figure="wall", limit=0.15, peer="hugo"),
    Target(row="nothing", items=10_000, figure="wall", limit=0.08, peer="hugo"),
    Target(row="serve", items=10_000, figure="wall", limit=1.0, peer="hugo"),
    Target(row="cold", items=10_000, figure="largest", limit=110 * MIB),
    Target(row="cold", items=10_000, figure="together", limit=0.4, peer="hugo"),
    Target(row="start", items=None, figure="wall", limit=0.2, who="enews --help"),
    Target(row="start", items=None, figure="wall", limit=0.2, who="enews --version"),
)


@dataclass(slots=True, kw_only=True)
class Results:
    """Everything measured in one run."""

    items: int
    rounds: int
    samples: dict[str, Samples] = field(default_factory=dict)  # by row, then by tool
    counts: dict[str, Counts] = field(default_factory=dict)  # by tool
    versions: dict[str, str] = field(default_factory=dict)  # by tool

    def figure(self, row: str, tool: str, name: str) -> Spread | None:
        """Return the spread of one figure, if it was measured."""
        samples = self.samples.get(row, {}).get(tool)
        return spread(samples, name) if samples else None


def spread(samples: list[Sample], name: str) -> Spread:
    """Return lowest, median and highest of one field of the samples."""
    return Spread.of([float(getattr(sample, name)) for sample in samples])


def ratio(results: Results, row: str, tool: str, peer: str, name: str) -> float | None:
    """Return the ratio of two tools' medians, if both were measured."""
    own, other = results.figure(row, tool, name), results.figure(row, peer, name)
    return own.median / other.median if own and other and other.median else None


def achieved(results: Results, target: Target) -> float | None:
    """Return the value to hold against a target's limit, if it was measured."""
    if target.peer is not None:
        return ratio(results, target.row, target.who, target.peer, target.figure)
    found = results.figure(target.row, target.who, target.figure)
    return found.median if found else None


def table(results: Results) -> str:
    """Return the whole report as text."""
    return "\n".join(
        [
            *_heading(results),
            "",
            *_rows(results),
            "",
            *_built(results),
            "",
            *_targets(results),
        ]
    )


def _heading(results: Results) -> Iterator[str]:
    yield (
        f"{results.items:,} items, {results.rounds} rounds, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    yield from (f"{tool}: {version}" for tool, version in results.versions.items())
    yield "wall: seconds, min / median / max; CPU: seconds; memory: MiB, the largest process and"
    yield "all processes together, at their peak; x: ratio of the medians of wall time"


def _rows(results: Results) -> Iterator[str]:
    yield (
        f"{'':39}{'wall':>25}{'CPU':>8}{'largest':>9}{'together':>9}{'x hugo':>8}{'x pelican':>10}"
    )
    for row, tools in results.samples.items():
        for number, tool in enumerate(tools):
            yield _row(results, row, tool, LABELS[row] if number == 0 else "")


def _row(results: Results, row: str, tool: str, label: str) -> str:
    samples = results.samples[row][tool]
    wall = spread(samples, "wall")
    cpu = spread(samples, "cpu").median
    memory = [spread(samples, name).high / MIB for name in ("largest", "together")]
    ratios = [ratio(results, row, tool, peer, "wall") for peer in ("hugo", "pelican")]
    walls = f"{wall.low:.3f} / {wall.median:.3f} / {wall.high:.3f}"
    shown = ["-" if value is None else f"{value:.2f}" for value in ratios]
    used = f"{cpu:8.2f}" if row != "serve" else f"{'-':>8}"
    peaks = "".join(f"{peak:9.0f}" if row != "start" else f"{'-':>9}" for peak in memory)
    return f"{label:23}{tool:16}{walls:>25}{used}{peaks}{shown[0]:>8}{shown[1]:>10}"


def _built(results: Results) -> Iterator[str]:
    for tool, made in results.counts.items():
        yield (
            f"{tool} built {made.articles:,} articles, {made.listings:,} listing pages, "
            f"{made.themes} themes on {made.theme_pages:,} pages, {made.feeds} feeds; "
            f"{made.files:,} files in all"
        )
    own = results.counts.get(OURS)
    for tool, made in results.counts.items():
        if own and own.theme_pages < 0.9 * made.theme_pages:
            yield (
                f"CAUTION: {tool} made {made.theme_pages:,} theme pages, {OURS} "
                f"{own.theme_pages:,}: the ratios flatter {OURS}"
            )


def _targets(results: Results) -> Iterator[str]:
    """Yield a line for every target of this size; those not measured say so."""
    due = [target for target in TARGETS if target.items in (None, results.items)]
    yield "targets" if due else f"there are no targets for {results.items:,} items"
    for target in due:
        value = achieved(results, target)
        mark = "not run" if value is None else "pass" if value <= target.limit else "MISS"
        found = "" if value is None else _amount(target, value)
        yield f"  {mark:8}{_promise(target):62}{found}".rstrip()


def _promise(target: Target) -> str:
    what = {"wall": "", "largest": ", largest process", "together": ", memory together"}
    subject = target.who if target.who != OURS else LABELS[target.row]
    return f"{subject}{what[target.figure]}: at most {_amount(target, target.limit)}"


def _amount(target: Target, value: float) -> str:
    if target.peer is not None:
        return f"{value:.3f}".rstrip("0").rstrip(".") + f"x {target.peer}"
    return f"{value:.3f} s" if target.figure == "wall" else f"{value / MIB:.0f} MiB"


def as_json(results: Results) -> str:
    """Return every sample, the spreads, the ratios and the targets as JSON."""
    rows = {
        row: {tool: _tool(results, row, tool) for tool in tools}
        for row, tools in results.samples.items()
    }
    targets = [
        {**asdict(target), "value": achieved(results, target)}
        for target in TARGETS
        if target.items in (None, results.items)
    ]
    whole = {
        "items": results.items,
        "rounds": results.rounds,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "versions": results.versions,
        "rows": rows,
        "built": {tool: asdict(made) for tool, made in results.counts.items()},
        "targets": targets,
    }
    return json.dumps(whole, indent=2) + "\n"


def _tool(results: Results, row: str, tool: str) -> dict[str, object]:
    samples = results.samples[row][tool]
    figures = ("wall", "cpu", "largest", "together")
    return {
        "samples": [asdict(sample) for sample in samples],
        **{name: asdict(spread(samples, name)) for name in figures},
        **{f"x_{peer}": ratio(results, row, tool, peer, "wall") for peer in ("hugo", "pelican")},
    }
