"""Caches that a heuristic governs. The heuristics here are C; test_policies.py runs compiled ones."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.cache import _sim
from studies.cache.errors import PolicyError
from studies.cache.evaluator import CacheInstance, Mode
from studies.cache.traces import Trace

Compile = Callable[..., Any]
Features = dict[str, int]
Score = Callable[[Features], float]


def run(code: Any, trace: Trace, capacity: int, uniform: bool = True, **options: Any) -> _sim.Tally:
    return _sim.simulate_policy(trace.dense, trace.sizes, trace.object_ids, code, capacity, uniform=uniform, **options)


def baseline(name: str, trace: Trace, capacity: int, uniform: bool = True) -> int:
    return _sim.simulate(trace.dense, trace.sizes, trace.n_objects, name, capacity, uniform=uniform).misses


# ---- known orders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", [1, 10, 50])
@pytest.mark.parametrize("name", ["lru", "fifo", "lfu"])
def test_shipped_trace(request: pytest.FixtureRequest, shipped: Trace, name: str, percent: int) -> None:
    """Last access gives exactly LRU, insertion time FIFO, count with last access as tie-break LFU."""
    capacity = shipped.n_objects * percent // 100
    assert run(request.getfixturevalue(name), shipped, capacity).misses == baseline(name, shipped, capacity)


@pytest.mark.parametrize("uniform", [False, True])
@pytest.mark.parametrize("source", ["cloudphysics_io", "arc_P3_io"])
@pytest.mark.parametrize("name", ["lru", "fifo", "lfu"])
def test_public_traces(
    request: pytest.FixtureRequest, public_trace: Callable[[str], Any], name: str, source: str, uniform: bool
) -> None:
    _, trace = public_trace(source)
    capacity = (trace.n_objects if uniform else trace.footprint) // 10
    code = request.getfixturevalue(name)
    assert run(code, trace, capacity, uniform).misses == baseline(name, trace, capacity, uniform)


@pytest.mark.parametrize("name", ["lru", "fifo", "lfu"])
def test_a_sample_of_everything_ranks_everything(request: pytest.FixtureRequest, shipped: Trace, name: str) -> None:
    part = shipped[:5_000]
    code = request.getfixturevalue(name)
    assert run(code, part, 100, mode="sample", n_sample=100).misses == baseline(name, part, 100)


# ---- a naive model ------------------------------------------------------------------------------------------------


def model(trace: Trace, capacity: int, score: Score, rescore_all: bool) -> int:
    """Misses when the lowest (score, id) is evicted; scores of the last touch, or of now when `rescore_all`."""
    cached: dict[int, Features] = {}
    scores: dict[int, float] = {}
    misses = 0
    for now, (item, size) in enumerate(zip(trace.ids.tolist(), trace.sizes.tolist(), strict=True)):
        if item in cached:
            cached[item]["count"] += 1
            cached[item]["last_access"] = now
            scores[item] = score(cached[item] | {"now": now})
            continue
        misses += 1
        if size > capacity:
            continue
        while sum(features["size"] for features in cached.values()) + size > capacity:
            if rescore_all:
                scores = {key: score(features | {"now": now}) for key, features in cached.items()}
            victim = min(cached, key=lambda key: (order(scores[key]), key))
            del cached[victim], scores[victim]
        cached[item] = {"count": 1, "last_access": now, "insert_time": now, "size": size}
        scores[item] = score(cached[item] | {"now": now})
    return misses


def order(score: float) -> float:
    return -math.inf if math.isnan(score) else score


ALL: tuple[Any, ...] = (
    ("count", "Latest", []),
    ("last_access", "Latest", []),
    ("insert_time", "Latest", []),
    ("size", "Latest", []),
    ("now", "Latest", []),
)
DECLARED = """
    double count = LATEST(0, 0), last = LATEST(1, 8), born = LATEST(2, 16), size = LATEST(3, 24);
    double now = (double)vk_latest_get_i64(cx, 4, cx->globals);
    (void)count, (void)last, (void)born, (void)size, (void)now;
"""
SCORES: dict[str, Score] = {
    "count / (1.0 + now - born) / size": lambda f: f["count"] / (1.0 + f["now"] - f["insert_time"]) / f["size"],
    "last - 3.0 * size": lambda f: f["last_access"] - 3.0 * f["size"],
    "0.0": lambda f: 0.0,
    "count > 2.0 ? NAN : last": lambda f: math.nan if f["count"] > 2 else float(f["last_access"]),
    "count > 1.0 ? -0.0 : 0.0": lambda f: 0.0,
    "now - last": lambda f: float(f["now"] - f["last_access"]),
}

requests_strategy = st.lists(st.tuples(st.integers(-6, 6), st.integers(1, 9)), min_size=1, max_size=100)


@pytest.mark.parametrize("mode", ["incremental", "sample"])
@pytest.mark.parametrize("expression", SCORES)
@settings(max_examples=40)
@given(requests=requests_strategy, capacity=st.integers(1, 30))
def test_as_the_model(
    compile_c: Compile, expression: str, mode: Mode, requests: list[tuple[int, int]], capacity: int
) -> None:
    code = compile_c(DECLARED + f"return {expression};", *ALL)
    ids, sizes = zip(*requests, strict=True)
    trace = Trace.from_arrays("t", np.array(ids, dtype=np.int64), np.array(sizes, dtype=np.uint32))
    tally = run(code, trace, capacity, uniform=False, mode=mode, n_sample=1000)
    assert tally.misses == model(trace, capacity, SCORES[expression], rescore_all=mode == "sample")


def test_ids_are_the_original_ones(compile_c: Compile) -> None:
    """Scored by obj_id alone, the object with the smallest original id goes first."""
    rng = random.Random(3)
    ids = [rng.choice([-(2**62), -5, 0, 3, 2**62, 17]) for _ in range(300)]
    trace = Trace.from_arrays("t", np.array(ids))
    scores = {item: float(item) for item in ids}
    cached: set[int] = set()
    misses = 0
    for item in ids:
        misses += item not in cached
        if item not in cached and len(cached) == 3:
            cached.remove(min(cached, key=lambda key: scores[key]))
        cached.add(item)
    assert run(compile_c("return (double)obj_id;"), trace, 3).misses == misses


def test_average_of_counts(compile_c: Compile) -> None:
    """count is updated at the insertion and at each hit: the mean of 1..n is (n + 1) / 2."""
    trace = Trace.from_arrays("t", np.array([1, 1, 1, 2, 3, 2, 1, 3]))
    mean = compile_c("return vk_average_avg_i64(cx, 0, row);", ("count", "Average", []))
    half = compile_c("return (LATEST(0, 0) + 1.0) / 2.0;", ("count", "Latest", []))
    assert run(mean, trace, 2).misses == run(half, trace, 2).misses


# ---- sampling -----------------------------------------------------------------------------------------------------


def test_the_seed_decides_the_sample(lru: Any, shipped: Trace) -> None:
    part = shipped[:100_000]
    misses = [run(lru, part, 300, mode="sample", n_sample=4, seed=seed).misses for seed in (1, 1, 2, 3)]
    assert misses[0] == misses[1]
    assert len(set(misses)) > 1


def test_a_sample_is_close_to_the_whole(lru: Any, shipped: Trace) -> None:
    part = shipped[:100_000]
    assert run(lru, part, 300, mode="sample", n_sample=32).misses == pytest.approx(baseline("lru", part, 300), rel=0.01)


def test_batch_and_scalar_agree(compile_c: Compile, shipped: Trace) -> None:
    body = "return LATEST(0, 0) * (1.0 + 1.0 / LATEST(1, 8));"
    listeners: tuple[Any, ...] = (("last_access", "Latest", []), ("count", "Latest", []))
    both = [compile_c(body, *listeners, batch=batch) for batch in (True, False)]
    misses = {run(code, shipped[:100_000], 300, mode="sample").misses for code in both}
    assert len(misses) == 1


# ---- the instance -------------------------------------------------------------------------------------------------


def test_parts(lru: Any, shipped: Trace) -> None:
    instance = CacheInstance(shipped, 999, uniform=True)
    split = int(0.6 * len(shipped))
    for outcome in (instance.baseline, lambda name, part: instance.evaluate(lru, part)):
        train, heldout, whole = (outcome("lru", part) for part in ("train", "heldout", "all"))
        assert (train.requests, heldout.requests) == (split, len(shipped) - split)
        assert train.misses + heldout.misses == whole.misses == 232_261
        assert whole.object_miss_ratio == whole.byte_miss_ratio == 232_261 / 800_000
    assert instance.baseline("lru", "train").misses == baseline("lru", shipped[:split], 999)


def test_outcome_as_plain_data(lru: Any, shipped: Trace) -> None:
    outcome = CacheInstance(shipped[:1000], 40_960).evaluate(lru)
    assert outcome.to_dict() == {
        "object_miss_ratio": outcome.misses / 1000,
        "byte_miss_ratio": outcome.misses / 1000,
        "requests": 1000,
        "misses": outcome.misses,
        "bytes": 4_096_000,
        "missed_bytes": 4096 * outcome.misses,
        "cache_size": 40_960,
        "cache_size_unit": "bytes",
    }


def test_unknown_part(shipped: Trace) -> None:
    with pytest.raises(ValueError, match="unknown part `test`"):
        CacheInstance(shipped[:10], 5).baseline("lru", "test")  # type: ignore[arg-type]


# ---- refusals -----------------------------------------------------------------------------------------------------


def test_unknown_signal(compile_c: Compile, shipped: Trace) -> None:
    code = compile_c("return 0.0;", ("temperature", "Latest", []))
    with pytest.raises(PolicyError, match="no signal `temperature`; known are now, count"):
        CacheInstance(shipped[:10], 5).evaluate(code)


def test_offsets_of_another_layout(compile_c: Compile, shipped: Trace) -> None:
    code = compile_c("return 0.0;", ("count", "Latest", []), ("size", "Latest", []))
    code.slots[1]["offset"] = 24
    with pytest.raises(PolicyError, match=r"compiled for .* at byte 24"):
        CacheInstance(shipped[:10], 5).evaluate(code)


def test_too_slow(compile_c: Compile, shipped: Trace) -> None:
    body = "double x = 0; for (int i = 0; i < 20000; ++i) x += sqrt((double)i + x); return x;"
    instance = CacheInstance(shipped, 999, uniform=True, max_seconds=0.2)
    with pytest.raises(PolicyError, match="too slow"):
        instance.evaluate(compile_c(body))


def test_too_much_memory(lru: Any, shipped: Trace) -> None:
    with pytest.raises(PolicyError, match=r"bytes"):
        CacheInstance(shipped, 999, uniform=True, memory_budget=1000).evaluate(lru)


def test_wrong_arguments(lru: Any, shipped: Trace) -> None:
    part = shipped[:10]
    with pytest.raises(ValueError, match="no entry point `value_fn`"):
        run(lru, part, 5, entry="value_fn")
    with pytest.raises(ValueError, match="unknown mode `full`"):
        run(lru, part, 5, mode="full")
    with pytest.raises(ValueError, match="n_sample"):
        run(lru, part, 5, n_sample=0)
    with pytest.raises(ValueError, match="capacity"):
        run(lru, part, 0)
