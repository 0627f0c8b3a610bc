"""The sending benchmark: `enews` beside smtp-source, smtplib and aiosmtplib, into one sink.

    python -m bench.send                          # 57 KB and 20 KB letters, 3 rounds
    python -m bench.send --cases "20 KB"          # only those
    python -m bench.send --count 5000 --rounds 5 --json result.json
    python -m bench.send --memory                 # 10,000 and 1,000,000 readers: ten minutes

bench/README.md says what is compared and how fair it is.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import MIB, Spread
from bench.sink import HOST, sink, tool
from bench.site import BenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.sink import Sink

SOURCE = "smtp-source, 10 sessions"
BYTES = "one letter's bytes x 10, no more"
TEMPLATE = "aiosmtplib x 10, byte template"
OURS = "enews"
RSA = "enews, DKIM RSA-2048"
TRIAL = 120  # letters that each sender gets to the sink before anything is measured
SLOW = 10  # senders that compose each message get a tenth of the letters
MEMORY_SIZE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A sender; `name` is what `bench.senders` calls it, "" for smtp-source."""

    label: str
    name: str = ""
    dkim: str = ""
    share: int = 1  # it sends so many times fewer letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Letters of `size` bytes into smtp-sink, or into a sink that nobody has to wait for."""

    label: str
    size: int
    quick: bool = False


CASES = (
    Case(label="57 KB", size=57_000),
    Case(label="20 KB", size=19_500),
    Case(label="57 KB, quick sink", size=57_000, quick=True),
)

ROWS = (
    Row(label=SOURCE),
    Row(label=BYTES, name="bytes"),
    Row(label="smtplib, composed", name="smtplib", share=SLOW),
    Row(label="aiosmtplib x 10, composed", name="aiosmtplib", share=SLOW),
    Row(label=TEMPLATE, name="aiosmtplib-template", share=2),
    Row(label=OURS, name="enews"),
    Row(label=RSA, name="enews", dkim="rsa"),
    Row(label="enews, DKIM Ed25519", name="enews", dkim="ed25519"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A promise: `label` does at least `least` times what `peer` does; or at most `most` µs CPU."""

    case: str
    label: str
    peer: str = SOURCE
    least: float = 0.0
    most: float = 0.0


TARGETS = (
    Target(case="57 KB", label=OURS, least=0.95),
    Target(case="57 KB", label=OURS, most=150),
    Target(case="57 KB", label=RSA, least=0.65),
    Target(case="57 KB", label=OURS, peer=TEMPLATE, least=3.5),
    Target(case="57 KB", label=OURS, peer=BYTES, least=0.95),
    Target(case="57 KB, quick sink", label=OURS, peer=TEMPLATE, least=3.5),
    Target(case="20 KB", label=OURS, least=0.9),
    Target(case="20 KB", label=RSA, least=0.3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: messages a second, and the sender's processor time for each, in microseconds."""

    rate: float
    cpu: float
    peak: int


Samples = dict[str, dict[str, list[Sample]]]
"""By case, then by sender."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 measured, 1 failed."""
    options = _parser().parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="enews-send-"))
    try:
        if options.memory:
            return _memory(work, options)
        samples = _measured(work, options)
    except BenchError as error:
        print(f"bench.send: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(_table(samples, options))
    if options.json is not None:
        options.json.write_text(_as_json(samples, options), encoding="utf-8")
    return 0


def _measured(work: Path, options: argparse.Namespace) -> Samples:
    rows = [row for row in ROWS if row.name or tool("smtp-source")]
    rows = [row for row in rows if any(word in row.label for word in options.only)]
    cases = [case for case in CASES if case.label in options.cases]
    for quick in sorted({case.quick for case in cases}):
        _try_out(rows, work, quick=quick)
    # Composing is as slow wherever the letters go.
    runs = [(c, r) for c, r in product(cases, rows) if not (c.quick and r.share == SLOW)]
    samples: Samples = {case.label: {} for case in cases}
    with sink() as usual, sink(quick=True) as quick_one:
        for _ in range(options.rounds):
            # The senders take turns, so that noise from elsewhere hits all.
            for case, row in runs:
                server = quick_one if case.quick else usual
                count = max(1, options.count // row.share)
                sample = _run(row, server, case.size, count, work)
                samples[case.label].setdefault(row.label, []).append(sample)
    return samples


def _try_out(rows: Sequence[Row], work: Path, *, quick: bool) -> None:
    """Each sender has to bring every letter; what loses some cannot win."""
    with sink(work / "counts", quick=quick) as server:
        for row in rows if server.counts else ():
            before = server.count()
            _run(row, server, CASES[-1].size, TRIAL, work)
            time.sleep(0.2)
            if server.count() - before != TRIAL:
                found = server.count() - before
                raise BenchError(f"{row.label} sent {TRIAL}, and {found} arrived")


def _run(row: Row, server: Sink, size: int, count: int, work: Path) -> Sample:
    """One sender, once."""
    os.sync()
    if not row.name:
        return _source(server, size, count)
    arguments = ["--port", str(server.port), "--count", str(count), "--size", str(size)]
    if row.name == "enews":
        arguments += ["--database", str(_database(work, count)), "--dkim", row.dkim]
    found = json.loads(_child(row.name, *arguments))
    rate, cpu = count / found["wall"], found["cpu"] / count * 1e6
    return Sample(rate=rate, cpu=cpu, peak=found["peak"])


def _source(server: Sink, size: int, count: int) -> Sample:
    """Postfix's own, in C: ten sessions, each kept for all of its messages."""
    program = tool("smtp-source")
    assert program is not None
    command = [program, "-d", "-s", "10", "-m", str(count), "-l", str(size)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([*command, f"{HOST}:{server.port}"], check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(rate=count / wall, cpu=cpu / count * 1e6, peak=0)


def _database(work: Path, count: int) -> Path:
    """A fresh copy of a ledger in which nothing was sent yet."""
    made = work / f"ledger-{count}.sqlite"
    if not made.exists():
        _child("prepare", "--count", str(count), "--database", str(made))
    room = work / "room"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir()
    shutil.copy(made, room / "ledger.sqlite")
    return room / "ledger.sqlite"


def _child(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench.senders", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{arguments[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _memory(work: Path, options: argparse.Namespace) -> int:
    """The peak of the sending process: the readers may be many, the memory may not."""
    peaks = {}
    with sink() as server:
        for count in options.readers:
            sample = _run(Row(label=OURS, name="enews"), server, MEMORY_SIZE, count, work)
            peaks[count] = sample.peak
            print(f"{count:>9,} readers: {sample.peak / MIB:6.1f} MiB, {sample.rate:,.0f}/s")
            (work / f"ledger-{count}.sqlite").unlink()
    low, high = min(peaks.values()), max(peaks.values())
    print(f"highest / lowest: {high / low:.2f}")
    return 0


def _table(samples: Samples, options: argparse.Namespace) -> str:
    name = "smtp-sink" if tool("smtp-sink") else "aiosmtpd (smtp-sink is not installed)"
    lines = [
        f"{options.count:,} letters, {options.rounds} rounds, into {name}, "
        f"{os.cpu_count()} processors, Python {platform.python_version()}",
        "letters/s: min / median / max; CPU: sender's, µs a letter, median; x: of medians",
    ]
    for case, by_label in samples.items():
        lines += ["", f"{case:34}{'letters/s':>23}{'CPU':>8}{'x smtp-source':>15}"]
        for label, found in by_label.items():
            rates, cpu = _rates(found), Spread.of([sample.cpu for sample in found]).median
            ratio = _ratio(samples, case, label, SOURCE)
            shown = f"{rates.low:,.0f} / {rates.median:,.0f} / {rates.high:,.0f}"
            times = f"{ratio:15.2f}" if ratio else f"{'-':>15}"
            lines.append(f"{label:34}{shown:>23}{cpu:8.0f}{times}")
    lines += ["", "targets", *(_held(samples, target) for target in TARGETS)]
    return "\n".join(lines)


def _rates(found: Sequence[Sample]) -> Spread:
    return Spread.of([sample.rate for sample in found])


def _ratio(samples: Samples, case: str, label: str, peer: str) -> float | None:
    """The ratio of two medians, if both were measured."""
    own, other = samples.get(case, {}).get(label), samples.get(case, {}).get(peer)
    return _rates(own).median / _rates(other).median if own and other else None


def _held(samples: Samples, target: Target) -> str:
    """A target and whether it is reached, in a line."""
    if target.most:
        found = samples.get(target.case, {}).get(target.label)
        value = Spread.of([sample.cpu for sample in found]).median if found else None
        good = value is not None and value <= target.most
        promise, shown = f"at most {target.most:.0f} µs CPU", f"{value or 0:.0f}"
    else:
        value = _ratio(samples, target.case, target.label, target.peer)
        good = value is not None and value >= target.least
        promise, shown = f"at least {target.least}x {target.peer}", f"{value or 0:.2f}"
    mark = "not run" if value is None else "pass" if good else "MISS"
    return f"  {mark:8}{target.case}, {target.label}: {promise:48}{shown if value else ''}".rstrip()


def _as_json(samples: Samples, options: argparse.Namespace) -> str:
    whole = {
        "count": options.count,
        "rounds": options.rounds,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "samples": {
            case: {label: [asdict(sample) for sample in found] for label, found in by_label.items()}
            for case, by_label in samples.items()
        },
    }
    return json.dumps(whole, indent=2) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.send", description="The sending benchmark.")
    add = parser.add_argument
    add("--count", type=int, default=4000, help="letters of a fast sender in a round (4000)")
    add("--rounds", type=int, default=3, help="rounds (3)")
    labels = [case.label for case in CASES]
    add("--cases", nargs="+", choices=labels, default=labels, help="letters, and where they go")
    add("--only", nargs="+", default=[""], metavar="WORD", help="senders with one of these words")
    add("--memory", action="store_true", help="measure memory instead")
    add("--readers", type=int, nargs="+", default=[10_000, 1_000_000], help="for --memory")
    add("--json", type=Path, metavar="FILE", help="write all figures there, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
