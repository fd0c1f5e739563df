"""Distinct candidates a second of the search: 200,000 training requests, 2 workers, on the example trace."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TRACE = Path(__file__).resolve().parents[1] / "examples" / "traces" / "sqlite_mixed.oracleGeneral.zst"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trace", type=Path, default=TRACE)
    parser.add_argument("--evaluations", type=int, default=600)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "synth.cli", "synth", "cache", "--trace", str(args.trace), "--size", "10%"]
        command += ["--train-requests", "200000", "--workers", "2", "--max-evals", str(args.evaluations)]
        command += ["--run", str(Path(folder) / "run"), "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return 1
        result = json.loads(done.stdout)
    rate = result["evaluated"] / result["seconds"]
    print(f"{result['evaluated']} distinct candidates in {result['seconds']:.1f} s: {rate:.1f} a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
