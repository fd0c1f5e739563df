"""Policies: compiled code is bound to the layout it was compiled for, and lives as long as it can be called."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import vulcan

from .helpers import CompileC, object_schema


def two_signals() -> vulcan.Schema:
    schema = object_schema(("x", "f64", "EWMA", [0.5, 0.25]), ("y", "i64", "RollingWindow", [3]))
    schema.declare("g", "global", "f64")
    schema.attach("g", "Latest")
    return schema


BODY = """return vk_ewma_get_f64(cx, 0, row, 1) + (double)vk_window_kth_i64(cx, 1, row + 24, 1, 3) * 100.0
          + (double)obj_id * 1e6 + vk_latest_get_f64(cx, 2, cx->globals) * 1e-3;"""


def test_scalar_and_batch_agree_with_the_store(compile_c: CompileC) -> None:
    schema = two_signals()
    code = compile_c(schema, BODY)
    store = vulcan.Store(schema)
    store.update_global("g", 7.0)
    for obj in range(20):
        for t in range(obj % 5):
            store.update("x", obj, float(t + obj))
            store.update("y", obj, t * obj)
    batch, scalar = vulcan.Policy(code), vulcan.Policy(code, "scalar")
    for obj in range(25):  # the last five are absent
        expected = store.query("get_ewma", "x", obj, 0.25) + store.query("get_kth", "y", obj, 1) * 100.0
        expected += obj * 1e6
        expected += store.query("get_latest", "g") * 1e-3
        assert batch.score(store, obj) == expected
    everyone = np.arange(25)
    assert batch.score_many(store, everyone).tolist() == scalar.score_many(store, everyone).tolist()
    assert vulcan.Policy(code, "value_fn").value(store) == 7.0


def test_a_different_layout_is_refused(compile_c: CompileC) -> None:
    policy = vulcan.Policy(compile_c(two_signals(), BODY))
    other = vulcan.Store(object_schema(("x", "f64", "EWMA", [0.5])))
    with pytest.raises(ValueError, match=r"slot 0: the program was compiled for EWMA\(\{0.5, 0.25\}\) of `x`"):
        policy.score(other, 1)
    with pytest.raises(ValueError, match="the store has nothing"):
        vulcan.OnDemandSort().argmin(vulcan.Store(vulcan.Schema()), policy)


def test_wrong_entries_are_refused(compile_c: CompileC) -> None:
    schema = two_signals()
    code, store = compile_c(schema, BODY), vulcan.Store(schema)
    with pytest.raises(KeyError, match="no entry point `nope`; compiled: `score_fn`"):
        vulcan.Policy(code, "nope")
    with pytest.raises(ValueError, match="is a value heuristic"):
        vulcan.Policy(code, "value_fn").score(store, 1)
    with pytest.raises(ValueError, match="is a rank heuristic"):
        vulcan.Policy(code).value(store)


def test_a_policy_keeps_its_code_alive(compile_c: CompileC) -> None:
    code = compile_c(two_signals(), BODY)
    alive = weakref.ref(code)
    policy = vulcan.Policy(code)
    del code
    gc.collect()
    assert alive() is not None
    del policy
    gc.collect()
    assert alive() is None
