"""The end of `make demo`: what was made, and where to look."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

OUTPUT = Path("output")


def main() -> None:
    """Read the output and say what is in it; raises where something is missing."""
    items = json.loads((OUTPUT / "feed.json").read_text("utf-8"))["items"]
    mails = sorted(OUTPUT.glob("issues/*/*/email.html"), key=_date)
    newest = mails[-1].parent
    name = f"{newest.parent.name}/{newest.name}"
    host = urlsplit(items[0]["url"]).netloc
    pages = sum(1 for _ in OUTPUT.rglob("index.html"))
    feeds = sum(1 for _ in OUTPUT.rglob("feed.json"))
    print(f"""
The sample newsroom is in output/: {pages} pages, {feeds} feeds in three formats, \
{len(mails)} issues. Newest item: {items[0]["title"]}

  See it          .venv/bin/enews serve        then open http://127.0.0.1:8000/
  Newest issue    .venv/bin/enews issue preview {name}
                  the mail as clients show it, pictures and all, on one page
                  {newest}/index.html    (web)
                  {newest}/email.html    (mail: its pictures are
                  at {host}, where the sample does not live)
                  {newest}/email.eml     (the message)
  Feeds           output/feed.xml  output/atom.xml  output/feed.json
  Its contents    .venv/bin/enews issue show {name}""")


def _date(mail: Path) -> tuple[str, str]:
    """The date of an issue, from its message's Date header."""
    head = (mail.parent / "email.eml").read_text("utf-8", "replace")
    line = next(line for line in head.splitlines() if line.startswith("Date: "))
    return parsedate_to_datetime(line.removeprefix("Date: ")).isoformat(), str(mail)


if __name__ == "__main__":
    main()
