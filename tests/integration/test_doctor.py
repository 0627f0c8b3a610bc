"""`enews doctor` over real servers on this machine: DNS, SMTP, IMAP, HTTP with TLS."""

from __future__ import annotations

import json
import os
import sqlite3
import ssl
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.cli.doctor_machine import machine_checks
from pipeline.cli.doctor_mail import mailbox_check, people_checks, senders, server_check
from pipeline.cli.doctor_site import site_checks
from pipeline.content.reader import ContentFolder
from pipeline.core.examination import Check, Verdict
from pipeline.errors import MailRefusedError
from pipeline.mail.knocking import knock
from pipeline.mail.server_url import MailServer, parse_server_url
from pipeline.net.dns import DnsNames
from pipeline.net.site_look import SiteLook, is_here, look_at
from pipeline.postroom import Postroom
from pipeline.store.looking import look_at_store
from pipeline.store.opening import open_store
from pipeline.store.tables import VERSION_TABLE
from tests.certificates import Certificates, certificates
from tests.databases import postgresql_url
from tests.dns_server import name_server
from tests.mailbox_servers import PASSWORD, USER, serving
from tests.newsrooms import NEWSROOM, app_in, put
from tests.smtp_server import Fault, Manners, smtp_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.app import App
    from pipeline.core.newsroom import Newsroom

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
USERS = (("me", "secret-word"),)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


class Site(BaseHTTPRequestHandler):
    """`/healthz` as the service answers it; else a page."""

    def do_GET(self) -> None:
        body = b"ok\n" if self.path == "/healthz" else b"<!doctype html>"
        self.send_response(503 if self.path == "/away" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Quiet(ThreadingHTTPServer):
    """Clients that hang up are what some of these tests are about."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def site(context: ssl.SSLContext | None = None) -> Iterator[str]:
    server = Quiet(("127.0.0.1", 0), Site)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def newsroom_in(root: Path, text: str = NEWSROOM) -> Newsroom:
    put(root, "newsroom.toml", text)
    return ContentFolder(root / "content").newsroom()


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.what: check for check in checks}


def app_with(root: Path, **changes: Any) -> App:
    app = app_in(root)
    app.settings = replace(app.settings, **changes)
    return app


def test_a_mail_server_is_left_as_politely_as_it_was_entered(signed: Certificates) -> None:
    with smtp_server(manners=Manners(tls=signed.right, users=USERS)) as server:
        url = f"smtp+starttls://me:secret-word@127.0.0.1:{server.port}?ca={signed.authority}"
        target = parse_server_url(url)
        assert isinstance(target, MailServer)
        knock(target)
        assert server.commands[-1] == "QUIT"
        assert server.taken == []
        with pytest.raises(MailRefusedError):
            knock(replace(target, password="other"))


def test_what_is_said_of_a_mail_server(tmp_path: Path, signed: Certificates) -> None:
    assert server_check(app_with(tmp_path))[0].verdict is Verdict.WARNING
    assert server_check(app_with(tmp_path, smtp_url="nonsense"))[0].verdict is Verdict.WRONG
    with smtp_server(manners=Manners(users=USERS)) as server:
        host = f"127.0.0.1:{server.port}"
        fine = server_check(app_with(tmp_path, smtp_url=f"smtp://me:secret-word@{host}"))[0]
        assert (fine.verdict, fine.said) == (
            Verdict.OK,
            f"{host} answers, the login is taken, mails to 10 MB",
        )
        wrong = server_check(app_with(tmp_path, smtp_url=f"smtp://me:guess-work@{host}"))[0]
        assert wrong.verdict is Verdict.WRONG
        assert "guess-work" not in repr(wrong)
    with smtp_server(Fault("greeting-421")) as server:
        url = f"smtp://127.0.0.1:{server.port}"
        assert server_check(app_with(tmp_path, smtp_url=url))[0].verdict is Verdict.UNKNOWN


def test_what_is_said_of_the_mailbox_of_bounces(tmp_path: Path) -> None:
    assert mailbox_check(app_with(tmp_path))[0].verdict is Verdict.WARNING
    assert mailbox_check(app_with(tmp_path, bounces_url="x"))[0].verdict is Verdict.WRONG
    for protocol in ("imap", "pop3"):
        with serving(protocol) as server:
            server.fill(b"one", b"two")
            login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
            url = f"{protocol}://{login}@127.0.0.1:{server.port}"
            check = mailbox_check(app_with(tmp_path, bounces_url=url))[0]
            assert check.verdict is Verdict.OK, check
            assert "2 messages there" in check.said
            assert len(server.messages) == 2
    gone = f"imap://user:secret@127.0.0.1:{server.port}"
    assert mailbox_check(app_with(tmp_path, bounces_url=gone))[0].verdict is Verdict.UNKNOWN


def test_key_and_operators(tmp_path: Path) -> None:
    newsroom = newsroom_in(tmp_path)
    found = by_name(people_checks(app_with(tmp_path), newsroom))
    assert found["secret key"].verdict is Verdict.OK
    assert not (tmp_path / ".pipeline/secret").exists()
    assert found["operators"].verdict is Verdict.WARNING
    short = people_checks(app_with(tmp_path, secret_key="abc"), newsroom)
    assert by_name(short)["secret key"].verdict is Verdict.WRONG
    told = replace(newsroom, operators=("ada@example.org",))
    assert by_name(people_checks(app_with(tmp_path), told))["operators"].verdict is Verdict.OK


def test_senders_are_those_of_all_versions_with_their_keys(tmp_path: Path) -> None:
    newsroom = newsroom_in(tmp_path, NEWSROOM + '[sending]\nreturn_path = "b@bounce.example.org"\n')
    key = _key(tmp_path)
    app = app_with(tmp_path, dkim_keys=f"mail:{key}", smtp_url="smtp://127.0.0.1")
    (found,) = senders(app, newsroom)
    assert (found.domain, found.envelope) == ("news.example.org", "bounce.example.org")
    assert [x.name for x in found.keys] == ["mail._domainkey.news.example.org"]
    assert found.keys[0].value == Postroom(app).dkim_records()[0][1].dns_value()
    assert found.relayed


def _key(root: Path) -> Path:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    raw = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path = root / "mail.pem"
    path.write_bytes(raw)
    path.chmod(0o600)
    return path


def test_a_site_with_a_good_certificate(signed: Certificates) -> None:
    trust = partial(ssl.create_default_context, cafile=str(signed.authority))
    with site(signed.right) as url:
        look = look_at(f"{url}/healthz", trust=trust)
        assert (look.status, look.said, look.here) == (200, "ok\n", True)
        assert look.good_until is not None
        assert look.told is not None
        bad = look_at(url)
    assert bad.bad
    assert "certificate is not right" in bad.trouble
    with site(signed.wrong) as url:
        assert look_at(url, trust=trust).bad
    gone = look_at(url)
    assert gone.trouble.startswith("no connection")
    assert not gone.bad
    assert is_here("127.0.0.1")
    assert not is_here("192.0.2.1")


GOOD = SiteLook(status=200, said="ok\n", told=NOW, good_until=NOW + timedelta(days=60))


@pytest.mark.parametrize(
    ("front", "health", "what", "verdict"),
    [
        (GOOD, GOOD, "address", "ok"),
        (GOOD, GOOD, "certificate", "ok"),
        (GOOD, GOOD, "service", "ok"),
        (GOOD, GOOD, "clock", "ok"),
        (GOOD, replace(GOOD, status=404), "service", "warning"),
        (GOOD, replace(GOOD, said="<!doctype"), "service", "warning"),
        (replace(GOOD, good_until=NOW + timedelta(days=3)), GOOD, "certificate", "warning"),
        (replace(GOOD, status=502), GOOD, "address", "wrong"),
        (replace(GOOD, status=404), GOOD, "address", "warning"),
        (replace(GOOD, told=NOW - timedelta(seconds=90)), GOOD, "clock", "wrong"),
        (replace(GOOD, told=NOW + timedelta(seconds=90)), GOOD, "clock", "wrong"),
        (SiteLook(trouble="there is no x", bad=True), GOOD, "address", "wrong"),
        (SiteLook(trouble="no answer in time"), GOOD, "address", "unknown"),
    ],
)
def test_what_is_said_of_a_site(
    tmp_path: Path, front: SiteLook, health: SiteLook, what: str, verdict: str
) -> None:
    looks = {"https://news.example.org/": front, "https://news.example.org/healthz": health}
    checks = site_checks(newsroom_in(tmp_path), looks.__getitem__, lambda: NOW)
    assert by_name(checks)[what].verdict.value == verdict


def test_a_site_without_tls_is_wrong(tmp_path: Path) -> None:
    newsroom = replace(newsroom_in(tmp_path), base_url="http://news.example.org")
    checks = by_name(site_checks(newsroom, lambda _: replace(GOOD, here=True), lambda: NOW))
    assert checks["address"].verdict is Verdict.WRONG
    assert checks["clock"].verdict is not Verdict.WRONG


def machine(
    root: Path, environment: dict[str, str] | None = None, **changes: Any
) -> dict[str, Check]:
    newsroom = newsroom_in(root)
    settings = app_with(root, **changes).settings
    return by_name(machine_checks(settings, environment or {}, newsroom, date(2026, 3, 31)))


def test_secrets_that_others_can_read_are_found(tmp_path: Path) -> None:
    state = tmp_path / ".pipeline"
    assert machine(tmp_path)["secrets"].verdict is Verdict.OK
    (state / "outbox").mkdir(parents=True)
    (state / "outbox/1.eml").touch(0o600)
    (state / "secret").touch(0o600)
    assert machine(tmp_path)["secrets"].verdict is Verdict.OK
    (state / "outbox/1.eml").chmod(0o644)
    found = machine(tmp_path)["secrets"]
    assert found.verdict is Verdict.WRONG
    assert found.advice == f"chmod -R go-rwx {state}"
    state.chmod(0o700)
    assert machine(tmp_path)["secrets"].verdict is Verdict.OK
    url = tmp_path / "smtp-url"
    url.touch(0o644)
    found = machine(tmp_path, {"ENEWS_SMTP_URL_FILE": str(url)})["secrets"]
    assert found.advice == f"chmod -R go-rwx {url}"


def test_an_output_that_shows_all(tmp_path: Path) -> None:
    assert machine(tmp_path)["output"].verdict is Verdict.OK
    app = app_with(tmp_path)
    folders = replace(app.settings.folders, output=tmp_path)
    assert machine(tmp_path, folders=folders)["output"].verdict is Verdict.WRONG


def test_the_database_is_looked_at_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / ".pipeline/ledger.sqlite"
    assert machine(tmp_path)["database"].verdict is Verdict.OK
    assert not path.exists()
    with open_store("", path):
        pass
    assert machine(tmp_path)["database"].verdict is Verdict.OK
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0001'")
        raw.commit()
    assert machine(tmp_path)["database"].verdict is Verdict.WARNING
    assert look_at_store("", path).version == "0001"
    path.write_bytes(b"no database at all" * 100)
    assert machine(tmp_path)["database"].verdict is Verdict.WRONG


def test_postgresql_is_looked_at_too(tmp_path: Path) -> None:
    url = postgresql_url()
    assert look_at_store(url, tmp_path / "x").version == ""
    with open_store(url, tmp_path / "x"):
        look = look_at_store(url, tmp_path / "x")
    assert look.engine.startswith("PostgreSQL 1")
    assert look.version == look.current
    assert look.size > 0
    found = machine(tmp_path, database_url=url)
    assert found["database"].verdict is Verdict.OK
    assert "backups" not in found


@pytest.mark.parametrize(
    ("day", "verdict"), [(None, "warning"), ("2026-03-30", "ok"), ("2026-03-20", "wrong")]
)
def test_backups_are_there_and_recent(tmp_path: Path, day: str | None, verdict: str) -> None:
    folder = tmp_path / ".pipeline/backups"
    folder.mkdir(parents=True)
    if day:
        (folder / f"ledger-{day}.sqlite").touch(0o600)
    assert machine(tmp_path)["backups"].verdict.value == verdict


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ENEWS_")]:
        monkeypatch.delenv(name)
    records = {"MX news.example.org.": ["10 mx.example.org."], "A news.example.org.": ["192.0.2.1"]}
    with name_server(records) as port, site() as url:
        monkeypatch.setattr("pipeline.net.dns.DnsNames", lambda: DnsNames(["127.0.0.1"], port=port))
        put(tmp_path, "newsroom.toml", NEWSROOM.replace("https://news.example.org", url))
        result = CliRunner().invoke(main, ["-C", str(tmp_path), "doctor"], standalone_mode=False)
        told = CliRunner().invoke(
            main, ["-C", str(tmp_path), "doctor", "--json"], standalone_mode=False
        )
    assert result.exception is None, result.exception
    assert result.return_value == 1  # no SPF
    assert '→ news.example.org. TXT "v=spf1' in result.output
    assert "wrong" in result.output.splitlines()[-1]
    found = json.loads(told.output)
    assert found["verdict"] == "wrong"
    verdicts = {(check["area"], check["what"]): check["verdict"] for check in found["checks"]}
    assert verdicts["site", "service"] == "ok"
    assert verdicts["mail from news.example.org", "replies"] == "ok"
    assert verdicts["mail from news.example.org", "SPF"] == "wrong"
    areas = [check["area"] for check in found["checks"]]
    assert areas == sorted(areas, key=list(dict.fromkeys(areas)).index)


def test_a_newsroom_that_cannot_be_read_is_one_of_the_findings(tmp_path: Path) -> None:
    put(tmp_path, "newsroom.toml", "[newsroom]\n")
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "doctor"], standalone_mode=False)
    assert result.exception is None, result.exception
    assert result.return_value == 1
    assert "enews check" in result.output
    assert "disk" in result.output
