from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ConfigError
from pipeline.mail.server_url import MailServer, OutboxFolder, Security, parse_server_url

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"


def server(url: str) -> MailServer:
    found = parse_server_url(url)
    assert isinstance(found, MailServer)
    return found


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://mail.example.org", Security.NONE, 25),
        ("smtp+starttls://mail.example.org", Security.STARTTLS, 587),
        ("smtps://mail.example.org", Security.TLS, 465),
        ("SMTPS://mail.example.org:2465/", Security.TLS, 2465),
    ],
)
def test_a_scheme_says_how_a_connection_is_protected(
    url: str, security: Security, port: int
) -> None:
    found = server(url)
    assert (found.host, found.security, found.port) == ("mail.example.org", security, port)
    assert (found.user, found.password) == ("", "")


def test_user_and_password_are_percent_encoded() -> None:
    found = server("smtps://me%40example.org:p%3A%2F%3F%23%25w@mail.example.org")
    assert (found.user, found.password) == ("me@example.org", "p:/?#%w")
    assert found.host == "mail.example.org"


def test_a_server_is_told_by_host_and_port() -> None:
    assert str(server("smtp://mail.example.org:2525")) == "mail.example.org:2525"
    assert str(server("smtp://[2001:db8::1]")) == "[2001:db8::1]:25"


def test_a_password_stays_out_of_what_is_printed() -> None:
    found = server(f"smtps://me:{SECRET}@mail.example.org")
    assert found.password == SECRET
    assert SECRET not in f"{found} {found!r}"


@pytest.mark.parametrize(
    "url",
    [
        f"smtps://me:{SECRET}#1@mail.example.org",
        f"smtps://me:{SECRET}/1@mail.example.org",
        f"smtps://me:{SECRET}?1@mail.example.org",
        f"smtps://me:{SECRET}@mail.example.org:port",
        f"smtps://me:{SECRET}@mail.example.org:0",
        f"smtps://me:{SECRET}@mail.example.org:70000",
        f"smtps://me:{SECRET}@[mail.example.org",
        f"smtps://me:{SECRET}@",
        f"smtps://me:{SECRET}@mail.example.org/folder",
        f"smtps://me:{SECRET}%0a@mail.example.org",
        f"smtps://:{SECRET}@mail.example.org",
        f"smtp://me:{SECRET}@mail.example.org",
        f"http://me:{SECRET}@mail.example.org",
        f"me:{SECRET}@mail.example.org",
        f"{SECRET}",
        f"smtps://me:{SECRET}@mail.example.org?tls=no",
    ],
)
def test_what_cannot_be_is_refused_and_the_password_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="ENEWS_SMTP_URL") as caught:
        parse_server_url(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_user_without_a_password_is_told_where_it_goes() -> None:
    with pytest.raises(ConfigError, match="ENEWS_SMTP_URL_FILE"):
        parse_server_url("smtps://me@mail.example.org")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_a_password_goes_in_clear_only_within_this_machine(host: str) -> None:
    assert server(f"smtp://me:secret@{host}:2525").password == "secret"
    for elsewhere in ("mail.example.org", "192.0.2.1", "localhost.example.org"):
        with pytest.raises(ConfigError, match="in clear"):
            parse_server_url(f"smtp://me:secret@{elsewhere}")


def test_options_name_a_file_of_certificates_and_a_greeting(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(b"")
    found = server(f"smtps://mail.example.org?ca={file}&name=news.example.org")
    assert (found.authorities, found.greeting) == (str(file), "news.example.org")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtps://mail.example.org?ca=/nowhere.pem", "no such file"),
        ("smtp://mail.example.org?ca=/nowhere.pem", "no TLS"),
        ("smtps://mail.example.org?name=two+words", "name="),
        ("smtps://mail.example.org?name=a%0d%0aMAIL", "name="),
        ("smtps://mail.example.org?verify=no", "unknown option"),
    ],
)
def test_options_that_cannot_be_are_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_server_url(url)


@pytest.mark.parametrize(
    ("url", "path"),
    [("outbox:", ""), ("outbox:/var/out", "/var/out"), ("outbox:a folder", "a folder")],
)
def test_an_outbox_is_a_folder(url: str, path: str) -> None:
    assert parse_server_url(url) == OutboxFolder(path=path)
