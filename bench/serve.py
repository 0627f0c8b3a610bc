"""The serving benchmark: the feed from `enews run --only web` beside nginx, on the same files.

    python -m bench.serve
    python -m bench.serve --rounds 5 --seconds 2 --json result.json

bench/README.md says what is compared and how fair it is. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.enews import EnewsSite
from bench.measure import Spread, environment
from bench.site import BenchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOST = "127.0.0.1"
ITEMS = 120
FILES = {"60 KB": ("feed-60.xml", 60_000), "6 KB": ("feed-6.xml", 6_000)}
NGINX, OURS, STATIC = "nginx", "enews run --only web", "uvicorn, Starlette StaticFiles"
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"
STARTING = 30.0
TICKS = os.sysconf("SC_CLK_TCK")

NGINX_CONF = """\
daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log crit;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; open_file_cache max=100; etag on;
  keepalive_requests 100000000; types {{ text/xml xml; }}
  client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  server {{ listen {host}:{port}; root {files}; add_header Cache-Control no-cache; }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One round: requests a second, and the server's processor time for one, in µs."""

    rate: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server and the processes that it works with."""

    name: str
    url: str
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """Its processor time so far, in seconds."""
        total = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS


Samples = dict[tuple[str, int, str], list[Sample]]
"""By the feed's size, the status asked for, and the server."""

TARGETS = (("60 KB", 200, 0.3), ("60 KB", 304, 0.2), ("6 KB", 200, 0.3), ("6 KB", 304, 0.2))
"""At least so many times what nginx does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 done, 1 failed, 2 a tool is missing."""
    options = _parser().parse_args(arguments)
    missing = [tool for tool in ("nginx", "wrk", "taskset") if not shutil.which(tool, path=PLACES)]
    if missing:
        print(f"bench.serve needs {', '.join(missing)}: apt-get install nginx-light wrk util-linux")
        return 2
    work = Path(tempfile.mkdtemp(prefix="enews-bench-"))
    try:
        samples = _measure(options, work)
    except BenchError as error:
        print(f"bench.serve: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(_table(samples, options))
    if options.json is not None:
        options.json.write_text(_as_json(samples, options), encoding="utf-8")
    return 0


def _measure(options: argparse.Namespace, work: Path) -> Samples:
    site = EnewsSite(work / "site", ITEMS)
    site.write()
    subprocess.run(
        site.build_command(warm=False), check=True, env=environment(), stdout=subprocess.DEVNULL
    )
    feed = (site.output / "feed.xml").read_bytes()
    for name, size in FILES.values():
        if len(feed) < size:
            raise BenchError(f"the feed has {len(feed)} bytes only")
        (site.output / name).write_bytes(feed[:size])
    samples: Samples = {}
    # nginx drops its rights, and has to read the files.
    for folder in (work, site.root, site.output):
        folder.chmod(0o755)
    with ExitStack() as stack:
        servers = [stack.enter_context(start(work, site)) for start in (_nginx, _enews, _static)]
        for server in servers:
            _check(server, feed)
        for number in range(options.rounds):
            for label, (name, _) in FILES.items():
                for server in servers[number % 2 :] + servers[: number % 2]:
                    for status in (200, 304):
                        found = _load(server, name, status, options.seconds)
                        samples.setdefault((label, status, server.name), []).append(found)
    return samples


def _load(server: Running, name: str, status: int, seconds: float) -> Sample:
    """One round of wrk on a core of its own."""
    url = server.url + name
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds:g}", url]
    if status == 304:
        command += ["-H", f"If-None-Match: {_tag(url)}"]
    before = server.cpu()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.cpu() - before
    count = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if count is None or rate is None or "Non-2xx" in said or "Socket errors" in said:
        raise BenchError(f"{server.name}: wrk says\n{said}")
    return Sample(rate=float(rate[1]), cpu=1e6 * used / int(count[1]))


def _check(server: Running, feed: bytes) -> None:
    """Both answers have to be right before anybody is measured."""
    for name, size in FILES.values():
        url = server.url + name
        with urllib.request.urlopen(url) as answer:
            if answer.read() != feed[:size]:
                raise BenchError(f"{server.name} serves other bytes at {url}")
        asked = urllib.request.Request(url, headers={"If-None-Match": _tag(url)})
        try:
            urllib.request.urlopen(asked).close()
        except urllib.error.HTTPError as error:
            if error.code == 304:
                continue
        raise BenchError(f"{server.name} sends again what is known at {url}")


def _tag(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.headers["ETag"])


@contextmanager
def _nginx(work: Path, site: EnewsSite) -> Iterator[Running]:
    port = _free_port()
    conf = work / "nginx.conf"
    conf.write_text(NGINX_CONF.format(root=work, host=HOST, port=port, files=site.output))
    program = shutil.which("nginx", path=PLACES) or "nginx"
    with _started(NGINX, [program, "-c", str(conf)], port, work) as server:
        yield server


@contextmanager
def _enews(work: Path, site: EnewsSite) -> Iterator[Running]:
    port = _free_port()
    command = [str(site.program), "-C", str(site.root), "run", "--only", "web"]
    with _started(OURS, command, port, work, {"ENEWS_LISTEN": f"{HOST}:{port}"}) as server:
        yield server


@contextmanager
def _static(work: Path, site: EnewsSite) -> Iterator[Running]:
    port = _free_port()
    root = str(Path(__file__).parents[1])
    command = [sys.executable, "-m", "uvicorn", "bench.static_app:app", "--app-dir", root]
    command += ["--port", str(port), "--log-level", "error", "--no-access-log"]
    with _started(STATIC, command, port, work, {"STATIC_ROOT": str(site.output)}) as server:
        yield server


@contextmanager
def _started(
    name: str, command: list[str], port: int, work: Path, more: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A server on the first core, until the end."""
    with (work / "servers.log").open("ab") as log:
        process = subprocess.Popen(
            ["taskset", "-c", "0", *command],
            env={**environment(), **(more or {})},
            stdout=log,
            stderr=log,
        )
    try:
        _wait(process, port, name, work)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        pids = (process.pid, *map(int, children))
        yield Running(name=name, url=f"http://{HOST}:{port}/", pids=pids)
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, name: str, work: Path) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise BenchError(f"{name} does not answer:\n{(work / 'servers.log').read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as any_:
        any_.bind((HOST, 0))
        return int(any_.getsockname()[1])


def _table(samples: Samples, options: argparse.Namespace) -> str:
    lines = [
        f"{options.rounds} rounds of {options.seconds:g} s, 32 connections, server and wrk on a "
        f"core each, Python {platform.python_version()}",
        "requests/s: min / median / max; CPU: server's, µs a request, median; x: of medians",
    ]
    for size in FILES:
        for status in (200, 304):
            lines += ["", f"{size}, {status}:".ljust(34) + f"{'requests/s':>30}{'CPU':>7}{'x':>7}"]
            for name in (NGINX, OURS, STATIC):
                found = samples[size, status, name]
                rates = Spread.of([sample.rate for sample in found])
                cpu = _cpu(samples, size, status, name)
                shown = f"{rates.low:,.0f} / {rates.median:,.0f} / {rates.high:,.0f}"
                times = _ratio(samples, size, status, name)
                lines.append(f"{name:34}{shown:>30}{cpu:7.1f}{times:7.3f}")
    lines += ["", "targets"]
    for size, status, least in TARGETS:
        found_ratio = _ratio(samples, size, status, OURS)
        mark = "pass" if found_ratio >= least else "MISS"
        spent = _cpu(samples, size, status, NGINX) / _cpu(samples, size, status, OURS)
        lines.append(
            f"  {mark:6}{size}, {status}: at least {least}x nginx: {found_ratio:.2f} "
            f"(by processor time {spent:.2f})"
        )
    return "\n".join(lines)


def _cpu(samples: Samples, size: str, status: int, name: str) -> float:
    return Spread.of([sample.cpu for sample in samples[size, status, name]]).median


def _ratio(samples: Samples, size: str, status: int, name: str) -> float:
    own, peer = (
        Spread.of([sample.rate for sample in samples[size, status, who]]).median
        for who in (name, NGINX)
    )
    return own / peer


def _as_json(samples: Samples, options: argparse.Namespace) -> str:
    whole = {
        "rounds": options.rounds,
        "seconds": options.seconds,
        "python": platform.python_version(),
        "samples": [
            {"size": size, "status": status, "server": name, **asdict(sample)}
            for (size, status, name), found in samples.items()
            for sample in found
        ],
    }
    return json.dumps(whole, indent=2) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.serve", description="The serving benchmark.")
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="rounds (5)")
    add("--seconds", type=int, default=2, help="seconds of one measurement (2)")
    add("--json", type=Path, metavar="FILE", help="write all figures there, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
