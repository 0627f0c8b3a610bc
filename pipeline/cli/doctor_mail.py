"""What 'enews doctor' asks about mail: the DNS, the server, the mailbox of bounces, the key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pipeline.cli.console import counted
from pipeline.core.examination import Check, Verdict
from pipeline.errors import ConfigError, EnewsError, MailTemporaryError
from pipeline.flows.examine import Key, Sender, examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.app import App
    from pipeline.core.newsroom import Newsroom
    from pipeline.ports.names import Names

AREA = "sending"


def senders(app: App, newsroom: Newsroom) -> list[Sender]:
    """Every domain that mail is sent from. Raises ConfigError for keys that cannot be read."""
    from pipeline.postroom import Postroom

    post = Postroom(app)
    keys: dict[str, list[Key]] = {}
    for name, key in post.dkim_records():
        domain = name.removeprefix(f"{key.selector}._domainkey.")
        keys.setdefault(domain, []).append(Key(name, key.dns_value(), key.dns_text()))
    addresses = [
        sender
        for letter in newsroom.newsletters
        for sender in (letter.sender, *(version.sender for version in letter.versions))
        if sender
    ]
    path = newsroom.sending.return_path
    return [
        Sender(
            domain=domain,
            envelope=_domain(path) if path else domain,
            keys=tuple(keys.get(domain, ())),
            relayed=post.outbox() is None,
        )
        for domain in dict.fromkeys(map(_domain, addresses))
    ]


def domain_checks(app: App, newsroom: Newsroom, names: Names) -> list[Callable[[], list[Check]]]:
    """One examination a domain, to be made at the same time."""
    try:
        found = senders(app, newsroom)
    except ConfigError as error:
        problem = Check(area=AREA, what="DKIM keys", verdict=Verdict.WRONG, said=str(error))
        return [lambda: [problem]]
    return [partial(examine, names, sender) for sender in found]


def server_check(app: App) -> list[Check]:
    """Comes in at the mail server and goes again."""
    from pipeline.mail.knocking import knock
    from pipeline.mail.server_url import OutboxFolder, parse_server_url

    def said(verdict: Verdict, words: str, advice: str = "") -> list[Check]:
        return [Check(area=AREA, what="mail server", verdict=verdict, said=words, advice=advice)]

    try:
        target = parse_server_url(app.settings.smtp_url)
        if isinstance(target, OutboxFolder):
            return said(
                Verdict.WARNING,
                "none is set: mails go into a folder",
                "set ENEWS_SMTP_URL=smtp+starttls://user:password@mail.example.org:587",
            )
        offered = knock(target)
    except MailTemporaryError as error:
        return said(Verdict.UNKNOWN, str(error))
    except EnewsError as error:
        return said(Verdict.WRONG, str(error))
    login = "the login is taken" if target.user else "no login is needed"
    size = f", mails to {offered.size // 1_000_000} MB" if offered.size else ""
    return said(Verdict.OK, f"{target} answers, {login}{size}")


def mailbox_check(app: App) -> list[Check]:
    """Logs in at the mailbox that bounces arrive in; takes nothing out."""
    from pipeline.mail.mailbox import open_mailbox
    from pipeline.mail.mailbox_server import parse_mailbox_url

    def said(verdict: Verdict, words: str, advice: str = "") -> list[Check]:
        return [Check(area=AREA, what="bounces", verdict=verdict, said=words, advice=advice)]

    url = app.settings.bounces_url
    if not url:
        return said(
            Verdict.WARNING,
            "nobody reads what comes back",
            "set ENEWS_BOUNCES_URL=imaps://user:password@mail.example.org/INBOX, or pipe bounces "
            "into 'enews bounce'",
        )
    try:
        mailbox, _ = open_mailbox(url)
        polled = mailbox.poll(_take_nothing, 0)
    except MailTemporaryError as error:
        return said(Verdict.UNKNOWN, str(error))
    except EnewsError as error:
        return said(Verdict.WRONG, str(error))
    return said(
        Verdict.OK,
        f"{parse_mailbox_url(url)} lets us in; {counted(polled.waiting, 'message')} there",
    )


def people_checks(app: App, newsroom: Newsroom) -> list[Check]:
    """The key of the links, and who is told when something is wrong."""
    checks = [_secret(app)]
    told = len(newsroom.operators)
    checks.append(
        Check(
            area=AREA,
            what="operators",
            verdict=Verdict.OK if told else Verdict.WARNING,
            said=f"{counted(told, 'address', 'addresses')} will be told of trouble"
            if told
            else "nobody is told when something is wrong",
            advice="" if told else 'in newsroom.toml: operators = ["you@example.org"]',
        )
    )
    return checks


def _secret(app: App) -> Check:
    from pipeline.mail.secret import secret_keys

    settings = app.settings
    file = settings.folders.state / "secret"
    what = "secret key"
    if not settings.secret_key and not file.exists():
        return Check(
            area=AREA, what=what, verdict=Verdict.OK, said=f"will be made at first use: {file}"
        )
    try:
        count = len(secret_keys(settings.secret_key, file))
    except ConfigError as error:
        return Check(area=AREA, what=what, verdict=Verdict.WRONG, said=str(error))
    where = "ENEWS_SECRET_KEY" if settings.secret_key else str(file)
    older = f", and {count - 1} older" if count > 1 else ""
    return Check(area=AREA, what=what, verdict=Verdict.OK, said=f"in {where}{older}")


def _take_nothing(_: bytes) -> None:
    raise AssertionError("not one message was asked for")


def _domain(sender: str) -> str:
    """The domain of `Name <address>` or an address, as DNS compares it."""
    return sender.rpartition("@")[2].rstrip("> ").lower()
