"""Counterexamples: inputs that break a condition, found by running the program in the reference interpreter.

Inputs are chosen from hints of the solver, from the ends of what each value may be, and at random with a fixed seed.
A program that comes back to where it was in a loop, with every variable as before, runs for ever.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anvil import core
from anvil.diagnostics import Witness
from anvil.interp import BudgetExceeded, ExternFailed, Interpreter, Value
from anvil.types import Type
from anvil.verify import ranges
from anvil.verify.obligations import Obligation
from anvil.verify.queries import query_range
from anvil.verify.ranges import Range

ATTEMPTS = 160
"""Inputs tried for one condition."""

STEPS = 3_000
"""Steps of one run that is looked at."""

ALL_STEPS = 25_000
"""Steps of all runs for one condition."""

Hints = Mapping[str, Value]
"""Values of parameters that the solver proposes, by name."""


Conditions = Mapping[int, list[core.Contract]]
"""What must hold where, by the id of the node."""


class Broken(Exception):
    """A condition did not hold for these values."""

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values
        super().__init__()


class Endless(Exception):
    """A loop came back to a state in which it had been."""


@dataclass(slots=True)
class Chooser:
    """Chooses every input of one run: ends of ranges first, other values at random; remembers what it chose."""

    rng: random.Random
    hints: Hints
    chosen: dict[str, Value] = field(default_factory=dict)

    def choose(self, name: str, type: Type, among: Range, fits: Callable[[Value], bool] = lambda value: True) -> Value:
        """The value of an input, the same whenever it is asked for. ExternFailed where none is found that fits."""
        if name not in self.chosen:
            proposed = (self.hints[name] if name in self.hints else _value(type, among, self.rng) for _ in range(40))
            value = next((value for value in proposed if fits(value)), None)
            if value is None:
                raise ExternFailed(f"no value for {name}")
            self.chosen[name] = value
        return self.chosen[name]


def _value(type: Type, range: Range, rng: random.Random) -> Value:
    if type is Type.BOOL:
        return bool(rng.randint(int(range.low), int(range.high)))
    if type is Type.DOUBLE:
        if range.nan and rng.random() < 0.1:
            return float("nan")
        inside = [x for x in (0.0, 1.0, 0.5, -1.0, 2.0, 100.0, range.low, range.high) if range.low <= x <= range.high]
        return float(rng.choice(inside)) if rng.random() < 0.7 else min(max(rng.gauss(0, 50), range.low), range.high)
    low, high = int(range.low), int(range.high)
    if rng.random() < 0.6:
        near = [low, low + 1, high, high - 1, 0, 1, -1, 2, 10]
        return rng.choice([x for x in near if low <= x <= high])
    return rng.randint(max(low, -100), min(high, 100)) if max(low, -100) <= min(high, 100) else rng.randint(low, high)


class _Store:
    """Answers queries with chosen values; one query has one answer in a call."""

    def __init__(self, program: core.Program, chooser: Chooser) -> None:
        self._slots = program.slots
        self._chooser = chooser
        self._queries = {(node.slot, node.symbol): node for node in _nodes(program) if isinstance(node, core.Query)}

    def query(
        self, slot: int, symbol: str, object_id: int | None, args: tuple[Value, ...], constants: tuple[int, ...]
    ) -> Value:
        node, place = self._queries[slot, symbol], self._slots[slot]
        parts = [place.signal, *([] if object_id is None else [str(object_id)]), *map(str, args)]
        return self._chooser.choose(f"{node.method}({', '.join(parts)})", node.type, query_range(place, node))


def _nodes(program: core.Program) -> Iterator[core.Expr]:
    for function in program.functions:
        for stmt in core.walk_block(function.body):
            for expr in core.expressions(stmt):
                yield from core.walk_expr(expr)


@dataclass(slots=True)
class _Rounds:
    """An execution of a loop, and its variables at the last iteration whose number was a power of two."""

    line: int
    count: int = 0
    remembered: str = ""
    power: int = 1


class _Watched(Interpreter):
    """Raises Broken where a condition does not hold, Endless for a loop that repeats itself."""

    def __init__(self, program: core.Program, chooser: Chooser, conditions: Conditions, loops: frozenset[int]) -> None:
        hosts = {extern.name: self._host(extern, chooser) for extern in program.externs}
        super().__init__(program, _Store(program, chooser), STEPS, hosts)  # type: ignore[arg-type]
        self._conditions = conditions
        self._watched = loops
        self._entered: list[tuple[Value, ...]] = []
        self._rounds: list[_Rounds] = []
        self._taken: list[str] = []

    @property
    def path(self) -> tuple[str, ...]:
        """How the run came to where it is: the iterations it is in, and the last branches that it took."""
        rounds = [f"iteration {r.count} of the loop in line {r.line}" for r in self._rounds]
        return (*rounds, *self._taken[-4:])

    def evaluate(self, expr: core.Expr, env: dict[str, Value]) -> Value:
        if id(expr) in self._conditions and isinstance(expr, core.Query | core.ExternCall | core.Call):
            self._check(expr, [self.evaluate(arg, env) for arg in expr.args])
        return super().evaluate(expr, env)

    def _check(self, place: core.Expr | core.Stmt, values: list[Value]) -> None:
        for contract in self._conditions[id(place)]:
            if not self.holds(contract, values):
                raise Broken(dict(zip(contract.params, values, strict=True)))

    def _call(self, function: core.Function, args: tuple[Value, ...]) -> tuple[Value, ...]:
        self._entered.append(args)
        results = super()._call(function, args)
        self._entered.pop()
        return results

    def _statement(self, stmt: core.Stmt, env: dict[str, Value]) -> Any:
        if isinstance(stmt, core.If):
            self._step()
            truth = bool(self.evaluate(stmt.condition, env))
            self._taken.append(f"line {stmt.condition.span.line} is {'true' if truth else 'false'}")
            return self._block(stmt.then if truth else stmt.otherwise, env)
        if id(stmt) in self._conditions:
            before = self._entered[-1] if isinstance(stmt, core.Return) else ()
            self._check(stmt, [*before, *(self.evaluate(expr, env) for expr in core.expressions(stmt))])
        return super()._statement(stmt, env)

    def _loop(self, loop: core.Loop, env: dict[str, Value]) -> Any:
        self._rounds.append(_Rounds(loop.span.line))
        outcome = super()._loop(loop, env)
        self._rounds.pop()
        return outcome

    def _condition(self, loop: core.Loop, env: dict[str, Value]) -> bool:
        holds = super()._condition(loop, env)
        rounds = self._rounds[-1]
        rounds.count += holds
        if holds and loop.id in self._watched:
            now = repr(sorted(env.items()))
            if now == rounds.remembered:
                raise Endless
            if rounds.count == rounds.power:  # Brent's algorithm
                rounds.remembered, rounds.power = now, rounds.power * 2
        return holds

    def _host(self, extern: core.ExternFunction, chooser: Chooser) -> Callable[..., object]:
        """The host's function: any result that it may give."""

        def call(*args: Value) -> Value:
            def fits(value: Value) -> bool:
                return all(self.holds(contract, (*args, value)) for contract in extern.post)

            name = f"{extern.name}({', '.join(map(str, args))})"
            return chooser.choose(name, extern.result, ranges.full(extern.result), fits)

        return call

    def holds(self, contract: core.Contract, values: Sequence[Value]) -> bool:
        return bool(super().evaluate(contract.condition, dict(zip(contract.params, values, strict=True))))


# ------------------------------------------------------------------------------------------------- the search


def broken(program: core.Program, roots: Sequence[str], item: Obligation, hints: Hints) -> Witness | None:
    """Inputs with which a condition does not hold."""
    return _search(program, roots, {id(item.place): [item.contract]}, frozenset(), hints)


def endless(program: core.Program, roots: Sequence[str], loop: core.Loop) -> Witness | None:
    """Inputs with which a loop never ends."""
    return _search(program, roots, {}, frozenset([loop.id]), {})


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a run with some inputs came to, and how it got there; `certain` unless it was cut off."""

    inputs: dict[str, Value]
    what: str
    path: tuple[str, ...]
    certain: bool = True


def _search(
    program: core.Program, roots: Sequence[str], conditions: Conditions, loops: frozenset[int], hints: Hints
) -> Witness | None:
    rng = random.Random(0)
    spent = 0

    def attempt(function: core.Function, chooser: Chooser) -> _Failure | None:
        nonlocal spent
        args = [chooser.choose(param.name, param.type, ranges.full(param.type)) for param in function.params]
        run = _Watched(program, chooser, conditions, loops)
        if not all(run.holds(contract, args) for contract in function.pre):
            return None
        try:
            run.call_many(function.name, *args)
        except Broken as found:
            what = ", ".join(f"`{name}` is {_shown(value)}" for name, value in found.values.items())
            return _Failure(chooser.chosen, what, run.path)
        except Endless:
            return _Failure(chooser.chosen, "all variables are as they were before, for ever", run.path)
        except BudgetExceeded:
            return _Failure(chooser.chosen, f"still running after {STEPS:,} steps", run.path, certain=False)
        except (ExternFailed, RecursionError):
            return None
        finally:
            spent += run.steps
        return None

    doubtful: Witness | None = None
    for number in range(ATTEMPTS):
        if spent > ALL_STEPS:
            break
        function = program.function(roots[number % len(roots)])
        failure = attempt(function, Chooser(rng, hints if number < len(roots) else {}))
        if failure is not None and failure.certain:
            return _simplest(function, failure, lambda f, inputs: attempt(f, Chooser(rng, inputs)))
        if failure is not None and loops and doubtful is None:
            doubtful = _witness(function, failure)
    return doubtful


def _simplest(
    function: core.Function, failure: _Failure, attempt: Callable[[core.Function, Hints], _Failure | None]
) -> Witness:
    """The same failure with as many inputs as possible at zero."""
    for name, value in list(failure.inputs.items()):
        if not value or name not in failure.inputs:
            continue
        simpler = attempt(function, {**failure.inputs, name: type(value)(0)})
        if simpler is not None and simpler.certain:
            failure = simpler
    return _witness(function, failure)


def _witness(function: core.Function, failure: _Failure) -> Witness:
    """Inputs at zero are only shown where they are parameters."""
    names = {param.name for param in function.params}
    inputs = {name: _shown(value) for name, value in failure.inputs.items() if name in names or value}
    return Witness(function.name, inputs, failure.what, failure.path, failure.certain)


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
