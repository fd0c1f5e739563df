"""The store as a whole: objects come and go, rows are reused, memory stays flat, mistakes are explained."""

from __future__ import annotations

import numpy as np
import pytest
import vulcan
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from .helpers import Listener, object_schema, object_store
from .models import EwmaModel, WindowModel, pop_rank, pop_value

ids = st.sampled_from([-(2**63), -1, 2**63 - 1, *(4096 * page for page in range(9))])  # few, so that they meet again
LISTENERS: tuple[Listener, ...] = (
    ("a", "f64", "Latest", []),
    ("a", "f64", "EWMA", [0.25, 0.5]),
    ("a", "f64", "PopPercentile", []),
    ("b", "i64", "RollingWindow", [3]),
    ("b", "i64", "PopPercentile", []),
)


class Objects(RuleBasedStateMachine):
    """add, remove and update against dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.store = object_store(*LISTENERS)
        self.a: dict[int, EwmaModel | None] = {}
        self.b: dict[int, WindowModel] = {}
        self.latest_a: dict[int, float] = {}
        self.latest_b: dict[int, int] = {}

    def join(self, obj: int) -> None:
        if obj not in self.b:
            self.a[obj], self.b[obj] = EwmaModel([0.25, 0.5]), WindowModel(3)

    @rule(obj=ids)
    def add(self, obj: int) -> None:
        self.store.add(obj)
        self.join(obj)

    @rule(obj=ids, x=st.floats(-3, 3) | st.integers(-3, 3).map(float))
    def update_a(self, obj: int, x: float) -> None:
        self.join(obj)
        self.store.update("a", obj, x)
        model = self.a[obj]
        assert model is not None
        model.update(x)
        self.latest_a[obj] = x

    @rule(obj=ids, x=st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1))
    def update_b(self, obj: int, x: int) -> None:
        self.join(obj)
        self.store.update("b", obj, x)
        self.b[obj].update(x)
        self.latest_b[obj] = x

    @rule(obj=ids)
    def remove(self, obj: int) -> None:
        assert self.store.remove(obj) == (obj in self.b)
        for table in (self.a, self.b, self.latest_a, self.latest_b):
            table.pop(obj, None)

    @rule(obj=ids)
    def check(self, obj: int) -> None:
        query, model, window = self.store.query, self.a.get(obj), self.b.get(obj)
        assert query("get_latest", "a", obj) == self.latest_a.get(obj, 0.0)
        assert query("get_ewma", "a", obj, 0.5) == (model.get(1) if model else 0.0)
        assert query("get_kth", "b", obj, 1) == (window.kth(1) if window else 0)
        for signal, latest in (("a", self.latest_a), ("b", self.latest_b)):
            rank = pop_rank(list(latest.values()), latest[obj]) if obj in latest else 0.0
            assert query("get_pop_percentile", signal, obj) == rank

    @rule(p=st.floats(-0.5, 1.5) | st.just(float("nan")))
    def check_population(self, p: float) -> None:
        assert self.store.query("get_pop_percentile", "a", p) == pop_value(list(self.latest_a.values()), p)
        assert self.store.query("get_pop_percentile", "b", p) == pop_value(list(self.latest_b.values()), p)

    @invariant()
    def same_objects(self) -> None:
        assert len(self.store) == len(self.b)
        assert set(self.store.ids().tolist()) == set(self.b)


TestObjects = Objects.TestCase
TestObjects.settings = settings(max_examples=100, stateful_step_count=40)


def draw(random: np.random.Generator, kind: str, n: int, turn: int) -> NDArray[np.float64]:
    if kind == "uniform":
        return random.random(n)
    counted = random.geometric(0.1, n) if kind == "counts" else turn * n + np.arange(n)
    return counted.astype(np.float64)


@pytest.mark.parametrize("kind", ["uniform", "counts", "growing"])
def test_population_of_many(kind: str) -> None:
    """Large enough for three levels; values are replaced and objects removed on the way."""
    random, n = np.random.default_rng(1), 40_000
    store = object_store(("x", "f64", "PopPercentile", []))
    latest = np.zeros(n)
    for turn in range(4):
        objects = np.arange(n) if turn == 0 else random.integers(0, n, n)
        values = draw(random, kind, n, turn)
        store.update_many("x", objects, values)
        np.put(latest, objects, values)  # the last value of an object wins, as in the store
    for obj in range(0, n, 2):
        store.remove(obj)
    left = np.sort(latest[1::2])
    for p in (0.0, 0.1, 0.5, 0.999, 1.0):
        assert store.query("get_pop_percentile", "x", p) == left[min(len(left) - 1, int(p * len(left)))]
    for obj in range(1, n, 997 * 2):
        assert store.query("get_pop_percentile", "x", obj) == np.searchsorted(left, latest[obj]) / len(left)


def test_memory_stays_flat_when_ids_never_repeat() -> None:
    store = object_store(*LISTENERS)
    generations, size = 60, 1000
    sizes = []
    for generation in range(generations):
        fresh = np.arange(size) + generation * size
        store.update_many("a", fresh, np.random.default_rng(generation).random(size))
        store.update_many("b", fresh, fresh)
        sizes.append(store.bytes)
        for obj in fresh.tolist():
            assert store.remove(obj)
    assert sizes[2] == sizes[-1]
    assert len(store) == 0
    assert store.query("get_pop_percentile", "a", 0.5) == 0.0  # nobody left in the populations


@pytest.mark.parametrize("n", [3000, 3073, 4097, 6145, 20_000])  # also just after a table doubled
def test_an_object_costs_no_more_than_the_schema_says(n: int) -> None:
    random = np.random.default_rng(n)
    empty, store = object_store(*LISTENERS), object_store(*LISTENERS)
    objects = random.permutation(n)
    store.update_many("a", objects, random.random(n))
    store.update_many("b", objects, objects)
    for obj in random.permutation(n)[: n * 3 // 4].tolist():  # leave the tree thin
        store.remove(obj)
    assert store.bytes - empty.bytes <= n * store.schema.object_bytes


def test_a_new_object_starts_empty_in_a_used_row() -> None:
    store = object_store(*LISTENERS)
    store.update("a", 1, 5.0)
    store.update("b", 1, 5)
    store.remove(1)
    store.add(2)
    assert store.query("get_latest", "a", 2) == 0.0
    assert store.query("get_n", "b", 2) == 0
    assert store.query("get_pop_percentile", "a", 2) == 0.0


def test_update_many_is_update_in_a_loop() -> None:
    random = np.random.default_rng(0)
    objects, values = random.integers(0, 50, 500), random.normal(size=500)
    one, many = object_store(*LISTENERS), object_store(*LISTENERS)
    many.update_many("a", objects, values)
    for obj, x in zip(objects.tolist(), values.tolist(), strict=True):
        one.update("a", obj, x)
    for obj in range(50):
        assert one.query("get_ewma", "a", obj, 0.25) == many.query("get_ewma", "a", obj, 0.25)
        assert one.query("get_pop_percentile", "a", obj) == many.query("get_pop_percentile", "a", obj)


def test_global_signals() -> None:
    schema = vulcan.Schema()
    schema.declare("now", "global", "i64")
    schema.attach("now", "Latest")
    schema.attach("now", "RollingWindow", [2])
    store = vulcan.Store(schema)
    for now in (5, 7, 9):
        store.update_global("now", now)
    assert store.query("get_latest", "now") == 9
    assert [store.query("get_kth", "now", k) for k in range(3)] == [9, 7, 0]
    assert store.query("get_avg", "now") == 8.0


def test_layout_follows_the_declared_sizes() -> None:
    schema = object_schema(*LISTENERS, ("c", "f64", "Average", []))
    assert [slot["offset"] for slot in schema.slots] == [0, 8, 32, 48, 112, 128]
    assert schema.row_bytes == 152
    assert vulcan.Schema.from_slots(schema.slots).slots == schema.slots
    assert "152 bytes of state an object" in str(schema)


def test_attaching_twice_is_attaching_once() -> None:
    schema = object_schema(("a", "f64", "EWMA", [0.5]), ("a", "f64", "EWMA", [0.5]), ("a", "f64", "EWMA", [0.25]))
    assert len(schema.slots) == 2
    store = vulcan.Store(schema)
    store.update("a", 1, 4.0)
    assert store.query("get_ewma", "a", 1, 0.25) == 4.0


def test_a_budget_is_refused_before_anything_runs() -> None:
    schema = object_schema(("gap", "f64", "RollingWindow", [128]), ("gap", "f64", "Latest", []))
    schema.require_budget(1000, 2_000_000)
    message = (
        r"1,000,000 objects of 1,155 bytes exceed the memory budget of 100,000,000 bytes by factor 11\.[56]; "
        r"the largest part is RollingWindow\(128\) of `gap` with 1,064 bytes an object"
    )
    with pytest.raises(ValueError, match=message):
        schema.require_budget(1_000_000, 100_000_000)
    with pytest.raises(ValueError, match="exceed the memory budget"):
        vulcan.Store(schema, max_objects=1_000_000, memory_budget=100_000_000)
    store = vulcan.Store(schema, memory_budget=3000)  # the budget decides how many
    store.update("gap", 1, 1.0)
    store.update("gap", 2, 1.0)
    with pytest.raises(ValueError, match="full: max_objects is 2"):
        store.update("gap", 3, 1.0)
    assert store.remove(1)
    store.update("gap", 3, 1.0)


@pytest.mark.parametrize(
    ("listener", "params", "message"),
    [
        ("EWMA", [], "one or more alphas"),
        ("EWMA", [1.5], r"EWMA\(\{1.5\}\).*\(0, 1\]"),
        ("EWMA", [float("nan")], "alphas"),
        ("RollingWindow", [0], "one length"),
        ("RollingWindow", [2.5], "one length"),
        ("RollingWindow", [], "one length"),
        ("Latest", [1], "no parameters"),
        ("Median", [], "unknown listener `Median`; one of `Latest`"),
    ],
)
def test_bad_listeners(listener: str, params: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        object_schema(("x", "f64", listener, params))


def test_mistakes_are_explained() -> None:
    schema = object_schema(("x", "f64", "EWMA", [0.5]))
    schema.declare("g", "global", "f64")
    store = vulcan.Store(schema)
    with pytest.raises(KeyError, match="no signal `y`; declared: `x` `g`"):
        store.update("y", 1, 1.0)
    with pytest.raises(KeyError, match="`x` has no Latest; attach one"):
        store.query("get_latest", "x", 1)
    with pytest.raises(KeyError, match="no query `get_lates`"):
        store.query("get_lates", "x", 1)
    with pytest.raises(ValueError, match=r"no EWMA with alpha 0.9.*EWMA\(\{0.5\}\)"):
        store.query("get_ewma", "x", 1, 0.9)
    with pytest.raises(ValueError, match="belongs to objects"):
        store.query("get_ewma", "x")
    with pytest.raises(ValueError, match="is global"):
        store.update("g", 1, 1.0)
    with pytest.raises(ValueError, match="does not fit 64 bits"):
        store.update("x", 2**63, 1.0)
    with pytest.raises(ValueError, match="declared as object f64 already; it cannot be object i64 too"):
        schema.declare("x", "object", "i64")
    with pytest.raises(ValueError, match="is global and has no population"):
        schema.attach("g", "PopPercentile")
    with pytest.raises(ValueError, match=r"the program was compiled for .* at byte 8, .* at byte 0"):
        vulcan.Schema.from_slots([{**schema.slots[0], "offset": 8}])
    with pytest.raises(ValueError, match="a slot lacks `scope`"):
        vulcan.Schema.from_slots([{"signal": "x"}])
