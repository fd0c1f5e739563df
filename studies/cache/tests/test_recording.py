"""The recorder of examples/traces, and what it recorded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studies.cache.traces import RECORD, next_accesses, read_trace

SCRIPT = Path(__file__).resolve().parents[3] / "examples" / "traces" / "record_sqlite.py"
HEADER = Path("/usr/include/sqlite3.h")


@pytest.mark.skipif(shutil.which("gcc") is None or not HEADER.exists(), reason="needs gcc and SQLite's header")
def test_a_short_recording(tmp_path: Path) -> None:
    path = tmp_path / "short.oracleGeneral.zst"
    command = [sys.executable, str(SCRIPT), str(path), "--requests", "20000", "--seed", "7"]
    subprocess.run(command, check=True, capture_output=True)
    trace = read_trace(path)
    assert len(trace) == 20_000
    assert trace.n_objects > 1_000
    assert set(trace.sizes.tolist()) == {4096}


def test_next_access_of_the_shipped_trace() -> None:
    import numpy as np
    import zstandard

    path = SCRIPT.with_name("sqlite_mixed.oracleGeneral.zst")
    with path.open("rb") as file:
        records = np.frombuffer(zstandard.ZstdDecompressor().stream_reader(file).read(), dtype=RECORD)
    assert np.array_equal(records["next"], next_accesses(read_trace(path).dense))
    assert (np.diff(records["time"].astype(np.int64)) >= 0).all()
