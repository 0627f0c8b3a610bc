"""The composition root of mailings: chooses what carries them, and brings store and clock along."""

from __future__ import annotations

import csv
import random
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from pipeline.core.delivery import Claim, message_id
from pipeline.errors import EnewsError, MailError, MailTemporaryError, StoreError
from pipeline.flows.deliver import Delivering, Desk, Progress
from pipeline.flows.mailing import Records, Released, Trial, released, trial
from pipeline.flows.mailing_trouble import Telling, hindered, note

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pipeline.app import App
    from pipeline.core.bounce import Bounce
    from pipeline.core.mailing import Mailing
    from pipeline.core.newsroom import Newsroom
    from pipeline.core.reply import Reply
    from pipeline.flows.front_desk import FrontDesk
    from pipeline.mail.dkim_keys import DkimKey
    from pipeline.mail.server_url import MailServer, OutboxFolder
    from pipeline.ports.sending import Carrier, Letter, Letters
    from pipeline.store.opening import Store
    from pipeline.store.tokens import TokenFolder


class SystemClock:
    """The port `Clock`; where the environment drives the time, that one."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._driven = app.settings.now_file is not None

    def time(self) -> float:
        """Seconds since the epoch."""
        return self._app.now().timestamp() if self._driven else time.time()

    def steady(self) -> float:
        """Seconds of a clock that never steps."""
        return time.monotonic()


class Traces(NamedTuple):
    """Files that held a person's address: `cleared` hold it no more, `left` still may."""

    cleared: list[Path]
    left: list[Path]


class Postroom:
    """A newsroom's mail: from a released issue to what a server said."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._tokens: TokenFolder | None = None

    def records(self, store: Store) -> Records:
        """The store, and the tokens beside it."""
        from pipeline.store.tokens import TokenFolder

        settings = self.app.settings
        if self._tokens is None:
            # A PostgreSQL server that crashes may lose what was not waited for.
            sure = bool(settings.database_url)
            self._tokens = TokenFolder(settings.folders.state / "sent", sure=sure)
        return Records(subscribers=store.subscribers, ledger=store.ledger, tokens=self._tokens)

    def released(self, name: str, *, waiting: Callable[[str], None]) -> Released:
        """A released issue, every message checked against its lock."""
        with self.app.workshop("enews mailing", waiting=waiting) as workshop:
            return released(workshop, name, now=self.app.now())

    def send(
        self,
        store: Store,
        issue: Released,
        mailing: Mailing,
        *,
        wait: bool,
        watch: Callable[[Progress], None],
        stopping: Callable[[], bool] = bool,
        tell: Callable[[str], None] = lambda _: None,
    ) -> Progress:
        """Send what is due of a running mailing, as one worker; with `wait` until its end.

        Once `stopping` is True, or another release is to go out, nothing more begins, and the rest
        stays queued; `tell` hears what it waits for. Raises MailError where the server cannot be
        used, but for a refused login, which pauses the mailing.
        """
        records = self.records(store)
        desk = Desk(
            ledger=records.ledger,
            subscribers=records.subscribers,
            tokens=records.tokens,
            letters=self._letters(mailing.issue, issue, mailing.id, mailing.begins),
            sending=issue.newsroom.sending,
            clock=SystemClock(self.app),
            chance=random.random,
            bounced=self._bounced(store),
            watch=watch,
            wait=wait,
            stopping=lambda: stopping() or _released_anew(store, mailing),
        )
        records.ledger.enter(f"enews mailing {mailing.issue}")
        note(records.ledger, mailing, "")
        going = Delivering(desk, mailing)
        try:
            self._carrier(issue, mailing.issue).carry(Telling(going, tell))
        except MailError as error:
            why = hindered(records.ledger, mailing, error, self.app.now())
            if not why:
                raise
            going.progress.stopped = why
        finally:
            going.close()
            if self._tokens is not None:
                self._tokens.close()
        return going.progress

    def trial(self, name: str, *, waiting: Callable[[str], None]) -> Trial:
        """An issue to try out, released or a draft."""
        with self.app.workshop("enews mailing", waiting=waiting) as workshop:
            return trial(workshop, name, now=self.app.now())

    def send_test(self, issue: Trial, address: str) -> Mapping[str, Reply]:
        """One copy in each language to one address; what the server said of each.

        Their links belong to nobody: nothing happens to any subscriber when one follows them.
        """
        letters = self._letters(issue.id, issue, 0, self.app.now())
        replies = {}
        for language in issue.messages:
            claim = Claim(0, 0, address, "", language, 0, 0.0)
            test = _Test(letters.letter(claim))
            self._carrier(issue, f"test/{issue.id}/{language}").carry(test)
            if test.reply is None:
                raise MailTemporaryError("the server did not answer", self.carried_by())
            replies[language] = test.reply
        return replies

    def keys(self) -> tuple[bytes, ...]:
        """What links are signed with, the first one new ones. Raises ConfigError."""
        from pipeline.mail.secret import secret_keys

        settings = self.app.settings
        return secret_keys(settings.secret_key, settings.folders.state / "secret")

    def front_desk(self, store: Store, newsroom: Newsroom, keys: Sequence[bytes]) -> FrontDesk:
        """What signing up, leaving and choosing work with; cheap enough for one a request."""
        from pipeline.flows.front_desk import FrontDesk

        return FrontDesk(
            newsroom=newsroom,
            keys=keys,
            subscribers=store.subscribers,
            ledger=store.ledger,
            notices=store.notices,
            message_ids=self.message_ids,
            forget=self.forget,
        )

    def send_notices(
        self,
        store: Store,
        *,
        stopping: Callable[[], bool] = bool,
        trouble: Callable[[str], None] = lambda _: None,
    ) -> int:
        """Send the notices that are due; how many a server took.

        Where one cannot be sent it waits, and `trouble` hears why. Raises StoreError.
        """
        from pipeline.core.notice import NoticeState
        from pipeline.mail.carriers import carrier
        from pipeline.notice_room import notice_round

        if not store.notices.counts().get(NoticeState.WAITING):
            return 0
        going, settings = None, self.app.settings
        try:
            going = notice_round(
                self.app, partial(self.front_desk, store), self._bounced(store), stopping
            )
            first = going.next()
            if first is not None:
                going.put_back(first)
                sending, name = going.desk.newsroom.sending, f"notices/{self.app.now():%Y-%m-%d}"
                carrier(settings.smtp_url, sending, settings.folders, name=name).carry(going)
        except StoreError:
            raise
        except EnewsError as error:
            trouble(str(error))
        if going is None:
            return 0
        if going.trouble:
            trouble(going.trouble)
        return going.sent

    def forget(self, addresses: Collection[str]) -> Traces:
        """Remove letters to these addresses from the outbox, and their lines from import reports.

        Messages of the bounce mailbox that nobody understood are only named: they may be about
        others. So are files that cannot be read or changed.
        """
        from pipeline.content.subscriber_file import forget_in_report
        from pipeline.mail.outbox import letters_to
        from pipeline.mail.unknown import UnknownFolder

        state = self.app.settings.folders.state
        found = Traces([], [])
        for folder in {state / "outbox", self.outbox() or state / "outbox"}:
            for path in letters_to(folder, addresses):
                try:
                    path.unlink()
                    found.cleared.append(path)
                except OSError:
                    found.left.append(path)
        for path in sorted((state / "imports").glob("*.csv")):
            try:
                if forget_in_report(path, addresses):
                    found.cleared.append(path)
            except (OSError, ValueError, csv.Error):
                found.left.append(path)
        found.left.extend(UnknownFolder(state / "bounces/unknown").naming(addresses))
        return found

    def message_ids(self) -> Callable[[str, int], str]:
        """The Message-ID of an issue's copy for a subscriber, by the issue's id and theirs.

        Its domain is that of the sender in the released message; where that is gone, today's.
        """
        from pipeline.content.reader import ContentFolder

        folder = self.app.settings.folders.content
        newsletters = ContentFolder(folder).newsroom().newsletters
        today = {n.key: _domain(n.sender) for n in newsletters}

        @lru_cache(maxsize=1024)
        def domain(issue: str) -> str:
            return _sender_domain(folder, issue) or today.get(issue.partition("/")[0], "")

        return lambda issue, subscriber: message_id(issue, subscriber, domain(issue))

    def dkim_records(self) -> list[tuple[str, DkimKey]]:
        """The name of the TXT record for every key and every sender's domain, with the key."""
        from pipeline.content.reader import ContentFolder
        from pipeline.mail.dkim_keys import read_keys

        settings = self.app.settings
        if not settings.dkim_keys:
            return []
        newsletters = ContentFolder(settings.folders.content).newsroom().newsletters
        senders = [
            sender
            for newsletter in newsletters
            for sender in (newsletter.sender, *(x.sender for x in newsletter.versions))
        ]
        domains = dict.fromkeys(_domain(sender) for sender in senders if sender)
        keys = read_keys(settings.dkim_keys, settings.folders.root)
        return [(key.dns_name(domain), key) for domain in domains for key in keys]

    def carried_by(self) -> str:
        """What carries letters, for people: a server's name, or a folder."""
        target = self._target()
        return f"the folder {self._outbox(target)}" if self.outbox() else str(target)

    def check(self) -> None:
        """Raises ConfigError for settings of mail that cannot be right."""
        from pipeline.mail.mailbox_server import parse_mailbox_url

        self._target()
        if self.app.settings.bounces_url:
            parse_mailbox_url(self.app.settings.bounces_url)
        self.keys()
        self.dkim_records()

    @property
    def has_server(self) -> bool:
        """False where nobody said how mails go: what waits for it waits."""
        return self.app.settings.smtp_given

    def outbox(self) -> Path | None:
        """The folder that letters go to where no mail server is set."""
        return self._outbox(self._target())

    def _target(self) -> MailServer | OutboxFolder:
        from pipeline.mail.server_url import parse_server_url

        return parse_server_url(self.app.settings.smtp_url)

    def _outbox(self, target: MailServer | OutboxFolder) -> Path | None:
        from pipeline.mail.server_url import OutboxFolder

        if not isinstance(target, OutboxFolder):
            return None
        folders = self.app.settings.folders
        return folders.root / target.path if target.path else folders.state / "outbox"

    def _carrier(self, issue: Released | Trial, name: str) -> Carrier:
        from pipeline.mail.carriers import carrier

        settings = self.app.settings
        return carrier(settings.smtp_url, issue.newsroom.sending, settings.folders, name=name)

    def _letters(self, name: str, issue: Released | Trial, mailing: int, at: datetime) -> Letters:
        """Who writes the letters; the keys load here. Raises ConfigError, MailingError."""
        from pipeline.mail.dkim_keys import read_keys
        from pipeline.mail.letters import letter_writer
        from pipeline.mail.secret import secret_keys

        settings = self.app.settings
        folders = settings.folders
        return letter_writer(
            messages=issue.messages,
            issue=name,
            newsroom=issue.newsroom,
            mailing=mailing,
            at=at,
            keys=secret_keys(settings.secret_key, folders.state / "secret"),
            signers=read_keys(settings.dkim_keys, folders.root) if settings.dkim_keys else (),
        )

    def _bounced(self, store: Store) -> Callable[[Bounce], None]:
        """What follows from a refusal: an address that is gone is never mailed again."""

        def follow(bounce: Bounce) -> None:
            from pipeline.flows.bounce import follow_bounce

            follow_bounce(store.subscribers, store.ledger, bounce, bounce.at)

        return follow


def _released_anew(store: Store, mailing: Mailing) -> bool:
    """True once an editor said that a newer release goes out: what is at hand here is the older."""
    now = store.ledger.mailing(mailing.issue)
    return now is not None and now.digest != mailing.digest


def _sender_domain(content: Path, issue: str) -> str:
    """The domain of From in the main message of a released issue; "" where it cannot be read."""
    from pipeline.content.lock import read_lock
    from pipeline.mail.letter_template import sender_of

    path = f"issues/{issue}.lock.json"
    try:
        lock = read_lock(path, (content / path).read_bytes())
        message = (content / lock.message_file(lock.all_versions[0])).read_bytes()
        return sender_of(message, issue)[1]
    except (OSError, EnewsError):
        return ""


def _domain(sender: str) -> str:
    """The domain of `Name <address>` or an address."""
    return sender.rpartition("@")[2].rstrip("> ")


class _Test:
    """The port `Round` for one letter that no ledger knows."""

    def __init__(self, letter: Letter) -> None:
        self._letter: Letter | None = letter
        self.reply: Reply | None = None

    def next(self) -> Letter | float | None:
        """The letter, once."""
        letter, self._letter = self._letter, None
        return letter

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        """Keep the answer."""
        del begun
        for _, reply in done:
            self.reply = reply

    def put_back(self, letter: Letter) -> None:
        """It goes again; who carries it says in the end why it cannot."""
        self._letter = letter
