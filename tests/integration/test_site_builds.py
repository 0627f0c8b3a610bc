"""Pages while builds are published: each one at every moment, old or new, whole."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from pipeline.output import trees
from tests.newsrooms import app_in, build, put, write_newsroom
from tests.web_desk import connected, one, request, serving

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.web.server import WebServer

BUILDS = 6
ITEM = "items/2017/2017-03-05-three.md"
PATHS = ("/feed.xml", "/items/2017/three/", "/items/2017/one/", "/", "/assets/site.css")
MISSING = "/items/2017/nothing/"
ASKING = 2


@pytest.mark.parametrize("at_once", [True, False])
def test_no_page_is_missing_while_builds_are_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    write_newsroom(tmp_path)
    build(app_in(tmp_path))
    if not at_once:
        # As where the system cannot exchange two folders.
        monkeypatch.setattr(trees, "_exchange_at_once", lambda *_: False)
    with serving(tmp_path / "output") as server:
        asking = [_Asking(server, gaps=not at_once) for _ in range(ASKING)]
        for each in asking:
            each.start()
        for number in range(BUILDS):
            put(tmp_path, ITEM, f"---\ntitle: T{number}\nkind: champion\n---\nBody {number}.\n")
            build(app_in(tmp_path))
            with connected(server) as connection:
                page = one(connection, request("/items/2017/three/"))
            assert f"Body {number}.".encode() in page
        for each in asking:
            each.end()
    assert all(each.wrong == [] for each in asking)
    assert all(each.count > BUILDS for each in asking)


class _Asking(threading.Thread):
    """Asks for page after page; `wrong` is what should not have been answered.

    With `gaps`, between two renames, a page that is not in memory may be asked for again.
    """

    def __init__(self, server: WebServer, *, gaps: bool) -> None:
        super().__init__(daemon=True)
        self.wrong: list[str] = []
        self.count = 0
        self._server = server
        self._gaps = gaps
        self._ending = threading.Event()

    def run(self) -> None:
        """Until told to end."""
        with connected(self._server) as connection:
            while not self._ending.is_set():
                for path in (*PATHS, MISSING):
                    found = one(connection, request(path, last=False))
                    status = found[9:12].decode()
                    if self._gaps and status == "503" and b"retry-after" in found:
                        continue
                    self.count += 1
                    whole = b"</html>" in found or b"</rss>" in found or path.endswith(".css")
                    if status != ("404" if path == MISSING else "200") or not whole:
                        self.wrong.append(f"{path}: {re.split(rb'x-content', found)[0]!r}")

    def end(self) -> None:
        """Ask no more."""
        self._ending.set()
        self.join(10)
