"""JSON Feed 1.1 (jsonfeed.org/version/1.1), written by `json.dumps`, never by a template."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.render.feed_items import ENTRIES_KEPT, JSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.render.feed_items import Channel, FeedItem

VERSION = "https://jsonfeed.org/version/1.1"


def jsonfeed(channel: Channel, items: Sequence[FeedItem]) -> bytes:
    """`feed.json`: the items in the order given."""
    document = _present(
        version=VERSION,
        title=channel.title,
        home_page_url=channel.home,
        feed_url=channel.folder + JSON,
        description=channel.description,
        language=channel.lang,
        authors=[{"name": channel.author.name}],
        hubs=[{"type": "WebSub", "url": channel.hub}] if channel.hub else None,
    )
    head = json.dumps(document, ensure_ascii=False, indent=1).removesuffix("\n}")
    told = ",\n  ".join(map(_item, items))
    listed = f"[\n  {told}\n ]" if items else "[]"
    return f'{head},\n "items": {listed}\n}}\n'.encode()


@lru_cache(maxsize=ENTRIES_KEPT)
def _item(item: FeedItem) -> str:
    """An item as JSON, two levels deep; most items stand in several feeds."""
    picture = item.enclosure
    told = _present(
        id=item.id,
        url=item.url,
        external_url=item.elsewhere,
        title=item.title,
        content_html=item.html,
        # One of the two contents is required ("Items").
        content_text="" if item.html else item.summary or item.title,
        summary=item.summary,
        date_published=item.published.isoformat(),
        date_modified=item.updated.isoformat(),
        authors=[{"name": author.name} for author in item.authors],
        tags=[tag.label for tag in item.tags],
        language=item.lang,
        image=picture.url if picture else None,
        attachments=[{"url": picture.url, "mime_type": picture.mime, "size_in_bytes": picture.size}]
        if picture
        else None,
    )
    # No text holds a line feed: JSON writes it as \\n.
    return json.dumps(told, ensure_ascii=False, indent=1).replace("\n", "\n  ")


def _present(**values: object) -> dict[str, Any]:
    """What has a value: JSON Feed leaves out what is not there, rather than writing null."""
    return {key: value for key, value in values.items() if value}
