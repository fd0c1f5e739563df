"""Rankings against sorted lists."""

from __future__ import annotations

import math

import numpy as np
import pytest
import vulcan
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from .helpers import CompileC, object_schema

SCORE = object_schema(("s", "f64", "Latest", []))
# A stored NaN is dropped, so the heuristic makes its own: NaN above 100.
BODY = "double x = vk_latest_get_f64(cx, 0, row); return x > 100.0 ? 0.0 / 0.0 : x;"
SCORES = [0.0, -0.0, 1.5, -1.5, 1e308, -1e308, 5e-324]


def order(scores: dict[int, float]) -> list[int]:
    """NaN lowest, -0.0 equal to 0.0, ties by id."""

    def key(obj: int) -> tuple[bool, float, int]:
        nan = math.isnan(scores[obj])
        return not nan, 0.0 if nan else scores[obj], obj

    return sorted(scores, key=key)


def scored(seen: dict[int, float]) -> dict[int, float]:
    return {obj: math.nan if x > 100.0 else x for obj, x in seen.items()}


@pytest.fixture(scope="module")
def policy(compile_c: CompileC) -> vulcan.Policy:
    return vulcan.Policy(compile_c(SCORE, BODY))


@pytest.mark.parametrize("n", [0, 1, 7, 3000])
def test_everything_in_order(policy: vulcan.Policy, n: int) -> None:
    random = np.random.default_rng(n)
    seen = {obj: float(random.choice(SCORES)) for obj in random.permutation(n).tolist()}
    store = vulcan.Store(SCORE)
    for obj, x in seen.items():
        store.update("s", obj - n // 2, x)
    expected = order({obj - n // 2: x for obj, x in scored(seen).items()})
    engine = vulcan.OnDemandSort()
    assert engine.order(store, policy) == expected
    assert engine.argmin(store, policy) == (expected[0] if expected else None)
    for k in (0, 1, 5, 1500, 10_000):
        assert engine.top_k(store, policy, k) == expected[:k]


def test_samples_are_seeded_distinct_and_fair(policy: vulcan.Policy) -> None:
    store = vulcan.Store(SCORE)
    for obj in range(50):
        store.update("s", obj, float(obj % 7))

    def draws(seed: int) -> list[list[int]]:
        engine = vulcan.OnDemandSort(sample=10, seed=seed)
        return [engine.order(store, policy) for _ in range(2000)]

    first = draws(1)
    assert first == draws(1)
    assert first != draws(2)
    assert all(len(set(sample)) == 10 for sample in first)
    assert all(sample == order({obj: float(obj % 7) for obj in sample}) for sample in first)
    counts = np.bincount(np.concatenate(first), minlength=50)  # 400 expected, standard deviation 18
    assert counts.min() > 300
    assert counts.max() < 500


def test_a_sample_of_more_than_there_is(policy: vulcan.Policy) -> None:
    store = vulcan.Store(SCORE)
    engine = vulcan.OnDemandSort(sample=32)
    assert engine.argmin(store, policy) is None
    for obj in (3, 1, 2):
        store.update("s", obj, 1.0)
    assert engine.order(store, policy) == [1, 2, 3]


class Heap(RuleBasedStateMachine):
    """IncrementalSort against a dictionary, with all the awkward scores."""

    def __init__(self) -> None:
        super().__init__()
        self.store = vulcan.Store(SCORE)
        self.heap = vulcan.IncrementalSort(self.store)
        self.scores: dict[int, float] = {}

    @rule(obj=st.integers(-20, 20), score=st.sampled_from([*SCORES, math.nan, math.inf, -math.inf]) | st.floats())
    def update(self, obj: int, score: float) -> None:
        self.store.add(obj)
        self.heap.update_score(obj, score)
        self.scores[obj] = score

    @precondition(lambda self: self.scores)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        obj = data.draw(st.sampled_from(sorted(self.scores)))
        assert self.heap.remove(obj)
        assert not self.heap.remove(obj)
        self.store.remove(obj)
        del self.scores[obj]

    @precondition(lambda self: self.scores)
    @rule()
    def pop(self) -> None:
        lowest = order(self.scores)[0]
        assert self.heap.pop() == lowest
        del self.scores[lowest]

    @invariant()
    def top(self) -> None:
        assert len(self.heap) == len(self.scores)
        assert self.heap.top == (order(self.scores)[0] if self.scores else None)


TestHeap = Heap.TestCase
TestHeap.settings = settings(max_examples=60, stateful_step_count=40)


def test_incremental_order_of_many(policy: vulcan.Policy) -> None:
    random = np.random.default_rng(5)
    store = vulcan.Store(SCORE)
    heap = vulcan.IncrementalSort(store)
    seen: dict[int, float] = {}
    for obj in random.integers(0, 500, 3000).tolist():
        seen[obj] = float(random.choice([*SCORES, float(obj % 3)]))
        store.update("s", obj, seen[obj])
        heap.update(policy, obj)
    assert [heap.pop() for _ in range(len(heap))] == order(scored(seen))
    with pytest.raises(KeyError, match="empty ranking"):
        heap.pop()
    with pytest.raises(KeyError, match="no object 999"):
        heap.update(policy, 999)
