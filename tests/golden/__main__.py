"""Writes the expected trees anew, all or those that are named; look at the diff then."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.golden.trees import CASES, HERE, output_of

for case in sys.argv[1:] or CASES:
    target = HERE / case / "expected"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for path, data in output_of(case, Path(folder)).items():
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
