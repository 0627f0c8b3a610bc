"""The build benchmark: `enews` beside Hugo and Pelican on the same newsroom.

    python -m bench.build --items 1000
    python -m bench.build --items 10000 --only enews,hugo --rows cold,edit --json result.json

bench/README.md says what is compared and how fair it is. Linux only.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import enews, hugo, pelican, report, rows, serving
from bench.site import BenchError, MissingToolError, Site

if TYPE_CHECKING:
    from collections.abc import Sequence

TOOLS: dict[str, type[Site]] = {
    "enews": enews.EnewsSite,
    "hugo": hugo.HugoSite,
    "pelican": pelican.PelicanSite,
}
ROWS = ("cold", "edit", "new", "nothing", "serve", "start", "memory")
ORDER = ("cold", "nothing", "edit", "new")  # each leaves the sites fit for the next
TRIAL = 40  # items of the sites that every tool builds before anything is measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 done, 1 failed, 2 wrong use or a tool missing."""
    options = _parser().parse_args(arguments)
    if not sys.platform.startswith("linux"):
        print("bench.build reads /proc and runs on Linux only", file=sys.stderr)
        return 2
    work = Path(options.work or tempfile.mkdtemp(prefix="enews-bench-")).resolve()
    try:
        results = _run(options, work)
    except BenchError as error:
        print(f"bench.build: {error}", file=sys.stderr)
        return 2 if isinstance(error, MissingToolError) else 1
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    print(report.table(results))
    if options.json is not None:
        options.json.write_text(report.as_json(results), encoding="utf-8")
    return 0


def _run(options: argparse.Namespace, work: Path) -> report.Results:
    """Measure the rows asked for."""
    wanted = set(options.rows)
    if "memory" in wanted:
        wanted.add("cold")  # the memory is that of the cold build
    results = report.Results(items=options.items, rounds=options.rounds)
    builds = [row for row in ORDER if row in wanted]
    if builds or "serve" in wanted:
        rows.warm_up([TOOLS[name](work / "trial" / name, TRIAL) for name in options.only])
        sites = [TOOLS[name](work / name, options.items) for name in options.only]
        rows.write_sites(sites)
        results.versions.update({site.name: rows.version(site) for site in sites})
        for row in builds:
            results.samples[row], counts = rows.measure(row, sites, options.rounds)
            results.counts.update(counts)
        if "serve" in wanted:
            results.samples["serve"] = serving.measure(sites, options.rounds)
    if "start" in wanted:
        work.mkdir(parents=True, exist_ok=True)
        commands = _start_commands(options.only)
        results.samples["start"] = rows.start_up(commands, options.rounds, work)
    return results


def _start_commands(tools: Sequence[str]) -> dict[str, list[str]]:
    """Return the commands of the row `start`; the Python is the one beside enews, if any."""
    if "enews" not in tools:
        return {"python -c pass": [sys.executable, "-c", "pass"]}
    program = enews.program()
    beside = program.parent / "python"
    python = str(beside) if beside.exists() else sys.executable
    return {
        "python -c pass": [python, "-c", "pass"],
        "enews --version": [str(program), "--version"],
        "enews --help": [str(program), "--help"],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.build", description="The build benchmark.")
    add = parser.add_argument
    add("--items", type=_positive, default=1000, help="items in the newsroom (1000)")
    add("--rounds", type=_positive, default=3, help="rounds of every row (3)")
    add("--only", type=_Names(tuple(TOOLS)), default=list(TOOLS), help=",".join(TOOLS))
    add("--rows", type=_Names(ROWS), default=list(ROWS), help=",".join(ROWS))
    add("--work", type=Path, help="where to write the sites, kept (a temporary directory, removed)")
    add("--json", type=Path, metavar="FILE", help="write all figures there, too")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


class _Names:
    """Reads a comma-separated choice of known names."""

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known

    def __call__(self, text: str) -> list[str]:
        chosen = [name.strip() for name in text.split(",") if name.strip()]
        unknown = [name for name in chosen if name not in self.known]
        if unknown or not chosen:
            what = ", ".join(unknown) or "nothing"
            raise argparse.ArgumentTypeError(f"{what}: choose from {', '.join(self.known)}")
        return [name for name in self.known if name in chosen]


if __name__ == "__main__":
    sys.exit(main())
