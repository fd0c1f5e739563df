"""The interpreter's own promises: steps, budget, arguments; and the reference store."""

from __future__ import annotations

import math

import pytest

from anvil.core import Assign, Break, Compare, Function, If, Loop, Program, Query, Return, Variable
from anvil.interp import BudgetExceeded, Interpreter, InvalidCore
from anvil.store import ReferenceStore
from tests.anvil.executors.native_view import slots
from tests.anvil.executors.shorthand import D, L, N, add, const, counting, params, program, same, var

START, STEP = counting("i", 0)
COUNT = Function(
    "count",
    params(N),
    N,
    (Variable("i", N),),
    (START, Loop(0, Compare("lt", var(N, "i"), var(N, "a")), (), STEP), Return(var(N, "i"))),
)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_step_is_a_statement_or_an_evaluated_loop_condition(n: int) -> None:
    """Assign, Loop, n + 1 conditions, n steps of the loop, Return."""
    interpreter = Interpreter(program(COUNT))
    assert interpreter.call("count", n) == n
    assert interpreter.steps == 2 + (n + 1) + n + 1


def test_the_budget_is_inclusive() -> None:
    assert Interpreter(program(COUNT), budget=14).call("count", 5) == 5
    with pytest.raises(BudgetExceeded, match="more than 13 steps"):
        Interpreter(program(COUNT), budget=13).call("count", 5)


def test_a_break_skips_the_step() -> None:
    leave = If(Compare("eq", var(N, "i"), const(N, 3)), (Break(),), ())
    loop = Loop(0, Compare("lt", var(N, "i"), var(N, "a")), (leave,), STEP)
    made = Function("count", params(N), N, (Variable("i", N),), (START, loop, Return(var(N, "i"))))
    assert Interpreter(program(made)).call("count", 10) == 3


def test_broken_core_is_refused() -> None:
    unassigned = Function("f", (), N, (Variable("x", N),), (Return(var(N, "x")),))
    with pytest.raises(InvalidCore, match="x is read before"):
        Interpreter(program(unassigned)).call("f")
    with pytest.raises(InvalidCore, match="ends without a return"):
        Interpreter(program(Function("f", (), N, (), ()))).call("f")
    query = Query(L, "get_latest", "vk_latest_get_i64", 0, None, (), ())
    with pytest.raises(InvalidCore, match="without a feature store"):
        Interpreter(program(Function("f", (), L, (), (Return(query),), True))).call("f")


@pytest.mark.parametrize("value", [2**31, 1.0, True, "1"])
def test_arguments_have_the_type_of_the_parameter(value: object) -> None:
    with pytest.raises(ValueError, match="not a value of int"):
        Interpreter(program(COUNT)).call("count", value)  # type: ignore[arg-type]


SLOTS = slots(
    ("now", "global", L, "Latest", ()),
    ("size", "object", L, "Average", ()),
    ("heat", "object", D, "EWMA", (0.5, 1.0)),
    ("heat", "object", D, "RollingWindow", (3,)),
    ("heat", "object", D, "PopPercentile", ()),
    ("heat", "object", D, "Average", ()),
)


def test_the_store_answers_0_for_what_is_not_there() -> None:
    store = ReferenceStore(SLOTS)
    assert store.query(0, "vk_latest_get_i64", None, (), ()) == 0
    for slot, symbol, args, constants in (
        (1, "vk_average_avg_i64", (), ()),
        (2, "vk_ewma_get_f64", (), (1,)),
        (3, "vk_window_kth_f64", (0,), (3,)),
        (4, "vk_pop_rank_f64", (), ()),
    ):
        assert same(float(store.query(slot, symbol, 5, args, constants)), 0.0)


def test_the_store_follows_its_listeners() -> None:
    store = ReferenceStore(SLOTS)
    for value in (1.0, 2.0, 3.0, 5.0):
        store.update("heat", value, 7)
    store.update("heat", 4.0, 8)
    assert store.query(2, "vk_ewma_get_f64", 7, (), (0,)) == 3.625
    assert [store.query(3, "vk_window_kth_f64", 7, (k,), (3,)) for k in (-1, 0, 1, 2, 3)] == [0.0, 5.0, 3.0, 2.0, 0.0]
    assert store.query(3, "vk_window_avg_f64", 7, (), (3,)) == 10.0 / 3.0
    assert store.query(3, "vk_window_n_f64", 7, (), (3,)) == 3
    assert store.query(4, "vk_pop_rank_f64", 7, (), ()) == 0.5
    assert [store.query(4, "vk_pop_value_f64", None, (p,), ()) for p in (-1.0, 0.49, 0.5, math.nan)] == [4, 4, 5, 4]
    store.remove(7)
    assert store.query(4, "vk_pop_value_f64", None, (1.0,), ()) == 4.0
    assert store.query(3, "vk_window_n_f64", 7, (), (3,)) == 0


def test_the_store_drops_what_is_not_finite_and_converts_the_rest() -> None:
    store = ReferenceStore(SLOTS)
    store.update("heat", math.inf, 1)
    store.update("size", math.nan, 1)
    store.update("size", 1e300, 1)
    store.update("size", 3.9, 1)
    assert store.dropped == 2
    assert store.query(1, "vk_average_n_i64", 1, (), ()) == 2
    assert store.query(1, "vk_average_avg_i64", 1, (), ()) == float(L.high + 3) / 2


def test_sums_survive_spikes_and_overflow() -> None:
    store = ReferenceStore(SLOTS)
    for value in (1.0, 1e100, 1.0, -1e100):
        store.update("heat", value, 1)
    assert store.query(5, "vk_average_avg_f64", 1, (), ()) == 0.5
    for _ in range(4):
        store.update("heat", 1.5e308, 2)
    assert store.query(5, "vk_average_avg_f64", 2, (), ()) == 1.5e308
    assert store.query(3, "vk_window_avg_f64", 2, (), (3,)) == 1.5e308


def test_a_program_sees_the_store() -> None:
    query = Query(D, "get_ewma", "vk_ewma_get_f64", 2, add(var(L, "a"), const(L, 1)), (), (0,))
    made = Function("score", params(L), D, (), (Return(query),), True)
    store = ReferenceStore(SLOTS)
    store.update("heat", 2.5, 8)
    interpreter = Interpreter(Program((made,), SLOTS), store)
    assert interpreter.call("score", 7) == 2.5
    assert interpreter.call("score", 8) == 0.0


def test_assignment_to_a_parameter() -> None:
    body = (Assign("a", add(var(N, "a"), const(N, 1))), Return(var(N, "a")))
    assert Interpreter(program(Function("f", params(N), N, (), body))).call("f", N.high) == N.low
