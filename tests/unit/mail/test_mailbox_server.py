"""The address of the bounce mailbox: what it may be, and that its password is never told."""

from __future__ import annotations

import pytest

from pipeline.errors import ConfigError
from pipeline.mail.imap import ImapMailbox
from pipeline.mail.mailbox import open_mailbox
from pipeline.mail.mailbox_server import MailboxServer, parse_mailbox_url, server_words
from pipeline.mail.pop3 import PopMailbox


@pytest.mark.parametrize(
    ("url", "scheme", "port", "folder"),
    [
        ("imaps://u:p@mail.example.org", "imaps", 993, "INBOX"),
        ("imaps://u:p@mail.example.org:994/Bounces/In", "imaps", 994, "Bounces/In"),
        ("IMAP+STARTTLS://u:p@mail.example.org/", "imap+starttls", 143, "INBOX"),
        ("pop3s://u:p@mail.example.org", "pop3s", 995, "INBOX"),
        ("pop3+starttls://u:p@mail.example.org", "pop3+starttls", 110, "INBOX"),
        ("imap://u:p@localhost", "imap", 143, "INBOX"),
        ("pop3://u:p@127.0.0.1:1110", "pop3", 1110, "INBOX"),
        ("imap://u:p@[::1]", "imap", 143, "INBOX"),
    ],
)
def test_what_a_url_stands_for(url: str, scheme: str, port: int, folder: str) -> None:
    found = parse_mailbox_url(url)
    assert (found.scheme, found.port, found.folder) == (scheme, port, folder)
    assert (found.user, found.password) == ("u", "p")
    box, protocol = open_mailbox(url)
    assert isinstance(box, ImapMailbox if protocol == "imap" else PopMailbox)
    assert scheme.startswith(protocol)


def test_escapes_and_options() -> None:
    found = parse_mailbox_url("imaps://a%40b.example:p%3A%2F@h.example/A%20b?handled=Old%20ones")
    assert (found.user, found.password) == ("a@b.example", "p:/")
    assert (found.folder, found.handled) == ("A b", "Old ones")
    assert "p:/" not in repr(found)
    assert str(found) == "h.example:993"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "expected imaps://"),
        ("http://u:secret@h.example", "expected imaps://"),
        ("imaps://u:secret@", "expected imaps://"),
        ("imaps://u:secret@h.example:0", "expected imaps://"),
        ("imaps://u:secret@h.example:x", "cannot be read"),
        ("imaps://u:secret@h.example#a", "expected imaps://"),
        ("imaps://h.example", "user and password are required"),
        ("imaps://u@h.example", "user and password are required"),
        ("imaps://u:secret%0d%0a@h.example", "a control character"),
        ("imap://u:secret@h.example", "in clear: use imaps://"),
        ("pop3://u:secret@10.0.0.1", "in clear: use pop3s://"),
        ("imaps://u:secret@h.example?other=1", "unknown option"),
        ("imaps://u:secret@h.example?ca=/nowhere", "there is no such file"),
        ("imap://u:secret@localhost?ca=/nowhere", "of no use with imap://"),
        ("pop3s://u:secret@h.example/INBOX", "POP3 has no folders"),
        ("pop3s://u:secret@h.example?handled=x", "POP3 has no folders"),
        ("imaps://u:secret@h.example/B%C3%BCcher", "in ASCII"),
        ("imaps://u:secret@h.example/a%0Db", "in ASCII"),
    ],
)
def test_what_cannot_be_is_refused_without_the_password(url: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_mailbox_url(url)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("timed out"), "no answer in time"),
        (OSError(111, "Connection refused"), "Connection refused"),
        (Exception(b"-ERR wrong secret\r\n"), "-ERR wrong …"),
        (EOFError(), "the connection ended"),
        (Exception("x" * 900), "x" * 200),
    ],
)
def test_a_servers_words_are_one_line_without_the_password(error: Exception, words: str) -> None:
    server = MailboxServer(scheme="imaps", host="h", port=1, user="u", password="secret")
    assert server_words(error, server) == words
