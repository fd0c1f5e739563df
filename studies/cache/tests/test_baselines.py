"""Each baseline against a naive model in Python, on random traces with sizes that change between requests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.cache import _sim
from studies.cache.traces import Trace

Requests = list[tuple[int, int]]


def queue_model(requests: Requests, capacity: int, promote: bool) -> int:
    """FIFO, and LRU when hits promote. Returns the misses."""
    cache: dict[int, int] = {}  # insertion order is the order of eviction
    misses = 0
    for item, size in requests:
        if item in cache:
            if promote:
                cache[item] = cache.pop(item)
            continue
        misses += 1
        if size > capacity:
            continue
        while sum(cache.values()) + size > capacity:
            del cache[next(iter(cache))]
        cache[item] = size
    return misses


def lfu_model(requests: Requests, capacity: int) -> int:
    cache: dict[int, tuple[int, int, int]] = {}  # count, last access, size
    misses = 0
    for now, (item, size) in enumerate(requests):
        if item in cache:
            count, _, kept = cache[item]
            cache[item] = (count + 1, now, kept)
            continue
        misses += 1
        if size > capacity:
            continue
        while sum(entry[2] for entry in cache.values()) + size > capacity:
            del cache[min(cache, key=lambda key: cache[key][:2])]
        cache[item] = (1, now, size)
    return misses


def gdsf_model(requests: Requests, capacity: int) -> int:
    cache: dict[int, tuple[float, int, int, int]] = {}  # priority, last access, count, size
    misses, inflation = 0, 0.0
    for now, (item, size) in enumerate(requests):
        if item in cache:
            _, _, count, kept = cache[item]
            cache[item] = (inflation + (count + 1) * 1e6 / kept, now, count + 1, kept)
            continue
        misses += 1
        if size > capacity:
            continue
        cache[item] = (inflation + 1e6 / size, now, 1, size)
        while sum(entry[3] for entry in cache.values()) > capacity:
            victim = min(cache, key=lambda key: cache[key][:2])
            inflation = cache.pop(victim)[0]
    return misses


def sieve_model(requests: Requests, capacity: int) -> int:
    queue: list[int] = []  # oldest first
    sizes: dict[int, int] = {}
    visited: set[int] = set()
    misses, hand = 0, 0
    for item, size in requests:
        if item in sizes:
            visited.add(item)
            continue
        misses += 1
        if size > capacity:
            continue
        while sum(sizes.values()) + size > capacity:
            hand = hand if hand < len(queue) else 0
            while queue[hand] in visited:
                visited.remove(queue[hand])
                hand = (hand + 1) % len(queue)
            del sizes[queue.pop(hand)]
            # The hand now points at the next newer one; past the newest it starts again at the oldest of then.
            hand = hand if hand < len(queue) else 2**62
        queue.append(item)
        sizes[item] = size
    return misses


MODELS: dict[str, Callable[[Requests, int], int]] = {
    "fifo": lambda requests, capacity: queue_model(requests, capacity, promote=False),
    "lru": lambda requests, capacity: queue_model(requests, capacity, promote=True),
    "sieve": sieve_model,
    "gdsf": gdsf_model,
    "lfu": lfu_model,
}


def trace_of(requests: Requests) -> Trace:
    ids, sizes = zip(*requests, strict=True)
    return Trace.from_arrays("t", np.array(ids, dtype=np.int64), np.array(sizes, dtype=np.uint32))


def run(name: str, trace: Trace, capacity: int, uniform: bool = False, measure_from: int = 0) -> _sim.Tally:
    return _sim.simulate(
        trace.dense, trace.sizes, trace.n_objects, name, capacity, uniform=uniform, measure_from=measure_from
    )


requests_strategy = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 9)), min_size=1, max_size=120)


@pytest.mark.parametrize("name", MODELS)
@given(requests=requests_strategy, capacity=st.integers(1, 40))
def test_sized(name: str, requests: Requests, capacity: int) -> None:
    assert run(name, trace_of(requests), capacity).misses == MODELS[name](requests, capacity)


@pytest.mark.parametrize("name", MODELS)
@given(requests=requests_strategy, capacity=st.integers(1, 14))
def test_uniform(name: str, requests: Requests, capacity: int) -> None:
    ones = [(item, 1) for item, _ in requests]
    assert run(name, trace_of(requests), capacity, uniform=True).misses == MODELS[name](ones, capacity)


@pytest.mark.parametrize("name", _sim.BASELINES)
@settings(max_examples=30)
@given(requests=requests_strategy, capacity=st.integers(1, 40), uniform=st.booleans(), data=st.data())
def test_counts_add_up(name: str, requests: Requests, capacity: int, uniform: bool, data: st.DataObject) -> None:
    """A warmed measurement is the whole run less its first part, and bytes are those of the requests."""
    trace = trace_of(requests)
    split = data.draw(st.integers(0, len(requests) + 3))
    whole = run(name, trace, capacity, uniform)
    first = run(name, trace[:split], capacity, uniform)
    rest = run(name, trace, capacity, uniform, measure_from=split)
    for field in ("requests", "misses", "bytes", "missed_bytes"):
        assert getattr(first, field) + getattr(rest, field) == getattr(whole, field)
    assert whole.requests == len(requests)
    assert whole.bytes == (len(requests) if uniform else sum(size for _, size in requests))
    assert trace.n_objects <= whole.misses


@pytest.mark.parametrize("name", _sim.BASELINES)
def test_everything_fits(name: str, shipped: Trace) -> None:
    """A cache of the whole footprint misses each object once. S3-FIFO fills its small queue, then the main one."""
    part = shipped[:50_000]
    assert run(name, part, part.n_objects, uniform=True).misses == part.n_objects


@pytest.mark.parametrize("capacity", [1, 2, 3, 9, 10, 15, 19, 20])
def test_s3fifo_works_in_tiny_caches(capacity: int, shipped: Trace) -> None:
    """Here libCacheSim aborts below 10 objects and admits nothing below 20."""
    part = shipped[:20_000]
    assert run("s3fifo", part, capacity, uniform=True).misses < len(part)


def test_refusals(shipped: Trace) -> None:
    part = shipped[:10]
    with pytest.raises(ValueError, match="unknown baseline `mru`"):
        run("mru", part, 5)
    for capacity in (0, -1, 2**63 - 1):
        with pytest.raises(ValueError, match="capacity"):
            run("lru", part, capacity)
    with pytest.raises(ValueError, match="not below n_objects"):
        _sim.simulate(part.dense, part.sizes, 1, "lru", 5)
    with pytest.raises(ValueError, match="differ in length"):
        _sim.simulate(part.dense, part.sizes[:3], part.n_objects, "lru", 5)
    with pytest.raises(ValueError, match="a size is 0"):
        _sim.simulate(part.dense, np.zeros(10, dtype=np.uint32), part.n_objects, "lru", 5)
