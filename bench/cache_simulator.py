#!/usr/bin/env python3
"""Requests per second of the cache simulator beside libCacheSim, measured in one run on one core.

    python bench/cache_simulator.py [--trace FILE] [--size 10000] [--sized] [--repeat 3]

Without a trace: a million requests to 100,000 objects of Zipf popularity (exponent 0.9, seed 1). The best of `--repeat`
runs counts. Heuristics are JIT-compiled from studies/cache/policies and ranked incrementally: each request rescores its
object. libCacheSim (PyPI libcachesim, GPL-3.0) is optional; it reads an uncompressed copy of the trace as it goes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ("lru", "lfu", "msr", "hyperbolic")
PEERS = ("FIFO", "LRU", "Sieve", "S3FIFO", "GDSF")


def best_of(repeat: int, run: Callable[[], int]) -> tuple[float, int]:
    """Seconds of the fastest run, and the misses that it counted."""
    results = []
    for _ in range(repeat):
        start = time.perf_counter()
        misses = run()
        results.append((time.perf_counter() - start, misses))
    return min(results)


def ours(instance: Any, repeat: int) -> dict[str, tuple[float, int]]:
    from anvil.driver import compile as compile_anvil
    from anvil.frontend.interface_file import load_interface
    from studies.cache.evaluator import BASELINES

    folder = ROOT / "studies" / "cache"
    interface = load_interface(folder / "template.anv")
    rows = {}
    for name in BASELINES:
        rows[f"baseline {name}"] = best_of(repeat, lambda name=name: instance.baseline(name).misses)  # type: ignore[misc]
    for name in POLICIES:
        path = folder / "policies" / f"{name}.anv"
        code = compile_anvil(path.read_text(encoding="utf-8"), interface, filename=str(path)).jit()
        rows[f"heuristic {name}"] = best_of(repeat, lambda code=code: instance.evaluate(code).misses)  # type: ignore[misc]
    return rows


def theirs(path: Path, instance: Any, repeat: int) -> dict[str, tuple[float, int]]:
    import libcachesim as peer

    def reader() -> Any:
        params = peer.ReaderInitParam(ignore_obj_size=instance.uniform)
        return peer.TraceReader(str(path), peer.TraceType.ORACLE_GENERAL_TRACE, params)

    def simulate(name: str) -> int:
        ratio = getattr(peer, name)(instance.capacity, hashpower=18).process_trace(reader())[0]
        return round(float(ratio) * len(instance.trace))

    return {f"libCacheSim {name}": best_of(repeat, lambda name=name: simulate(name)) for name in PEERS}  # type: ignore[misc]


def zipf_trace() -> Any:
    import numpy as np

    from studies.cache.traces import Trace

    rng = np.random.default_rng(1)
    weights = np.arange(1, 100_001) ** -0.9
    ids = rng.choice(100_000, size=1_000_000, p=weights / weights.sum())
    return Trace.from_arrays("zipf", rng.permutation(100_000)[ids].astype(np.int64))


def plain_copy(trace: Any, folder: Path) -> Path:
    """The trace uncompressed: libCacheSim would otherwise be timed decompressing."""
    from studies.cache.traces import write_oracle_general

    path = folder / "trace.oracleGeneral"
    write_oracle_general(trace, path)
    return path


def show(rows: dict[str, tuple[float, int]], n_requests: int) -> dict[str, float]:
    speeds = {name: n_requests / seconds / 1e6 for name, (seconds, _) in rows.items()}
    for name, (_, misses) in rows.items():
        print(f"  {name:24} {speeds[name]:9.2f} M requests/s   miss ratio {misses / n_requests:.6f}")
    return speeds


def main() -> int:
    from tempfile import TemporaryDirectory

    from studies.cache.errors import StudyError
    from studies.cache.evaluator import CacheInstance
    from studies.cache.sizes import parse_size
    from studies.cache.traces import read_trace

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--trace", type=Path, help="oracleGeneral or csv")
    parser.add_argument("--size", default="10000", help="as 10%%, 64MiB or 5000 (objects; bytes with --sized)")
    parser.add_argument("--sized", action="store_true", help="objects have their sizes; otherwise each counts as one")
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    try:
        size = parse_size(args.size)
        trace = read_trace(args.trace) if args.trace else zipf_trace()
        instance = CacheInstance(trace, size.capacity(trace, not args.sized), uniform=not args.sized)
    except StudyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1

    n = len(trace)
    print(f"{trace.name}: {n:,} requests, {trace.n_objects:,} objects, cache {instance.capacity:,}")
    speeds = show(ours(instance, args.repeat), n)
    try:
        with TemporaryDirectory() as folder:
            speeds |= show(theirs(plain_copy(trace, Path(folder)), instance, args.repeat), n)
    except ImportError:
        print("  libCacheSim is not installed: pip install libcachesim")
        return 0
    for name in ("LRU", "GDSF"):
        ratio = speeds["heuristic msr"] / speeds[f"libCacheSim {name}"]
        print(f"heuristic msr / libCacheSim {name}: {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
