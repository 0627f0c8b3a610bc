"""Mailboxes on this machine, that speak as much IMAP and POP3 as a client of ours needs."""

from __future__ import annotations

import re
import shlex
import ssl
import threading
from base64 import b64decode
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PEM = Path(__file__).parent / "corpus/tls/local.pem"
USER, PASSWORD = "bounces@news.example.org", 'p"ss:w\\rd/ü'


class MailboxServer(ThreadingTCPServer):
    """A mailbox: messages by their numbers, which do not change.

    `capabilities` is what it says it can do, `offers_tls` whether it knows the upgrade; `trouble`
    names a command at which it hangs up, `silent` one at which it says nothing more, `endless` one
    at which it does not come to an end.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler: type[StreamRequestHandler], *, tls: bool) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(PEM)
        self.tls = tls
        self.password = PASSWORD
        self.messages: dict[int, bytes] = {}
        self.folders: dict[str, list[bytes]] = {}
        self.deleted: set[int] = set()
        self.capabilities = "IMAP4rev1 AUTH=PLAIN MOVE UIDL"
        self.offers_tls = True
        self.trouble = self.silent = self.endless = ""
        self.trouble_once = False
        self.unreadable: set[int] = set()
        self.said: list[str] = []
        self.patience = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def speaks_pop(self) -> bool:
        return self.RequestHandlerClass is PopConversation

    def fill(self, *messages: bytes) -> None:
        self.messages.update(enumerate(messages, len(self.messages) + 1))

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some of these tests are about."""

    def server_close(self) -> None:
        self.patience.set()
        super().server_close()


class Conversation(StreamRequestHandler):
    """What both protocols have in common: lines, TLS, and misbehaving at a command."""

    server: MailboxServer

    def setup(self) -> None:
        if self.server.tls:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def upgrade(self) -> None:
        self.rfile.close()
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def say(self, *lines: str | bytes) -> None:
        for line in lines:
            self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        self.wfile.flush()

    def misbehaves(self, words: str) -> bool:
        """True where the connection has to end here."""
        self.server.said.append(words)
        if self.server.silent and self.server.silent in words:
            self.server.patience.wait(30)
            return True
        if self.server.endless and self.server.endless in words:
            self.wfile.write(b"+OK\r\n" * self.server.speaks_pop)
            for _ in range(2000):  # far longer than a client should listen
                self.wfile.write((b"1 120\r\n" if self.server.speaks_pop else b"* OK 1\r\n") * 1000)
            return True
        if self.server.trouble and self.server.trouble in words:
            if self.server.trouble_once:
                self.server.trouble = ""
            return True
        return False


class ImapConversation(Conversation):
    """RFC 3501, with UIDs that are the numbers of the messages."""

    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            tag, _, words = line.partition(" ")
            if self.misbehaves(words):
                return
            name, _, rest = words.partition(" ")
            if name == "UID":
                name, _, rest = rest.partition(" ")
                name = f"uid_{name}"
            answer = getattr(self, f"do_{name.lower()}", self._unknown)(tag, rest)
            if answer:
                self.say(f"{tag} {answer}")
            if name == "STARTTLS" and answer.startswith("OK"):
                self.upgrade()
            if name == "LOGOUT":
                return

    def _unknown(self, tag: str, rest: str) -> str:
        return "BAD unknown"

    def do_capability(self, tag: str, rest: str) -> str:
        upgrade = " STARTTLS" if self.server.offers_tls else ""
        self.say(f"* CAPABILITY {self.server.capabilities}{upgrade}")
        return "OK done"

    def do_starttls(self, tag: str, rest: str) -> str:
        return "OK go on" if self.server.offers_tls else "NO not here"

    def do_login(self, tag: str, rest: str) -> str:
        both = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:\\.|[^"])*)"', rest)]
        return "OK in" if both == [USER, self.server.password] else f"NO wrong {both[-1]}"

    def do_authenticate(self, tag: str, rest: str) -> str:
        self.say("+ ")
        given = b64decode(self.rfile.readline()).decode()
        return "OK in" if given == f"\0{USER}\0{self.server.password}" else f"NO wrong {given[-4:]}"

    def do_select(self, tag: str, rest: str) -> str:
        if rest != '"INBOX"':
            return "NO there is no such folder"
        self.say(f"* {len(self.server.messages)} EXISTS")
        return "OK [READ-WRITE] done"

    def do_uid_search(self, tag: str, rest: str) -> str:
        places, _, key = rest.partition(" ")
        first, _, last = places.partition(":")
        if key != "UNDELETED":
            return "BAD search"
        looked_at = list(self.server.messages)[int(first) - 1 : int(last)]
        there = [str(n) for n in looked_at if n not in self.server.deleted]
        self.say(f"* SEARCH {' '.join(there)}".rstrip())
        return "OK done"

    def do_uid_fetch(self, tag: str, rest: str) -> str:
        number = int(rest.split(maxsplit=1)[0])
        most = int(rest.rpartition(".")[2].rstrip(">)"))
        if number in self.server.unreadable:
            return "NO damaged"
        raw = self.server.messages[number][:most]
        self.say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}", raw + b")")
        return "OK done"

    def do_uid_store(self, tag: str, rest: str) -> str:
        self.server.deleted.add(int(rest.split(maxsplit=1)[0]))
        return "OK done"

    def do_create(self, tag: str, rest: str) -> str:
        self.server.folders[shlex.split(rest)[0]] = []
        return "OK done"

    def do_uid_copy(self, tag: str, rest: str) -> str:
        number, folder = shlex.split(rest)
        if folder not in self.server.folders:
            return "NO [TRYCREATE] no such folder"
        self.server.folders[folder].append(self.server.messages[int(number)])
        return "OK done"

    def do_uid_move(self, tag: str, rest: str) -> str:
        answer = self.do_uid_copy(tag, rest)
        if answer.startswith("OK"):
            del self.server.messages[int(rest.split(maxsplit=1)[0])]
        return answer

    def do_expunge(self, tag: str, rest: str) -> str:
        for number in self.server.deleted & self.server.messages.keys():
            del self.server.messages[number]
        return "OK done"

    def do_logout(self, tag: str, rest: str) -> str:
        self.say("* BYE")
        return "OK done"


class PopConversation(Conversation):
    """RFC 1939; deletes at QUIT."""

    def handle(self) -> None:
        self.say("+OK ready")
        self.gone: set[int] = set()
        self.numbers = dict(enumerate(sorted(self.server.messages), 1))
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            if self.misbehaves(line):
                return
            name, _, rest = line.partition(" ")
            getattr(self, f"do_{name.lower()}", self._unknown)(rest)
            if name == "QUIT":
                return

    def _unknown(self, rest: str) -> None:
        self.say("-ERR unknown")

    def do_capa(self, rest: str) -> None:
        self.say("+OK", "TOP", "USER", *(["STLS"] if self.server.offers_tls else []), ".")

    def do_stls(self, rest: str) -> None:
        if not self.server.offers_tls:
            self.say("-ERR not here")
            return
        self.say("+OK go on")
        self.upgrade()

    def do_user(self, rest: str) -> None:
        self.user = rest
        self.say("+OK")

    def do_pass(self, rest: str) -> None:
        right = (self.user, rest) == (USER, self.server.password)
        self.say("+OK in" if right else f"-ERR wrong {rest}")

    def do_list(self, rest: str) -> None:
        sizes = [f"{n} {len(self.server.messages[uid])}" for n, uid in self.numbers.items()]
        self.say("+OK", *sizes, ".")

    def do_uidl(self, rest: str) -> None:
        if "UIDL" not in self.server.capabilities:
            self.say("-ERR unknown")
            return
        self.say("+OK", *(f"{n} id-{uid}" for n, uid in self.numbers.items()), ".")

    def do_retr(self, rest: str) -> None:
        uid = self.numbers[int(rest)]
        if uid in self.server.unreadable:
            self.say("-ERR damaged")
            return
        lines = self.server.messages[uid].replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
        self.say("+OK", *(b"." + ln if ln.startswith(b".") else ln for ln in lines), ".")

    def do_top(self, rest: str) -> None:
        number, most = rest.split()
        raw = self.server.messages[self.numbers[int(number)]].replace(b"\r\n", b"\n")
        head, _, body = raw.partition(b"\n\n")
        self.say("+OK", *head.split(b"\n"), b"", *body.split(b"\n")[: int(most)], ".")

    def do_dele(self, rest: str) -> None:
        self.gone.add(self.numbers[int(rest)])
        self.say("+OK")

    def do_quit(self, rest: str) -> None:
        for uid in self.gone:
            del self.server.messages[uid]
        self.say("+OK bye")


@contextmanager
def serving(protocol: str, *, tls: bool = False) -> Iterator[MailboxServer]:
    """A server of `imap` or `pop3` in a thread of its own."""
    handler = ImapConversation if protocol == "imap" else PopConversation
    with MailboxServer(handler, tls=tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.patience.set()
            server.shutdown()
            thread.join()
