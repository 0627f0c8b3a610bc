"""Links to elsewhere, asked of a real server on this machine; nothing leaves it."""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.core.answer import Answer, Outcome
from pipeline.core.network import is_public
from pipeline.net.asker import Asker, Clock
from pipeline.net.memory import AnswerMemory
from pipeline.net.reaching import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2017, 6, 30, 12, tzinfo=UTC)
PEM = Path(__file__).parents[1] / "corpus/tls/local.pem"
"""A key and its own certificate for this machine, known to nobody and for tests alone."""

AGENT = "enews link check (+https://news.example.org/)"


class Server(ThreadingHTTPServer):
    """Remembers what it was asked."""

    daemon_threads = True

    def __init__(self, *, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "https" if tls else "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(PEM)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.asked: list[tuple[str, str, str]] = []
        self.ranges: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some of these tests are about."""

    def url(self, path: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    """Answers with the status that the path names, `/status/404`; or misbehaves."""

    server: Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers.get("Range", ""))
        self._answer()

    def _answer(self) -> None:
        server = self.server
        with server.lock:
            server.asked.append((self.command, self.path, self.headers.get("User-Agent", "")))
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            self._say()
        finally:
            with server.lock:
                server.at_once -= 1

    def _say(self) -> None:
        parts = self.path.strip("/").split("/")
        if parts[0] == "silent":
            time.sleep(1)
            return
        if parts[0] == "drip":
            self._drip()
            return
        if parts[0] == "nonsense":
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            return
        if parts[0] == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nLocat")
            return
        if parts[0] == "no-head":
            self._status(405 if self.command == "HEAD" else 206)
        elif parts[0] == "to":
            self._status(int(parts[1]), "/" + "/".join(parts[2:]))
        elif parts[0] == "home":
            self._status(302, "http://192.168.7.7/admin")
        elif parts[0] == "file":
            self._status(302, "file:///etc/passwd")
        elif parts[0] == "status":
            self._status(int(parts[1]))
        else:
            self._status(200)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(40):
            self.wfile.write(b"X: y\r\n")
            self.wfile.flush()
            time.sleep(0.1)

    def _status(self, status: int, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Nothing on the console."""


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as found:
        yield found


@contextmanager
def running(*, tls: bool = False) -> Iterator[Server]:
    """A server, stopped and closed in the end."""
    found = Server(tls=tls)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        found.shutdown()
        thread.join()
        found.server_close()


def _asker(folder: Path, *, now: datetime = NOW, most: float = 20.0, pause: float = 0.0) -> Asker:
    def allows(number: str) -> bool:
        return number == "127.0.0.1" or is_public(number)

    return Asker(
        reach=Reach(
            agent=AGENT,
            allows=allows,
            silence=0.3,
            most=0.6,
            trust=lambda: ssl.create_default_context(cafile=str(PEM)),
        ),
        memory=AnswerMemory(path=folder / "links.json", now=now),
        clock=Clock(seconds=time.monotonic, sleep=time.sleep),
        most=most,
        pause=pause,
    )


@pytest.mark.parametrize(
    ("path", "outcome", "said"),
    [
        ("/", Outcome.FINE, "status 200"),
        ("/no-head", Outcome.FINE, "status 206"),
        ("/status/416", Outcome.FINE, "status 416"),
        ("/status/404", Outcome.DEAD, "status 404"),
        ("/status/410", Outcome.DEAD, "status 410"),
        ("/status/403", Outcome.UNSURE, "status 403"),
        ("/status/429", Outcome.UNSURE, "status 429"),
        ("/status/500", Outcome.UNSURE, "status 500"),
        ("/to/302/there", Outcome.FINE, "status 200"),
        ("/to/301/there", Outcome.MOVED, "/there"),
        ("/to/301/to/308/there", Outcome.MOVED, "/there"),
        ("/to/301/to/302/there", Outcome.FINE, "status 200"),
        ("/to/301/status/404", Outcome.DEAD, "status 404"),
        ("/to/302" * 7, Outcome.DEAD, "more than 5 redirects"),
        ("/file", Outcome.DEAD, "which is no address"),
        ("/home", Outcome.REFUSED, "192.168.7.7 is in a private network"),
        ("/silent", Outcome.UNSURE, "no answer in time"),
        ("/cut", Outcome.UNSURE, "it ended before its headers did"),
        ("/nonsense", Outcome.UNSURE, "an answer that is not HTTP"),
        ("/a b/ü?q=ö#f", Outcome.FINE, "status 200"),
    ],
)
def test_one_address(
    tmp_path: Path, server: Server, path: str, outcome: Outcome, said: str
) -> None:
    answer = _asker(tmp_path).one(server.url(path))
    assert answer.outcome is outcome, answer
    assert said in answer.said


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://localhost/", Outcome.REFUSED),
        ("http://10.0.0.1/", Outcome.REFUSED),
        ("http://[::1]/", Outcome.REFUSED),
        ("http://[::ffff:10.0.0.1]/", Outcome.REFUSED),
        ("http://2130706433/", Outcome.REFUSED),
        ("http://nowhere.invalid/", Outcome.DEAD),
        ("http:///", Outcome.DEAD),
        ("http://a:b/", Outcome.DEAD),
        ("ftp://example.org/", Outcome.DEAD),
        (f"http://{'a' * 70}.example/", Outcome.DEAD),
    ],
)
def test_what_is_not_asked(tmp_path: Path, url: str, outcome: Outcome) -> None:
    reach = Reach(agent=AGENT, allows=is_public, silence=0.3)
    memory = AnswerMemory(path=tmp_path / "links.json", now=NOW)
    clock = Clock(seconds=time.monotonic, sleep=time.sleep)
    answer = Asker(reach=reach, memory=memory, clock=clock).one(url)
    if url.endswith(".invalid/") and "name server" in answer.said:
        pytest.skip("no name server to say so")
    assert answer.outcome is outcome, answer


@pytest.mark.parametrize("tls", [False, True])
def test_headers_that_drip_end_with_the_bound(tmp_path: Path, tls: bool) -> None:
    with running(tls=tls) as server:
        began = time.monotonic()
        answer = _asker(tmp_path).one(server.url("/drip"))
        # Of the four seconds that all of them would take.
        assert time.monotonic() - began < 3
    assert (answer.outcome, answer.said) == (Outcome.UNSURE, "no answer in time")


def test_a_certificate_is_asked_for(tmp_path: Path) -> None:
    with running(tls=True) as server:
        asker = _asker(tmp_path)
        assert asker.one(server.url("/")).outcome is Outcome.FINE
        stranger = Reach(agent=AGENT, allows=asker.reach.allows, silence=2.0)
        answer = replace(asker, reach=stranger).one(server.url("/"))
    assert answer.outcome is Outcome.DEAD
    assert "its certificate is not right" in answer.said


def test_a_closed_port_is_unsure(tmp_path: Path) -> None:
    with running() as gone:
        url = gone.url("/")
    assert _asker(tmp_path).one(url).outcome is Outcome.UNSURE


def test_the_server_learns_who_asks_and_sends_no_body(tmp_path: Path, server: Server) -> None:
    _asker(tmp_path).ask([server.url("/no-head")])
    assert server.asked == [("HEAD", "/no-head", AGENT), ("GET", "/no-head", AGENT)]
    assert server.ranges == ["bytes=0-0"]


def test_a_host_is_asked_one_thing_at_a_time(tmp_path: Path, server: Server) -> None:
    urls = [server.url(f"/{number}") for number in range(6)]
    answers = _asker(tmp_path, pause=0.01).ask([*urls, urls[0]])
    assert list(answers) == urls
    assert {answer.outcome for answer in answers.values()} == {Outcome.FINE}
    assert len(server.asked) == 6
    assert server.most_at_once == 1


def test_an_answer_is_remembered_for_its_time(tmp_path: Path, server: Server) -> None:
    fine, dead = server.url("/"), server.url("/status/404")
    first = _asker(tmp_path).ask([fine, dead])
    assert _asker(tmp_path, now=NOW + timedelta(minutes=30)).ask([fine, dead]) == first
    assert len(server.asked) == 3
    later = _asker(tmp_path, now=NOW + timedelta(hours=2))
    assert later.ask([fine, dead]) == first
    assert [path for _, path, _ in server.asked[3:]] == ["/status/404", "/status/404"]
    assert _asker(tmp_path, now=NOW + timedelta(days=4)).memory.known() == {}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": {"outcome": "odd"}}', "null"])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, text: str) -> None:
    memory = AnswerMemory(path=tmp_path / "links.json", now=NOW)
    memory.path.write_text(text)
    assert memory.known() == {}
    memory.keep({"https://a.example/": Answer(outcome=Outcome.FINE)})
    assert memory.known() == {"https://a.example/": Answer(outcome=Outcome.FINE)}


def test_when_time_is_up_the_rest_is_unsure(tmp_path: Path, server: Server) -> None:
    urls = [server.url("/silent"), server.url("/1"), server.url("/2")]
    began = time.monotonic()
    answers = _asker(tmp_path, most=0.2).ask(urls)
    assert time.monotonic() - began < 2
    assert {answer.outcome for answer in answers.values()} == {Outcome.UNSURE}
    assert answers[urls[2]].said == "not asked: time was up"
    assert urls[2] not in _asker(tmp_path).memory.known()
