"""Abstract interpretation of a program with intervals, from every function that can be called from outside.

A function is analysed anew for every combination of ranges that it is called with, so that a helper's loops are
bounded by what its callers pass. A loop is analysed until nothing at its head grows any more, then once more for the
facts; before that nothing is noted, since what is no fixpoint yet holds for some iterations only.

Facts of different calls of one place are joined: what is left of them holds in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from anvil import core
from anvil.fold import assigned
from anvil.types import Type
from anvil.verify import ranges
from anvil.verify.cost import CALL_COST, UNKNOWN_EXTERN_COST, node_cost
from anvil.verify.evaluate import Env, Evaluator, joined
from anvil.verify.obligations import Obligations
from anvil.verify.queries import query_range
from anvil.verify.ranges import Range
from anvil.verify.spent import Spent
from anvil.verify.trips import Measurer, Trips, Unbounded, delta, exits

MAX_CONTEXTS = 24
"""Calls of one function with different ranges that are told apart."""

MAX_VISITS = 40_000
"""Statements visited before loops are no longer followed to their fixpoint."""

UNROLLED = 200
"""Iterations followed one by one where no measure bounds a loop well."""

FEW_TRIPS = 1000
"""With more trips than this by its measure, a loop is followed too: halving ends far sooner."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A call: the ranges of its results (None: it does not return) and what it spends."""

    results: tuple[Range, ...] | None
    spent: Spent


@dataclass(slots=True)
class Frame:
    """The environments with which an iteration, or the loop, is left early."""

    breaks: list[Env] = field(default_factory=list)
    continues: list[Env] = field(default_factory=list)


@dataclass(slots=True)
class LoopFacts:
    """A loop's trip bound and all that one execution of it spends, in the worst of its contexts."""

    loop: core.Loop
    trips: Trips
    spent: Spent


class Analysis:
    """One program; its facts are complete after `run`.

    `values` and `events` give the range of every expression evaluated and what may happen in it, by the node's id;
    `params` the arguments of every function, `heads` the invariant of every loop, `drifts` how much an iteration of it
    may change each integer, all of these in any context. `known` bounds loops that something else has proved to end.
    """

    def __init__(self, program: core.Program, splits: int = 1, known: Mapping[int, Trips] | None = None) -> None:
        self.program = program
        self.functions = {function.name: function for function in program.functions}
        self.externs = {extern.name: extern for extern in program.externs}
        self.obligations = Obligations()
        self.values: dict[int, Range] = {}
        self.events: dict[int, set[str]] = {}
        self.loops: dict[int, LoopFacts] = {}
        self.unbounded: dict[int, tuple[core.Loop, Unbounded]] = {}
        self.params: dict[str, tuple[Range, ...]] = {}
        self.heads: dict[int, Env] = {}
        self.drifts: dict[int, Env] = {}
        self.spent = Spent()
        self.evaluator = Evaluator(self)
        self._known = known or {}
        self._noting = True
        self._deltas: dict[int, Range] | None = None
        self._points: dict[int, Env] = {}
        self._visits = 0
        self._splits = splits
        self._frames: list[Frame] = []
        self._returns: list[list[tuple[Range, ...]]] = []
        self._functions: list[tuple[core.Function, tuple[Range, ...]]] = []
        self._noted: dict[tuple[object, ...], Summary] = {}
        self._quiet: dict[tuple[object, ...], Summary] = {}
        self._contexts: dict[str, int] = {}
        self._changes: dict[int, frozenset[str]] = {}
        self._thresholds = _thresholds(program)

    # ------------------------------------------------------------------------------------------- recording

    def quiet(self) -> bool:
        """Notes nothing until `restore` gets what this gives."""
        before, self._noting = self._noting, False
        return before

    def restore(self, before: bool) -> None:
        self._noting = before

    def quiet_value(self, expr: core.Expr, env: Env) -> Range:
        """The range of an expression, of which nothing is noted."""
        before = self.quiet()
        try:
            return self.evaluator.value(expr, env)
        finally:
            self.restore(before)

    def note(self, expr: core.Expr, found: Range) -> None:
        """Keeps the range of an expression, and counts what its operation costs."""
        if self._noting:
            key = id(expr)
            old = self.values.get(key)
            self.values[key] = found if old is None else old.join(found)
            if price := node_cost(expr):
                self.spent.add(expr.span.line, 0, price)

    def note_events(self, expr: core.Expr, events: tuple[str, ...]) -> None:
        """Keeps what may happen in an operation."""
        if self._noting:
            self.events.setdefault(id(expr), set()).update(events)

    # ------------------------------------------------------------------------------------------- functions

    def run(self, roots: tuple[str, ...]) -> dict[str, Spent]:
        """Analyses every root for all arguments; gives the worst that each function reached spends."""
        for name in roots:
            function = self.functions[name]
            self._summary(function, tuple(ranges.full(param.type) for param in function.params))
        found: dict[str, Spent] = {}
        for key, summary in self._noted.items():
            name = str(key[0])
            if name not in found or summary.spent.steps > found[name].steps:
                found[name] = summary.spent
        return found

    def call(self, expr: core.Call, env: Env) -> Range:
        results = self._call(expr, expr.function, tuple([self.evaluator.value(arg, env) for arg in expr.args]))
        return ranges.EMPTY if results is None else results[0]

    def _call(self, place: core.Call | core.CallMany, name: str, args: tuple[Range, ...]) -> tuple[Range, ...] | None:
        function = self.functions[name]
        if any(arg.empty for arg in args):
            return None
        self._require("pre", place, name, function.pre, args)
        summary = self._summary(function, args)
        if self._noting:
            self.spent.merge(summary.spent)
            self.spent.add(place.span.line, 0, CALL_COST)
        if summary.results is None or len(summary.results) != 1 or not function.post:
            return summary.results
        names = [*(param.name for param in function.params), "result"]
        result = self._promised(function.post, dict(zip(names, (*args, *summary.results), strict=True)))
        return None if result.empty else (result,)

    def _promised(self, post: tuple[core.Contract, ...], env: Env) -> Range:
        """The result that postconditions leave possible."""
        after: Env | None = env
        for contract in post:
            after = None if after is None else self.evaluator.refined(contract.condition, True, after)
        return ranges.EMPTY if after is None else after["result"]

    def _summary(self, function: core.Function, args: tuple[Range, ...]) -> Summary:
        key = (function.name, args)
        known = self._noted.get(key) or (None if self._noting else self._quiet.get(key))
        if known is not None:
            return known
        if self._noting:
            count = self._contexts[function.name] = self._contexts.get(function.name, 0) + 1
            whole = tuple(ranges.full(param.type) for param in function.params)
            if count > MAX_CONTEXTS and args != whole:
                return self._summary(function, whole)
        summary = self._analysed(function, args)
        (self._noted if self._noting else self._quiet)[key] = summary
        return summary

    def _analysed(self, function: core.Function, args: tuple[Range, ...]) -> Summary:
        env: Env | None = {param.name: arg for param, arg in zip(function.params, args, strict=True)}
        for contract in function.pre:
            env = None if env is None else self.evaluator.refined(contract.condition, True, env)
        outer, self.spent = self.spent, Spent()
        frames, self._frames = self._frames, []
        deltas, self._deltas = self._deltas, None
        if self._noting:
            before = self.params.get(function.name, args)
            self.params[function.name] = tuple(a.join(b) for a, b in zip(before, args, strict=True))
        self._returns.append([])
        self._functions.append((function, args))
        if env is not None:
            self.block(function.body, env)
        self._functions.pop()
        self.spent, spent = outer, self.spent
        self._frames, self._deltas = frames, deltas
        results: tuple[Range, ...] | None = None
        for values in self._returns.pop():
            results = values if results is None else tuple(a.join(b) for a, b in zip(results, values, strict=True))
        return Summary(results, spent)

    def extern_call(self, expr: core.ExternCall, env: Env) -> Range:
        args = tuple([self.evaluator.value(arg, env) for arg in expr.args])
        extern = self.externs[expr.name]
        self._require("pre", expr, extern.name, extern.pre, args)
        if self._noting:
            self.spent.add(expr.span.line, 0, extern.cost or UNKNOWN_EXTERN_COST)
        names = [*(param.name for param in extern.params), "result"]
        return self._promised(extern.post, dict(zip(names, (*args, ranges.full(extern.result)), strict=True)))

    def query(self, expr: core.Query, env: Env) -> Range:
        if expr.object is not None:
            self.evaluator.value(expr.object, env)
        args = tuple([self.evaluator.value(arg, env) for arg in expr.args])
        if expr.pre is not None:
            self._require("index", expr, expr.method, (expr.pre,), args)
        return query_range(self.program.slots[expr.slot], expr)

    def _require(
        self,
        kind: str,
        place: core.Expr | core.Stmt,
        what: str,
        contracts: tuple[core.Contract, ...],
        values: tuple[Range, ...],
    ) -> None:
        """Notes conditions over values of which the ranges are given."""
        if not self._noting:
            return
        for contract in contracts:
            env = dict(zip(contract.params, values, strict=True))
            proved = any(value.empty for value in values) or self.quiet_value(contract.condition, env) == ranges.ONE
            inferred = ", ".join(f"`{name}` is {range.text}" for name, range in env.items())
            self.obligations.note(kind, place, what, contract, proved, inferred)

    # ------------------------------------------------------------------------------------------ statements

    def block(self, block: core.Block, env: Env) -> Env | None:
        """The environment after a block, None where its end is not reached. The one given is not changed."""
        now: Env | None = env
        for stmt in block:
            if now is None:
                return None
            now = self._statement(stmt, now)
        return now

    def _statement(self, stmt: core.Stmt, env: Env) -> Env | None:
        self._visits += 1
        if self._noting:
            self.spent.add(stmt.span.line, 1, 1)
        match stmt:
            case core.Assign():
                return self._assign(stmt, env)
            case core.If():
                return self._if(stmt, env)
            case core.Loop():
                return self._loop(stmt, env)
            case core.Return():
                self._return(stmt, (self.evaluator.value(stmt.value, env),))
            case core.ReturnMany():
                self._return(stmt, tuple([self.evaluator.value(value, env) for value in stmt.values]))
            case core.CallMany():
                args = tuple([self.evaluator.value(arg, env) for arg in stmt.args])
                results = self._call(stmt, stmt.function, args)
                if results is not None:
                    return env | {name: value for name, value in zip(stmt.targets, results, strict=True) if name}
            case core.Break():
                self._frames[-1].breaks.append(env)
            case core.Continue():
                self._frames[-1].continues.append(env)
        return None

    def _assign(self, stmt: core.Assign, env: Env) -> Env | None:
        value = self.evaluator.value(stmt.value, env)
        if self._deltas is not None and stmt.value.type.is_integer:
            change = delta(self, stmt.value, stmt.name, env)
            old = self._deltas.get(id(stmt))
            self._deltas[id(stmt)] = change if old is None else old.join(change)
        return None if value.empty else {**env, stmt.name: value}

    def _if(self, stmt: core.If, env: Env) -> Env | None:
        if self._deltas is not None:
            self._points[id(stmt)] = joined(self._points.get(id(stmt)), env) or env
        condition = self.evaluator.value(stmt.condition, env)
        outer = self.spent
        after: Env | None = None
        ways: list[Spent] = []
        for outcome, block in ((1, stmt.then), (0, stmt.otherwise)):
            self.spent = Spent()
            inner = self.evaluator.refined(stmt.condition, bool(outcome), env) if outcome in condition else None
            after = joined(after, None if inner is None else self.block(block, inner))
            ways.append(self.spent)
        self.spent = outer
        if self._noting:
            self.spent.merge_worse(*ways)
        return after

    def _return(self, stmt: core.Return | core.ReturnMany, values: tuple[Range, ...]) -> None:
        function, args = self._functions[-1]
        if isinstance(stmt, core.Return):
            self._require("post", stmt, function.name, function.post, (*args, *values))
        if not any(value.empty for value in values):
            self._returns[-1].append(values)

    # ----------------------------------------------------------------------------------------------- loops

    def _loop(self, loop: core.Loop, env: Env) -> Env | None:
        head = self._invariant(loop, env)
        if not self._noting:
            return self._pass(loop, head)
        self.heads[loop.id] = joined(self.heads.get(loop.id), head) or head
        trips = self._trips(loop, env, head)
        outer, self.spent = self.spent, Spent()
        after = self._pass(loop, head, trips)
        spent, self.spent = self.spent, outer
        self.spent.merge(spent)
        known = self.loops.get(loop.id)
        if known is None or (trips.count, spent.steps) > (known.trips.count, known.spent.steps):
            self.loops[loop.id] = LoopFacts(loop, trips, spent)
        return after

    def _invariant(self, loop: core.Loop, entry: Env) -> Env:
        """The environment at the head of a loop, before every evaluation of its condition."""
        before, deltas, self._deltas = self.quiet(), self._deltas, None
        names = [name for name in self._changed(loop) if name in entry]
        head, turn = entry, 0
        while (end := self._iteration(loop, head)) is not None:
            grown = {name: end[name] for name in names if not end[name].within(head[name])}
            if not grown:
                break
            turn += 1
            if self._visits > MAX_VISITS:
                head = {**head, **{name: self._whole(name) for name in names}}
                break
            head = {**head, **{n: self._wider(head[n], r, turn) for n, r in grown.items()}}
        for _ in range(2 if turn else 0):
            end = self._iteration(loop, head)
            held = {n: head[n].meet(entry[n].join(end[n]) if end is not None else entry[n]) for n in names}
            if all(head[name] == held[name] for name in names):
                break
            head = {**head, **held}
        self._deltas = deltas
        self.restore(before)
        return head

    def _wider(self, old: Range, new: Range, turn: int) -> Range:
        return old.join(new) if turn < 3 else ranges.widened(old, old.join(new), self._thresholds, turn >= 8)

    def _iteration(self, loop: core.Loop, head: Env) -> Env | None:
        """The environment after one more iteration, quietly."""
        inner = self.evaluator.refined(loop.condition, True, head)
        return None if inner is None else self._body(loop, inner)[0]

    def _body(self, loop: core.Loop, inner: Env) -> tuple[Env | None, Frame]:
        self._frames.append(Frame())
        end = self.block(loop.body, inner)
        frame = self._frames.pop()
        for env in frame.continues:
            end = joined(end, env)
        return (None if end is None else self.block(loop.step, end)), frame

    def _pass(self, loop: core.Loop, head: Env, trips: Trips | None = None) -> Env | None:
        """The environment after a loop whose invariant is known. With `trips`, adds what all iterations spend."""
        after: Env | None = None
        for part, share in self._parts(loop, head, trips):
            outer, self.spent = self.spent, Spent()
            if self._noting:
                self.spent.add(loop.condition.span.line, 1, 1)
            self.evaluator.value(loop.condition, part)
            test, self.spent = self.spent, Spent()
            inner = self.evaluator.refined(loop.condition, True, part)
            frame = Frame() if inner is None else self._body(loop, inner)[1]
            iteration, self.spent = self.spent, outer
            if trips is not None:
                self.spent.merge(test, share + 1)
                self.spent.merge(iteration, share)
            after = joined(after, self.evaluator.refined(loop.condition, False, part))
            for env in frame.breaks:
                after = joined(after, env)
        return after

    def _parts(self, loop: core.Loop, head: Env, trips: Trips | None) -> Iterator[tuple[Env, int]]:
        """The invariant by parts of its counter's range, and how many iterations begin in each.

        Where the cost of an iteration depends on the counter, as in nests with dependent bounds, the sum over the
        parts is closer to the truth than the worst iteration, taken every time.
        """
        count = 0 if trips is None else trips.count
        if trips is None or self._splits == 1 or not trips.stride or not _has_loop(loop):
            yield head, count
            return
        low, high = int(head[trips.counter].low), int(head[trips.counter].high)
        width = -(-(high - low + 1) // self._splits)
        for start in range(low, high + 1, width):
            end = min(start + width - 1, high)
            part = {**head, trips.counter: Range(start, end)}
            yield part, min(count, -(-(end - start + 1) // trips.stride))

    def _trips(self, loop: core.Loop, entry: Env, head: Env) -> Trips:
        before = self.quiet()
        deltas, points = self._deltas, self._points
        self._deltas, self._points = {}, {}
        try:
            return self._bounded(loop, entry, head)
        except Unbounded as reason:
            self.unbounded.setdefault(loop.id, (loop, reason))
            return Trips(1, "none")
        finally:
            self._deltas, self._points = deltas, points
            self.restore(before)

    def _bounded(self, loop: core.Loop, entry: Env, head: Env) -> Trips:
        inner = self.evaluator.refined(loop.condition, True, head)
        if inner is None:
            return Trips(0, "intervals")
        assert self._deltas is not None
        self._body(loop, inner)
        measurer = Measurer(self, loop, self._changed(loop), self._deltas)
        self._deltas = None
        drift = measurer.drift()
        old = self.drifts.get(loop.id, drift)
        self.drifts[loop.id] = {n: r.join(old[n]) for n, r in drift.items() if n in old}
        known = self._known.get(loop.id)
        try:
            trips = measurer.bound(exits(loop, entry, head, self._points))
        except Unbounded:
            if known is not None:
                return known
            if (count := self._followed(loop, entry)) is None:
                raise
            return Trips(count, "iterations")
        if known is not None and known.count < trips.count:
            return replace(trips, count=known.count, proof=known.proof)
        if trips.count > FEW_TRIPS and (count := self._followed(loop, entry)) is not None:
            return Trips(count, "iterations") if count < trips.count else trips
        return trips

    def _followed(self, loop: core.Loop, entry: Env) -> int | None:
        """How many iterations there are at most, by going through them one after the other."""
        env = entry
        for count in range(UNROLLED):
            inner = self.evaluator.refined(loop.condition, True, env)
            if inner is None:
                return count
            end, _ = self._body(loop, inner)
            if end is None:
                return count + 1
            if end == env or self._visits > MAX_VISITS:
                return None
            env = end
        return None

    def _changed(self, loop: core.Loop) -> frozenset[str]:
        found = self._changes.get(loop.id)
        if found is None:
            found = self._changes[loop.id] = assigned(loop.body) | assigned(loop.step)
        return found

    def _whole(self, name: str) -> Range:
        """Every value of the type of a variable of the function at hand."""
        function = self._functions[-1][0]
        return next(ranges.full(v.type) for v in (*function.params, *function.variables) if v.name == name)


def _thresholds(program: core.Program) -> tuple[int, ...]:
    """Where growing ranges may stop: at the limits of types, and at the program's constants and next to them."""
    found = {0, 1, -1, *(end for type in Type if type.is_integer for end in (type.low, type.high))}
    for function in program.functions:
        for stmt in core.walk_block(function.body):
            for expr in core.expressions(stmt):
                for node in core.walk_expr(expr):
                    if isinstance(node, core.Const) and abs(node.value) < 2**64:  # false for NaN
                        found.update(int(node.value) + offset for offset in (-1, 0, 1))
    return tuple(sorted(found))


def _has_loop(loop: core.Loop) -> bool:
    """Whether an iteration may hold a loop, its own or that of a function."""
    for stmt in core.walk_block((*loop.body, *loop.step)):
        if isinstance(stmt, core.Loop | core.CallMany):
            return True
        if any(isinstance(node, core.Call) for expr in core.expressions(stmt) for node in core.walk_expr(expr)):
            return True
    return False
