"""`python -m pipeline` is the command `enews`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from pipeline.cli import call_enews


def main() -> NoReturn:
    """Run the command and exit with its code."""
    # What a command makes it needs, nearly all of it, until it ends: to look for garbage in it
    # costs a tenth of the time. A command that goes on for hours turns this on again.
    gc.disable()
    try:
        call_enews()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    # All files are closed; taking ten thousand items apart one by one would help nobody.
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
