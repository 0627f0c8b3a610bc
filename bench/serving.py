"""The row `serve`: from saving an edited item until its page, asked for over HTTP, says so."""

from __future__ import annotations

import http.client
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.corpus import edited, in_body, make_item
from bench.measure import Sample, running, settle, wait_until
from bench.rows import Samples, note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.site import Site

EDITS = 3  # measured edits each time a server is started
PAUSE = 1.0  # seconds of rest before an edit, longer than any tool's debounce
PATIENCE = 300.0  # seconds until a server must have its first page


def measure(sites: Iterable[Site], rounds: int) -> Samples:
    """Start each tool's server in turn, edit the middle item a few times, stop it."""
    taking_part = [site for site in sites if site.server]
    samples: Samples = {site.name: [] for site in taking_part}
    for turn in range(rounds):
        for site in taking_part:
            samples[site.name] += _session(site, turn)
            waits = ", ".join(f"{sample.wall:.2f}" for sample in samples[site.name][-EDITS:])
            note(f"serve {turn + 1}/{rounds} {site.name}: {waits} s")
    return samples


def _session(site: Site, turn: int) -> list[Sample]:
    """Measure the edits of one life of a server; the memory is that of its whole life."""
    item = make_item(site.total // 2, site.total)
    port = free_port()
    waits = []
    settle()
    with running(site.serve_command(port), site.root) as memory:
        wait_until(
            partial(_says, port, site.url(item), item.title),
            seconds=PATIENCE,
            what=f"{site.name} to serve {site.url(item)}",
        )
        for number in range(EDITS):
            time.sleep(PAUSE)
            marker = f"served{turn}x{number}"
            site.put(edited(item, marker))
            waits.append(
                wait_until(
                    partial(_says, port, site.url(item), in_body(marker)),
                    seconds=PATIENCE,
                    what=f"{site.name} to serve the edit",
                )
            )
    return [
        Sample(wall=wait, cpu=0.0, largest=memory.largest, together=memory.together)
        for wait in waits
    ]


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _says(port: int, path: str, text: str) -> bool:
    """Return whether the page answers 200 and holds `text`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", f"/{path}", headers={"Cache-Control": "no-cache"})
        answer = connection.getresponse()
        return answer.status == http.client.OK and text in answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
