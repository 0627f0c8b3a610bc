"""Automatic answers, by their headers and their subjects."""

from __future__ import annotations

import pytest

from pipeline.mail.auto_reply import is_auto_reply, subject_of
from pipeline.mail.parts import Headers, Mail, headers_of


def mail(text: str) -> Mail:
    return Mail(headers=headers_of(f"From: a@b.example\n{text}\n\n"))


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation)",
        "auto-submitted: Auto-Notified; owner-email=a",
        "X-Autoreply: yes",
        "X-Autorespond: Out of office",
        "X-Auto-Response-Suppress: OOF",
        "X-MS-Exchange-Inbox-Rules-Loop: a@b.example",
        "Precedence: auto_reply",
        "Subject: Out of Office: Your mail",
        "Subject: Out of the office until Monday",
        "Subject: [OOO] away",
        "Subject: Automatic reply: The letter",
        "Subject: Auto-Reply: The letter",
        "Subject: Autoreply",
        "Subject: Abwesenheitsnotiz: The letter",
        "Subject: Automatische Antwort: The letter",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique?=: The letter",
        "Subject: Absence du bureau",
        "Subject: Respuesta automática: The letter",
        "Subject: Fuera de la oficina",
        "Subject: Risposta automatica: The letter",
        "Subject: Afwezig: The letter",
        "Subject: 自動返信: The letter",
        "Subject: Re: The letter [sender verification]",
        "Subject: Please confirm your message",
    ],
)
def test_an_automatic_answer(header: str) -> None:
    assert is_auto_reply(mail(header))


@pytest.mark.parametrize(
    "header",
    [
        "Subject: Re: The letter",
        "Subject: A vote in the office",
        "Subject: Absentmindedness, a remark",
        "Auto-Submitted: no",
        "X-Autoreply: no",
        "Precedence: bulk",
        "Precedence: list",
        "Subject:",
    ],
)
def test_a_persons_answer(header: str) -> None:
    assert not is_auto_reply(mail(header))


def test_a_subject_is_decoded_where_it_can_be() -> None:
    assert subject_of(headers_of("Subject: =?utf-8?q?a=C3=A4?= b\n\n")) == "aä b"
    for odd in ("=?utf-8?b?x?=", "=?none?q?a?="):
        assert subject_of(headers_of(f"Subject: {odd}\n\n"))
    assert subject_of(Headers()) == ""
