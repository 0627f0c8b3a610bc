"""The port `Composer`; the standard library's mail package loads when a message is made (30 ms)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.core.message import Message, Parts


class MimeComposer:
    """Writes and reads messages by `mail.message`."""

    def compose(self, message: Message) -> bytes:
        """The message's bytes. Raises IssueError."""
        from pipeline.mail.message import compose

        return compose(message)

    def parts(self, raw: bytes) -> Parts:
        """What a released message says. Raises IssueError."""
        from pipeline.mail.message import parts

        return parts(raw)
