"""Draws the gate's support table from caniemail's data: `python docs/support/make.py data.json`.

`data.json` is what https://www.caniemail.com/api/data.json gives (MIT licence), also as the file
`data/caniemail.json` of the npm package `caniemail`. Taken are facts alone: for each feature of
HTML, CSS and pictures when it was last tested, and which clients' newest version tested does not
have it, or only in part. Written to pipeline/render/gate/support.json, the same bytes for the same
data.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "pipeline/render/gate/support.json"
CATEGORIES = {"css", "html", "image"}
RARE = 100
"""A client that fewer features than these were tested on says too little."""


def table(data: dict[str, Any]) -> dict[str, Any]:
    """The compact table: `no` and `part` are clients by their place in `clients`."""
    features = [feature for feature in data["data"] if feature["category"] in CATEGORIES]
    tested: dict[str, int] = {}
    for feature in features:
        for family, platforms in feature["stats"].items():
            for platform in platforms:
                name = f"{family}.{platform}"
                tested[name] = tested.get(name, 0) + 1
    clients = sorted(name for name, count in tested.items() if count >= RARE)
    return {
        "source": "https://www.caniemail.com/ (MIT licence)",
        "date": data["last_update_date"][:10],
        "clients": clients,
        "features": {
            feature["slug"]: {
                "title": feature["title"].strip(),
                "tested": feature["last_test_date"],
                "no": _clients(feature, clients, "n"),
                "part": _clients(feature, clients, "a"),
            }
            for feature in sorted(features, key=lambda feature: str(feature["slug"]))
        },
    }


def _clients(feature: dict[str, Any], clients: list[str], answer: str) -> list[int]:
    """The places of the clients whose newest version tested has this answer."""
    found = []
    for place, name in enumerate(clients):
        family, _, platform = name.partition(".")
        versions = feature["stats"].get(family, {}).get(platform, {})
        newest = list(versions.values())[-1:] or ["u"]
        if newest[0].partition(" ")[0] == answer:
            found.append(place)
    return found


def written(found: dict[str, Any]) -> str:
    """The table as JSON, a feature a line."""
    head = {key: value for key, value in found.items() if key != "features"}
    lines = [
        f"  {json.dumps(slug)}: {json.dumps(about, ensure_ascii=False)}"
        for slug, about in found["features"].items()
    ]
    start = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    return f'{start},\n "features": {{\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    TARGET.write_text(written(table(json.loads(Path(sys.argv[1]).read_text("utf-8")))), "utf-8")
