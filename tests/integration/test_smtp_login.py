"""TLS and logins: with our own server, and with aiosmtpd, which is somebody else's."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import AuthResult

from pipeline.errors import ConfigError, MailError, MailLoginError, MailRefusedError
from pipeline.mail.server_url import MailServer as Target
from pipeline.mail.server_url import parse_server_url
from pipeline.mail.smtp import SmtpCarrier, new_loop
from pipeline.mail.smtp_desk import Patience
from tests.aiosmtpd_server import aiosmtpd_server
from tests.certificates import Certificates, certificates
from tests.rounds import FakeRound, letters
from tests.smtp_server import Fault, Manners, smtp_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Loop = Callable[[], asyncio.AbstractEventLoop]

PATIENCE = Patience(opening=5.0, again=0.01, unreachable=0.1, unreachable_first=0.1)
USERS = (("me@example.org", "p@ss:word/1"),)
LOGIN = "me%40example.org:p%40ss%3Aword%2F1@"


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=[new_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> Loop:
    found: Loop = request.param
    return found


def sent(url: str, count: int = 5, loop: Loop = new_loop) -> FakeRound:
    """Letters carried by what a URL says."""
    target = parse_server_url(url)
    assert isinstance(target, Target)
    given = FakeRound.of(letters(count))
    told = ""
    try:
        SmtpCarrier(target, 2, PATIENCE, loop).carry(given)
    except MailError as error:
        told = "".join(traceback.format_exception(error))
        raise
    finally:
        assert not given.out
        assert "word/1" not in told
        assert "3dvcmQvM" not in told  # the same in Base64
    return given


def test_starttls_and_a_login(signed: Certificates, loop: Loop) -> None:
    with smtp_server(manners=Manners(tls=signed.right, users=USERS)) as server:
        url = f"smtp+starttls://{LOGIN}127.0.0.1:{server.port}?ca={signed.authority}"
        assert sent(url, loop=loop).codes() == {250: 5}
    assert server.commands[:2] == ["EHLO [127.0.0.1]", "STARTTLS"]


def test_tls_from_the_first_byte(signed: Certificates, loop: Loop) -> None:
    manners = Manners(tls=signed.right, implicit_tls=True, users=USERS)
    with smtp_server(manners=manners) as server:
        url = f"smtps://{LOGIN}127.0.0.1:{server.port}?ca={signed.authority}&name=news.example"
        assert sent(url, loop=loop).codes() == {250: 5}
    assert server.commands[0] == "EHLO news.example"


@pytest.mark.parametrize("fault", ["drop-after-data", "drop-before-data", "421-after-data"])
def test_what_goes_wrong_goes_wrong_with_tls_as_well(
    signed: Certificates, fault: str, loop: Loop
) -> None:
    manners = Manners(tls=signed.right, implicit_tls=True)
    with smtp_server(Fault(fault, nth=3), manners=manners) as server:
        done = sent(f"smtps://127.0.0.1:{server.port}?ca={signed.authority}", 10, loop)
    assert done.codes()[250] >= 9
    assert len(done.replies) == 10


def test_large_letters_arrive_whole_through_tls(signed: Certificates, loop: Loop) -> None:
    given = FakeRound.of(letters(4, size=3_000_000))
    manners = Manners(tls=signed.right, implicit_tls=True)
    with smtp_server(manners=manners) as server:
        target = parse_server_url(f"smtps://127.0.0.1:{server.port}?ca={signed.authority}")
        assert isinstance(target, Target)
        SmtpCarrier(target, 2, loop=loop).carry(given)
    assert given.codes() == {250: 4}
    assert {len(message.data) for message in server.messages} == {
        len(one.data) - 1 for one in letters(4, size=3_000_000)
    }


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_of_somebody_else_is_refused(
    signed: Certificates, scheme: str, loop: Loop
) -> None:
    manners = Manners(tls=signed.wrong, implicit_tls=scheme == "smtps", users=USERS)
    with smtp_server(manners=manners) as server:
        url = f"{scheme}://{LOGIN}127.0.0.1:{server.port}?ca={signed.authority}"
        with pytest.raises(MailRefusedError, match="certificate is not to be trusted"):
            sent(url, loop=loop)
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_of_an_unknown_authority_is_refused(
    signed: Certificates, scheme: str
) -> None:
    manners = Manners(tls=signed.right, implicit_tls=scheme == "smtps")
    with (
        smtp_server(manners=manners) as server,
        pytest.raises(MailRefusedError, match="certificate is not to be trusted"),
    ):
        sent(f"{scheme}://127.0.0.1:{server.port}")
    assert server.messages == []


def test_without_starttls_not_a_word_is_said_in_clear(signed: Certificates) -> None:
    manners = Manners(tls=signed.right, users=USERS)
    with smtp_server(Fault("starttls-stripped"), manners=manners) as server:
        url = f"smtp+starttls://{LOGIN}127.0.0.1:{server.port}?ca={signed.authority}"
        with pytest.raises(MailRefusedError, match="no STARTTLS"):
            sent(url)
    assert server.commands == ["EHLO [127.0.0.1]"]


def test_tls_that_is_not_there_now_is_tried_later(signed: Certificates) -> None:
    manners = Manners(tls=signed.right)
    with smtp_server(Fault("starttls-refused", nth=1), manners=manners) as server:
        url = f"smtp+starttls://127.0.0.1:{server.port}?ca={signed.authority}"
        assert sent(url).codes() == {250: 5}


def test_tls_where_there_is_none_is_told() -> None:
    with smtp_server() as server, pytest.raises(MailRefusedError, match="no TLS there"):
        sent(f"smtps://127.0.0.1:{server.port}")


def test_a_wrong_password_is_refused_and_not_repeated() -> None:
    with smtp_server(manners=Manners(users=USERS)) as server:
        url = f"smtp://me%40example.org:swordword%2F1@127.0.0.1:{server.port}"
        with pytest.raises(MailLoginError, match="refused the login: 535"):
            sent(url)
    assert server.connections == 1


def test_a_login_that_is_not_possible_now_is_tried_later() -> None:
    with smtp_server(Fault("auth-later", nth=2), manners=Manners(users=USERS)) as server:
        assert sent(f"smtp://{LOGIN}127.0.0.1:{server.port}").codes() == {250: 5}


def test_a_login_that_the_server_does_not_know_is_told() -> None:
    with (
        smtp_server() as server,
        pytest.raises(MailRefusedError, match="offers no login"),
    ):
        sent(f"smtp://{LOGIN}127.0.0.1:{server.port}")


def test_a_file_that_holds_no_certificate_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing of the kind")
    target = parse_server_url(f"smtps://127.0.0.1:1?ca={file}")
    assert isinstance(target, Target)
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        SmtpCarrier(target, 1)


def test_another_server_with_tls_and_login_takes_every_letter(signed: Certificates) -> None:
    def authenticator(*arguments: Any) -> AuthResult:
        given = arguments[4].login.decode(), arguments[4].password.decode()
        return AuthResult(success=given in USERS)

    options = {"require_starttls": True, "auth_required": True, "authenticator": authenticator}
    with aiosmtpd_server(tls_context=signed.right, **options) as post:
        url = f"smtp+starttls://{LOGIN}127.0.0.1:{post.port}?ca={signed.authority}"
        assert sent(url, 20).codes() == {250: 20}
    assert sorted(post.taken) == sorted(
        (one.recipient, one.data.replace(b"\r\n..", b"\r\n.")) for one in letters(20)
    )
