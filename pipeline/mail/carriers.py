"""Who carries letters, chosen by `ENEWS_SMTP_URL`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.mail.server_url import OutboxFolder, parse_server_url

if TYPE_CHECKING:
    from pipeline.config import Folders
    from pipeline.core.sending import Sending
    from pipeline.ports.sending import Carrier


def carrier(url: str, sending: Sending, folders: Folders, *, name: str) -> Carrier:
    """The carrier for a URL; an outbox keeps the letters of `name` (an issue's id) apart.

    The adapter and all it needs load here. Raises ConfigError.
    """
    target = parse_server_url(url)
    if isinstance(target, OutboxFolder):
        from pipeline.mail.outbox import Outbox

        folder = folders.root / target.path if target.path else folders.state / "outbox"
        return Outbox(folder.joinpath(*name.split("/")))
    from pipeline.mail.smtp import SmtpCarrier

    return SmtpCarrier(target, sending.connections)
