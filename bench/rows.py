"""The rows of the benchmark: what happens to the newsroom before each measured build.

In every round the tools take turns, so that noise from elsewhere hits all of
them. What a row prepares and what it checks afterwards is not measured.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from bench.corpus import edited, in_body, in_summary, make_item
from bench.measure import Sample, environment, run, settle
from bench.site import BenchError, Counts, Site

if TYPE_CHECKING:
    from pathlib import Path

Samples = dict[str, list[Sample]]
Step = Callable[[Site, int], Sample]
STARTS = 5  # start-ups measured in each round; each takes a moment only


def cold(site: Site, turn: int) -> Sample:
    """Build from nothing: output and caches removed."""
    del turn
    site.clean()
    sample = _build(site, warm=False)
    site.built_warm = site.build_command(warm=False) == site.build_command(warm=True)
    return sample


def nothing(site: Site, turn: int) -> Sample:
    """Build again though nothing changed."""
    del turn
    return _build(site, warm=True)


def edit(site: Site, turn: int) -> Sample:
    """Build after text and summary of one item in the middle of the archive were edited."""
    item = edited(make_item(site.total // 2, site.total), f"edit{turn}")
    site.put(item)
    sample = _build(site, warm=True)
    site.expect(item, in_body(f"edit{turn}"))
    site.expect_listed(in_summary(f"edit{turn}"))
    return sample


def new(site: Site, turn: int) -> Sample:
    """Build after an item newer than all others was added."""
    item = make_item(site.total + turn, site.total)
    site.put(item)
    sample = _build(site, warm=True)
    site.expect(item, item.title)
    site.expect_listed(item.title)
    return sample


STEPS: dict[str, Step] = {"cold": cold, "nothing": nothing, "edit": edit, "new": new}


def write_sites(sites: Iterable[Site]) -> None:
    """Write every tool's sources."""
    for site in sites:
        note(f"{site.name}: writing {site.total:,} items")
        site.write()


def version(site: Site) -> str:
    """Return what the tool says of its version, its first line."""
    command = [str(site.program), site.version_argument]
    said = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, cwd=site.root
    )
    return (said.stdout.strip() or "unknown").splitlines()[0][:60]


def warm_up(sites: Sequence[Site]) -> None:
    """Build small sites once: modules are compiled, files cached, a broken tool found early."""
    for site in sites:
        note(f"{site.name}: trying it with {site.total} items")
        site.write()
        for warm in (False, True):
            site.clean()
            _build(site, warm=warm)
        site.verify()


def measure(row: str, sites: Iterable[Site], rounds: int) -> tuple[Samples, dict[str, Counts]]:
    """Measure one row for the sites that take part, tool by tool in every round."""
    taking_part = [site for site in sites if row in site.rows]
    if row != "cold":
        _prepare(taking_part)
    samples: Samples = {site.name: [] for site in taking_part}
    for turn in range(rounds):
        for site in taking_part:
            sample = STEPS[row](site, turn)
            note(f"{row} {turn + 1}/{rounds} {site.name}: {sample.wall:.2f} s")
            samples[site.name].append(sample)
    return samples, {site.name: site.verify() for site in taking_part}


def start_up(commands: dict[str, list[str]], rounds: int, cwd: Path) -> Samples:
    """Measure how long commands take that do next to nothing."""
    for command in commands.values():
        run(command, cwd)
    samples: Samples = {name: [] for name in commands}
    for _ in range(rounds * STARTS):
        for name, command in commands.items():
            samples[name].append(run(command, cwd))
    return samples


def note(text: str) -> None:
    """Tell a person who watches how far things are."""
    print(text, file=sys.stderr, flush=True)


def _prepare(sites: Iterable[Site]) -> None:
    """Leave every site built and its caches warm, unmeasured; Hugo has none to warm."""
    for site in sites:
        if site.built_warm:
            continue
        note(f"{site.name}: building once for the rows that begin with a built site")
        _build(site, warm=True)
        site.built_warm = True


def _build(site: Site, *, warm: bool) -> Sample:
    """Build and measure."""
    settle()
    try:
        return run(site.build_command(warm=warm), site.root)
    except BenchError as error:
        raise BenchError(f"{site.name}: {error}") from error
