"""What most Python services serve files with: Starlette's StaticFiles, for `bench.serve`."""

from __future__ import annotations

import os

from starlette.staticfiles import StaticFiles

app = StaticFiles(directory=os.environ["STATIC_ROOT"], html=True)
