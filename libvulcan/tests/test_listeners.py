"""Each listener against its model, and the numeric hazards that broke others."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .helpers import object_store
from .models import AverageModel, EwmaModel, WindowModel

FEW = settings(max_examples=150)

AWKWARD = [0.0, -0.0, 1e17, -1e17, 1.7e308, -1.7e308, 5e-324]
finite = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(AWKWARD)
int64 = st.integers(-(2**63), 2**63 - 1) | st.integers(-100, 100)


@FEW
@given(st.lists(finite))
def test_latest_f64(values: list[float]) -> None:
    store = object_store(("x", "f64", "Latest", []))
    assert store.query("get_latest", "x", 1) == 0.0
    for x in values:
        store.update("x", 1, x)
        assert store.query("get_latest", "x", 1) == x


@FEW
@given(st.lists(int64))
def test_latest_i64(values: list[int]) -> None:
    store = object_store(("x", "i64", "Latest", []))
    for x in values:
        store.update("x", 1, x)
        assert store.query("get_latest", "x", 1) == x


@FEW
@given(st.lists(finite, max_size=60))
def test_average_f64(values: list[float]) -> None:
    store, model = object_store(("x", "f64", "Average", [])), AverageModel()
    assert (store.query("get_avg", "x", 1), store.query("get_n", "x", 1)) == (0.0, 0)
    for x in values:
        store.update("x", 1, x)
        model.update(x)
    got = store.query("get_avg", "x", 1)
    assert math.isfinite(got)
    assert abs(Fraction(got) - model.exact()) <= model.tolerance()
    assert store.query("get_n", "x", 1) == len(values)


@FEW
@given(st.lists(int64, min_size=1))
def test_average_i64_is_exact(values: list[int]) -> None:
    store = object_store(("x", "i64", "Average", []))
    for x in values:
        store.update("x", 1, x)
    assert store.query("get_avg", "x", 1) == float(sum(values)) / len(values)


@FEW
@given(st.lists(finite, max_size=30), st.lists(st.floats(0, 1, exclude_min=True), min_size=1, max_size=4, unique=True))
def test_ewma_bit_for_bit(values: list[float], alphas: list[float]) -> None:
    store, model = object_store(("x", "f64", "EWMA", alphas)), EwmaModel(alphas)
    for x in values:
        store.update("x", 1, x)
        model.update(x)
        for i, alpha in enumerate(alphas):
            assert store.query("get_ewma", "x", 1, alpha) == model.get(i)


@FEW
@given(st.lists(finite, max_size=60), st.integers(1, 9))
def test_window_f64(values: list[float], n: int) -> None:
    store, model = object_store(("x", "f64", "RollingWindow", [n])), WindowModel(n)
    for x in values:
        store.update("x", 1, x)
        model.update(x)
        got = store.query("get_avg", "x", 1)
        assert math.isfinite(got)
        assert abs(Fraction(got) - model.exact()) <= model.tolerance()
    assert store.query("get_n", "x", 1) == len(model.window())
    for k in (-(2**63), -1, *range(n + 1), 2**63 - 1):
        assert store.query("get_kth", "x", 1, k) == model.kth(k)


@FEW
@given(st.lists(int64, max_size=60), st.integers(1, 9))
def test_window_i64_is_exact(values: list[int], n: int) -> None:
    store, model = object_store(("x", "i64", "RollingWindow", [n])), WindowModel(n)
    for x in values:
        store.update("x", 1, x)
        model.update(x)
        window = model.window()
        assert store.query("get_avg", "x", 1) == float(sum(window)) / len(window)
    for k in range(-1, n + 1):
        assert store.query("get_kth", "x", 1, k) == model.kth(k)


def test_a_spike_leaves_the_window_without_trace() -> None:
    store = object_store(("x", "f64", "RollingWindow", [128]))
    for i in range(1000):
        store.update("x", 1, 1e17 if i == 300 else 0.1)
        if i >= 300 + 128:
            assert store.query("get_avg", "x", 1) == pytest.approx(0.1, rel=1e-15)


def test_a_million_tenths_do_not_drift() -> None:
    store = object_store(("x", "f64", "Average", []), ("x", "f64", "RollingWindow", [100]))
    n = 1_000_000
    store.update_many("x", np.ones(n, dtype=np.int64), np.full(n, 0.1))
    assert store.query("get_avg", "x", 1) == 0.1


def test_sums_beyond_the_range_of_doubles() -> None:
    store = object_store(("a", "f64", "Average", []), ("w", "f64", "RollingWindow", [3]))
    for signal in ("a", "w"):
        for _ in range(4):
            store.update(signal, 1, 1e308)
        assert store.query("get_avg", signal, 1) == pytest.approx(1e308, rel=1e-15)
    for _ in range(6):
        store.update("w", 1, 0.1)
    assert store.query("get_avg", "w", 1) == pytest.approx(0.1, rel=1e-15)
    assert store.query("get_n", "a", 1) == 4


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_dropped_and_counted(bad: float) -> None:
    store = object_store(
        ("x", "f64", "EWMA", [0.5]),
        ("x", "f64", "RollingWindow", [4]),
        ("x", "f64", "PopPercentile", []),
        ("i", "i64", "Latest", []),
    )
    for x in (1.0, bad, 3.0):
        store.update("x", 1, x)
    store.update("i", 1, bad)
    assert store.query("get_ewma", "x", 1, 0.5) == 2.0
    assert store.query("get_avg", "x", 1) == 2.0
    assert store.query("get_pop_percentile", "x", 0.0) == 3.0
    assert store.query("get_latest", "i", 1) == 0
    assert store.dropped == 2


def test_ewma_keeps_a_constant_and_survives_the_extremes() -> None:
    store = object_store(("x", "f64", "EWMA", [0.3]))
    for _ in range(1000):
        store.update("x", 1, 0.1)
    assert store.query("get_ewma", "x", 1, 0.3) == 0.1
    for x in (1.7e308, -1.7e308, 1.7e308):
        store.update("x", 1, x)
        assert math.isfinite(store.query("get_ewma", "x", 1, 0.3))


def test_int64_near_its_limits() -> None:
    top = 2**63 - 1
    store = object_store(
        ("x", "i64", "Latest", []), ("x", "i64", "RollingWindow", [2]), ("x", "i64", "PopPercentile", [])
    )
    for obj, value in enumerate((top, top - 1, -top - 1)):
        store.update("x", obj, value)
        assert store.query("get_latest", "x", obj) == value
        assert store.query("get_kth", "x", obj, 0) == value
    assert store.query("get_pop_percentile", "x", 1) == 1 / 3
    assert [store.query("get_pop_percentile", "x", p) for p in (0.0, 0.5, 1.0)] == [-top - 1, top - 1, top]


def test_a_double_for_an_integer_signal_saturates() -> None:
    store = object_store(("x", "i64", "Latest", []))
    for given_, kept in ((1e300, 2**63 - 1), (-1e300, -(2**63)), (-2.9, -2)):
        store.update("x", 1, given_)
        assert store.query("get_latest", "x", 1) == kept
