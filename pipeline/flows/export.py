"""All that is held of somebody as plain JSON: for scripts, and for who asks for their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.core.bounce import Bounce
    from pipeline.core.delivery import Delivery
    from pipeline.core.subscriber import Consent, Subscriber
    from pipeline.core.suppression import Suppression
    from pipeline.flows.subscribe import Held, Person


def subscriber_json(one: Subscriber) -> dict[str, object]:
    """A subscriber for scripts."""
    return {
        "address": one.address,
        "name": one.name,
        "language": one.language,
        "newsletters": sorted(one.newsletters),
        "topics": sorted(one.topics),
        "asked": sorted(one.asked),
        "state": one.state,
        "since": one.since.isoformat(),
        "quiet_until": one.quiet_until.isoformat() if one.quiet_until else None,
    }


def suppression_json(entry: Suppression) -> dict[str, object]:
    """An entry of the suppression list for scripts; `address` is null where it was erased."""
    return {
        "address": entry.address or None,
        "reason": entry.reason,
        "at": entry.at.isoformat(),
        "detail": entry.detail,
        "hash": entry.hash,
    }


def held_json(held: Held, message_id: Callable[[str, int], str]) -> dict[str, object]:
    """All that is held of an address; `message_id` is by an issue's id and a subscriber's."""
    return {
        "address": held.address,
        "subscribers": [_person_json(person, message_id) for person in held.people],
        "suppression": suppression_json(held.suppression) if held.suppression else None,
    }


def _person_json(person: Person, message_id: Callable[[str, int], str]) -> dict[str, object]:
    return {
        **subscriber_json(person.subscriber),
        "record": [_consent_json(line) for line in person.record],
        "deliveries": [_delivery_json(row, message_id) for row in person.deliveries],
        "bounces": [_bounce_json(bounce) for bounce in person.bounces],
    }


def _consent_json(line: Consent) -> dict[str, object]:
    return {
        "at": line.at.isoformat(),
        "action": line.action,
        "how": line.how,
        "text": line.text,
        "detail": line.detail,
        "origin": line.origin,
    }


def _delivery_json(row: Delivery, message_id: Callable[[str, int], str]) -> dict[str, object]:
    return {
        "issue": row.issue,
        "state": row.state,
        "at": row.at.isoformat() if row.at else None,
        "message_id": message_id(row.issue, row.subscriber),
        "attempts": row.attempts,
        "code": row.code or None,
        "status": row.status,
        "said": row.said,
    }


def _bounce_json(bounce: Bounce) -> dict[str, object]:
    return {
        "at": bounce.at.isoformat(),
        "kind": bounce.kind,
        "code": bounce.code or None,
        "status": bounce.status,
        "said": bounce.said,
        "source": bounce.source,
    }
