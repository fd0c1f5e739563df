"""Our baselines count exactly the misses of libCacheSim (Yang et al.), in object and in byte miss ratio.

One difference is known: S3-FIFO with a capacity below 20 (uniform), where libCacheSim's small queue holds one object
and admits nothing, and below 10 aborts. See test_baselines.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studies.cache import _sim
from studies.cache.traces import Trace, write_oracle_general

NAMES = {"fifo": "FIFO", "lru": "LRU", "sieve": "Sieve", "s3fifo": "S3FIFO", "gdsf": "GDSF", "lfu": "LFU"}
PublicTrace = Callable[[str], tuple[Path, Trace]]

# (trace, uniform, share) -> object and byte miss ratio, measured with libcachesim 0.3.5 (PyPI) over the whole trace.
MEASURED: dict[tuple[str, bool, int], dict[str, tuple[float, float]]] = {
    ("cloudphysics_io", False, 10): {
        "fifo": (0.807521, 0.950883),
        "lru": (0.809681, 0.951816),
        "gdsf": (0.758158, 0.950911),
        "s3fifo": (0.754224, 0.876983),
        "sieve": (0.7903, 0.929627),
    },
    ("cloudphysics_io", True, 1): {
        "fifo": (0.847601, 0.847601),
        "lru": (0.837958, 0.837958),
        "gdsf": (0.831469, 0.831469),
        "s3fifo": (0.830485, 0.830485),
        "sieve": (0.829168, 0.829168),
    },
    ("adaptsize_web", False, 1): {
        "fifo": (0.802036, 0.767336),
        "lru": (0.790691, 0.754968),
        "gdsf": (0.710362, 0.779327),
        "s3fifo": (0.754594, 0.752177),
        "sieve": (0.772941, 0.741952),
    },
    ("adaptsize_web", True, 10): {
        "fifo": (0.717572, 0.717572),
        "lru": (0.703301, 0.703301),
        "gdsf": (0.680535, 0.680535),
        "s3fifo": (0.672817, 0.672817),
        "sieve": (0.67425, 0.67425),
    },
    ("twitter_c52_a", False, 10): {
        "fifo": (0.232767, 0.242663),
        "lru": (0.20911, 0.215564),
        "gdsf": (0.17777, 0.222242),
        "s3fifo": (0.187674, 0.190669),
        "sieve": (0.198284, 0.201832),
    },
}


@pytest.fixture(scope="module")
def peer() -> Any:
    return pytest.importorskip("libcachesim", reason="libCacheSim (PyPI libcachesim) is not installed")


def theirs(peer: Any, name: str, path: Path, capacity: int, uniform: bool) -> tuple[float, float]:
    reader = peer.TraceReader(
        str(path), peer.TraceType.ORACLE_GENERAL_TRACE, peer.ReaderInitParam(ignore_obj_size=uniform)
    )
    ratios = getattr(peer, NAMES[name])(capacity, hashpower=16).process_trace(reader)
    return float(ratios[0]), float(ratios[1])


def ours(name: str, trace: Trace, capacity: int, uniform: bool) -> tuple[float, float]:
    tally = _sim.simulate(trace.dense, trace.sizes, trace.n_objects, name, capacity, uniform=uniform)
    return tally.misses / tally.requests, tally.missed_bytes / tally.bytes


def capacity_of(trace: Trace, percent: int, uniform: bool) -> int:
    return (trace.n_objects if uniform else trace.footprint) * percent // 100


@pytest.mark.parametrize("percent", [1, 10])
@pytest.mark.parametrize("name", NAMES)
def test_shipped_trace(peer: Any, shipped: Trace, shipped_path: Path, name: str, percent: int) -> None:
    capacity = capacity_of(shipped, percent, True)
    expected = theirs(peer, name, shipped_path, capacity, True)
    assert ours(name, shipped, capacity, True) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("uniform", [False, True])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", ["cloudphysics_io", "adaptsize_web", "arc_P3_io"])
def test_public_traces(peer: Any, public_trace: PublicTrace, source: str, name: str, uniform: bool) -> None:
    """arc_P3_io has objects whose size changes from request to request."""
    path, trace = public_trace(source)
    capacity = capacity_of(trace, 5, uniform)
    expected = theirs(peer, name, path, capacity, uniform)
    assert ours(name, trace, capacity, uniform) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_random_sizes(peer: Any, tmp_path: Path, name: str, seed: int) -> None:
    """Objects of sizes that change, some larger than a share of the cache, some larger than all of it."""
    rng = np.random.default_rng(seed)
    ids = rng.zipf(1.2, 20_000) % 500
    sizes = (rng.pareto(1.0, 20_000) * 20 + 1).clip(1, 30_000).astype(np.uint32)
    trace = Trace.from_arrays("random", ids.astype(np.int64), sizes)
    path = tmp_path / "random.oracleGeneral"
    write_oracle_general(trace, path)
    for capacity in (1_000, 10_000):
        expected = theirs(peer, name, path, capacity, False)
        assert ours(name, trace, capacity, False) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("source", "uniform", "percent"), MEASURED)
def test_recorded_measurements(public_trace: PublicTrace, source: str, uniform: bool, percent: int) -> None:
    """The same where libCacheSim is not installed: ratios that it gave, to six decimals."""
    _, trace = public_trace(source)
    capacity = capacity_of(trace, percent, uniform)
    for name, expected in MEASURED[source, uniform, percent].items():
        assert ours(name, trace, capacity, uniform) == pytest.approx(expected, abs=6e-7)


def test_recorded_measurements_of_the_shipped_trace(shipped: Trace) -> None:
    """Misses that libCacheSim 0.3.5 counts on the shipped trace, uniform, in a tenth of its objects."""
    expected = {"fifo": 243_396, "lru": 232_261, "sieve": 195_875, "s3fifo": 191_932, "gdsf": 208_189, "lfu": 269_330}
    for name, misses in expected.items():
        tally = _sim.simulate(shipped.dense, shipped.sizes, shipped.n_objects, name, 999, uniform=True)
        assert tally.misses == misses


@pytest.fixture(scope="session")
def shipped_path() -> Path:
    return Path(__file__).resolve().parents[3] / "examples" / "traces" / "sqlite_mixed.oracleGeneral.zst"
