"""Writes the expected trees anew; look at the diff before you commit it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.golden.trees import CASES, HERE, output_of

for case in CASES:
    target = HERE / case / "expected"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for path, data in output_of(case, Path(folder)).items():
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
