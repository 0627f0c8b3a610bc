"""Mail that came back: what a message of the bounce mailbox, a pipe or a file is handled with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.app import App
    from pipeline.flows.bounce import Desk, Outcome
    from pipeline.store.opening import Store

MESSAGES_MOST = 1000
"""Messages that one run takes out of a mailbox; the next one goes on."""


class Returns:
    """Reads messages and does what follows from them; for as long as the store is open."""

    def __init__(self, app: App, store: Store) -> None:
        """Raises ConfigError."""
        self._app = app
        self._desk = _desk(app, store)

    def take(self, raw: bytes, source: str, sent_to: str = "") -> tuple[Outcome, ...]:
        """Handle one; `source` is how it came, `sent_to` whom it was for, where that is known.

        Raises StoreError.
        """
        from pipeline.flows.bounce import Arrival, take
        from pipeline.mail.report import read_report

        report = read_report(raw, sent_to)
        return take(self._desk, Arrival(raw=raw, report=report, source=source, now=self._app.now()))


def _desk(app: App, store: Store) -> Desk:
    """What messages are judged with. Raises ConfigError."""
    from pipeline.content.reader import ContentFolder
    from pipeline.flows.bounce import Desk
    from pipeline.mail.secret import secret_keys
    from pipeline.mail.unknown import UnknownFolder

    settings = app.settings
    newsroom = ContentFolder(settings.folders.content).newsroom()
    return Desk(
        subscribers=store.subscribers,
        ledger=store.ledger,
        keys=secret_keys(settings.secret_key, settings.folders.state / "secret"),
        signed=bool(newsroom.sending.return_path),
        keep=UnknownFolder(settings.folders.state / "bounces/unknown").keep,
    )
