"""`enews mailing dkim`: what has to stand in DNS for the keys that sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import faint, say, say_json, strong

if TYPE_CHECKING:
    from pipeline.config import Settings


@click.command()
@json_option
@click.pass_obj
def dkim(settings: Settings, *, as_json: bool) -> int:
    """Print what has to stand in DNS for ENEWS_DKIM_KEYS."""
    from pipeline.app import App
    from pipeline.postroom import Postroom

    records = Postroom(App(settings)).dkim_records()
    if as_json:
        say_json(
            [
                {
                    "name": name,
                    "type": "TXT",
                    "text": key.dns_value(),
                    "strings": key.dns_strings(),
                }
                for name, key in records
            ]
        )
        return 0
    if not records:
        say("Mails are not signed: ENEWS_DKIM_KEYS is not set. If your mail server signs them,")
        say("that is all right. To sign them here:")
        say("  openssl genrsa -out mail.pem 2048")
        say("  export ENEWS_DKIM_KEYS=mail:mail.pem")
    for name, key in records:
        say(f"{strong(name)}. TXT")
        say(f"  {key.dns_text()}")
    if records:
        say(
            faint("Then: enews mailing start ISSUE --test ADDRESS, and look for 'dkim=pass' there.")
        )
    return 0
