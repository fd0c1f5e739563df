"""What intervals leave open, decided by Z3: relations between variables, and measures that need them.

A program's functions are followed along their structure: a path condition and the term of every variable. A loop is
entered with unknowns for all that it changes, which know the loop's invariant; so its body is followed once. Whatever
is not unsatisfiable within the resource limit counts as unproved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import z3

from anvil import core
from anvil.fold import assigned
from anvil.interp import Value
from anvil.verify import ranges
from anvil.verify.analysis import Analysis
from anvil.verify.encode import Encoder, Term, Terms
from anvil.verify.evaluate import FLIPPED
from anvil.verify.obligations import PROVED, Obligation
from anvil.verify.trips import NEGATED, Exit, Trips, conjuncts

RESOURCES = 200_000
"""Z3's own count of work for one question: about 30 ms."""

_STEPS: tuple[int, ...] = tuple(4**power for power in range(2, 13))
"""Bounds that are tried for the first value of a measure, before the least one is looked for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something proved, in words, and what cannot hold together because of it."""

    words: str
    excluded: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Somewhere in a function: what must have held to get there, and the variables."""

    path: Term
    env: Terms


Visit = Callable[[core.Stmt, State], None]


class Follower:
    """Follows one function, and shows every statement with the state before it.

    A loop is shown twice: before it, and at its head (`at_head`), where its condition is evaluated.
    """

    def __init__(self, encoder: Encoder, function: core.Function) -> None:
        self.encoder = encoder
        self.visit: Visit = _ignore
        self.at_head = False
        self.entry: list[Term] = []
        """The terms of the parameters."""
        self.function = function
        self._breaks: list[list[State]] = []
        self._continues: list[list[State]] = []
        self._choices = 0

    def follow(self, visit: Visit) -> None:
        """From the first statement to the last."""
        self.visit = visit
        self.block(self.function.body, self._start())

    def _start(self) -> State:
        analysis = self.encoder.analysis
        known = analysis.params[self.function.name]
        env = {
            param.name: self.encoder.unknown(param.type, range, param.name)
            for param, range in zip(self.function.params, known, strict=True)
        }
        path = z3.BoolVal(True, self.encoder.context)
        for contract in self.function.pre:
            path = z3.And(path, self.encoder.condition(contract, list(env.values())))
        self.entry = list(env.values())
        return State(path, env)

    def block(self, block: core.Block, state: State | None) -> State | None:
        for stmt in block:
            if state is None:
                return None
            self.visit(stmt, state)
            state = self._statement(stmt, state)
        return state

    def _statement(self, stmt: core.Stmt, state: State) -> State | None:
        match stmt:
            case core.Assign():
                return State(state.path, {**state.env, stmt.name: self.encoder.term(stmt.value, state.env)})
            case core.CallMany():
                for arg in stmt.args:
                    self.encoder.term(arg, state.env)
                return State(state.path, self._forgotten(state.env, frozenset(filter(None, stmt.targets))))
            case core.If():
                condition = self.encoder.term(stmt.condition, state.env)
                then = self.block(stmt.then, State(z3.And(state.path, condition), dict(state.env)))
                other = self.block(stmt.otherwise, State(z3.And(state.path, z3.Not(condition)), dict(state.env)))
                return self._merged(condition, then, other)
            case core.Loop():
                return self._loop(stmt, state)
            case core.Break():
                self._breaks[-1].append(state)
            case core.Continue():
                self._continues[-1].append(state)
        return None

    def _merged(self, condition: Term, one: State | None, other: State | None) -> State | None:
        if one is None or other is None:
            return other if one is None else one
        env: Terms = {}
        for name in one.env.keys() & other.env.keys():
            a, b = one.env[name], other.env[name]
            env[name] = a if a.get_id() == b.get_id() else z3.If(condition, a, b)
        return State(z3.Or(one.path, other.path), env)

    def either(self, states: list[State]) -> State | None:
        """One of several states, whichever."""
        found: State | None = None
        for state in states:
            if found is None:
                found = state
                continue
            self._choices += 1
            choice = z3.Bool(f"either{self._choices}", self.encoder.context)
            chosen = State(z3.And(choice, found.path), found.env)
            found = self._merged(choice, chosen, State(z3.And(z3.Not(choice), state.path), state.env))
        return found

    # ------------------------------------------------------------------------------------------------ loops

    def head(self, loop: core.Loop, state: State) -> State:
        """Before any evaluation of a loop's condition."""
        return State(state.path, self._forgotten(state.env, assigned(loop.body) | assigned(loop.step), loop))

    def iteration(self, loop: core.Loop, head: State) -> tuple[list[State], list[State]]:
        """The states at the ends of one iteration that goes on, and those with which the loop is left early."""
        self.at_head = True
        self.visit(loop, head)
        self.at_head = False
        condition = self.encoder.term(loop.condition, head.env)
        self._breaks.append([])
        self._continues.append([])
        end = self.block(loop.body, State(z3.And(head.path, condition), dict(head.env)))
        breaks, continues = self._breaks.pop(), self._continues.pop()
        ends = [s for s in (end, *continues) if s is not None]
        self._breaks.append([])
        self._continues.append([])
        after = [s for s in (self.block(loop.step, s) for s in ends) if s is not None]
        self._breaks.pop()
        self._continues.pop()
        return after, breaks

    def _loop(self, loop: core.Loop, state: State) -> State | None:
        head = self.head(loop, state)
        _, breaks = self.iteration(loop, head)
        condition = self.encoder.term(loop.condition, head.env)
        return self.either([State(z3.And(head.path, z3.Not(condition)), head.env), *breaks])

    def _forgotten(self, env: Terms, names: frozenset[str], loop: core.Loop | None = None) -> Terms:
        """The variables with new unknowns for some, which keep what is known of a loop's invariant."""
        found = dict(env)
        analysis = self.encoder.analysis
        heads = analysis.heads.get(loop.id, {}) if loop else {}
        drifts = analysis.drifts.get(loop.id, {}) if loop else {}
        types = {v.name: v.type for v in (*self.function.params, *self.function.variables)}
        for name in sorted(names & env.keys()):
            type = types[name]
            term = self.encoder.unknown(type, heads.get(name, ranges.full(type)), name)
            found[name] = term
            drift = drifts.get(name)
            if drift is not None and type.is_integer:
                if drift.low >= 0:
                    self.encoder.facts.append(term >= env[name])
                if drift.high <= 0:
                    self.encoder.facts.append(term <= env[name])
        return found


class Solver:
    """Questions about one program, in one context of Z3."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.encoder = Encoder(analysis)
        self._solver = z3.SimpleSolver(ctx=self.encoder.context)
        self._solver.set("rlimit", RESOURCES)
        self._asserted = 0
        self._model: z3.ModelRef | None = None
        self.hints: dict[tuple[int, int], dict[str, Value]] = {}
        """Arguments of its function for which an obligation may not hold, by the obligation's key."""
        self.claims: dict[object, list[Claim]] = {}
        """What was proved of an obligation, by its key, and of a loop, by its number."""

    def excluded(self, *conditions: Term) -> bool:
        """Whether it is certain that the conditions do not hold together."""
        for fact in self.encoder.facts[self._asserted :]:
            self._solver.add(fact)
        self._asserted = len(self.encoder.facts)
        self._solver.push()
        try:
            self._solver.add(*conditions)
            outcome = self._solver.check()
            self._model = self._solver.model() if outcome == z3.sat else None
            return bool(outcome == z3.unsat)
        finally:
            self._solver.pop()

    def smt2(self, claim: Claim) -> str:
        """The claim as SMT-LIB 2: `unsat` proves it."""
        solver = z3.SimpleSolver(ctx=self.encoder.context)
        solver.add(*self.encoder.facts, *claim.excluded)
        return f"(set-logic ALL)\n{solver.to_smt2().split(chr(10), 1)[1]}"

    def _arguments(self, follower: Follower) -> dict[str, Value]:
        """The arguments in the last answer that was no proof."""
        if self._model is None:
            return {}
        names = (param.name for param in follower.function.params)
        return {name: _value(self._model, term) for name, term in zip(names, follower.entry, strict=True)}

    # ------------------------------------------------------------------------------------------ obligations

    def settle(self, obligations: list[Obligation]) -> None:
        """Marks those that hold."""
        at: dict[int, list[Obligation]] = {}
        for item in obligations:
            at.setdefault(id(item.place), []).append(item)
        seen: set[int] = set()
        failed: set[int] = set()

        def judge(follower: Follower, place: core.Expr | core.Stmt, path: Term, values: list[Term]) -> None:
            for item in at[id(place)]:
                seen.add(id(item))
                wanted = self.encoder.condition(item.contract, values)
                claim = Claim(f"{item.what}: {item.required}", (path, z3.Not(wanted)))
                self.claims.setdefault(item.key, []).append(claim)
                if not self.excluded(*claim.excluded):
                    failed.add(id(item))
                    self.hints.setdefault(item.key, self._arguments(follower))

        for function in self._reached():
            follower = Follower(self.encoder, function)

            def visit(stmt: core.Stmt, state: State, follower: Follower = follower) -> None:
                if isinstance(stmt, core.Loop) and not follower.at_head:
                    return  # its condition is evaluated at the head
                for expr in core.expressions(stmt):
                    for node, path in self._parts(expr, state.path, state.env):
                        if id(node) in at:
                            judge(follower, node, path, [self.encoder.term(arg, state.env) for arg in _arguments(node)])
                if id(stmt) in at:
                    values = [self.encoder.term(expr, state.env) for expr in core.expressions(stmt)]
                    judge(
                        follower,
                        stmt,
                        state.path,
                        values if isinstance(stmt, core.CallMany) else follower.entry + values,
                    )

            follower.follow(visit)
        for item in obligations:
            if id(item) in failed:
                del self.claims[item.key]
            elif id(item) in seen and item.status != PROVED:
                item.status, item.proof = PROVED, "z3"

    def _reached(self) -> list[core.Function]:
        return [f for f in self.analysis.program.functions if f.name in self.analysis.params]

    def _parts(self, expr: core.Expr, path: Term, env: Terms) -> Iterator[tuple[core.Expr, Term]]:
        """Every part of an expression, with what holds where it is evaluated."""
        yield expr, path
        match expr:
            case core.Logical(op, left, right):
                yield from self._parts(left, path, env)
                first = self.encoder.term(left, env)
                yield from self._parts(right, z3.And(path, first if op == "and" else z3.Not(first)), env)
            case core.Select(_, condition, then, otherwise):
                yield from self._parts(condition, path, env)
                truth = self.encoder.term(condition, env)
                yield from self._parts(then, z3.And(path, truth), env)
                yield from self._parts(otherwise, z3.And(path, z3.Not(truth)), env)
            case _:
                for child in core.children(expr):
                    yield from self._parts(child, path, env)

    # ------------------------------------------------------------------------------------------- trip bounds

    def bounds(self, loops: frozenset[int]) -> dict[int, Trips]:
        """Trip bounds of those of the loops for which a measure is found."""
        found: dict[int, list[Trips | None]] = {}
        for function in self._reached():
            follower = Follower(self.encoder, function)

            def visit(stmt: core.Stmt, state: State, follower: Follower = follower) -> None:
                if isinstance(stmt, core.Loop) and stmt.id in loops and not follower.at_head:
                    found.setdefault(stmt.id, []).append(self._measured(follower, stmt, state))

            follower.follow(visit)
        return {
            number: max((t for t in trips if t is not None), key=lambda t: t.count)
            for number, trips in found.items()
            if None not in trips
        }

    def _measured(self, follower: Follower, loop: core.Loop, state: State) -> Trips | None:
        quiet, follower.visit = follower.visit, _ignore
        try:
            head = follower.head(loop, state)
            ends, _ = follower.iteration(loop, head)
            inside = z3.And(head.path, self.encoder.term(loop.condition, head.env))
            first = z3.And(state.path, self.encoder.term(loop.condition, dict(state.env)))
            found: list[tuple[int, list[Claim]]] = []
            for exit in conjuncts(Exit(loop.condition, True, {}, {})):
                for room in self._rooms(exit):
                    before, after = room(head.env), [(end.path, room(end.env)) for end in ends]
                    falls = [Claim("every iteration lowers the measure", (p, left > before - 1)) for p, left in after]
                    least = Claim("the measure is at least 1 while the loop goes on", (inside, before < 1))
                    if not all(self.excluded(*claim.excluded) for claim in (least, *falls)):
                        continue
                    start = room(dict(state.env))
                    if (most := self._largest(first, start)) is None:
                        continue
                    top = Claim(f"the measure is at most {most} at first", (first, start > most))
                    halved = [Claim("every iteration halves the measure", (p, 2 * left > before)) for p, left in after]
                    if all(self.excluded(*claim.excluded) for claim in halved):
                        found.append((most.bit_length(), [least, *halved, top]))
                    else:
                        found.append((most, [least, *falls, top]))
            if not found:
                return None
            count, claims = min(found, key=lambda one: one[0])
            self.claims.setdefault(loop.id, []).extend(claims)
            return Trips(count, "z3")
        finally:
            follower.visit = quiet

    def _rooms(self, exit: Exit) -> list[Callable[[Terms], Term]]:
        """Measures that are at least 1 while the condition holds, or may be."""
        condition = exit.condition
        if not isinstance(condition, core.Compare) or not condition.left.type.is_integer:
            return []
        op = condition.op if exit.truth else NEGATED[condition.op]
        left, right = condition.left, condition.right
        if op in ("gt", "ge"):
            op, left, right = FLIPPED[op], right, left

        def room(a: core.Expr, b: core.Expr, more: int) -> Callable[[Terms], Term]:
            return lambda env: self.encoder.term(a, env) - self.encoder.term(b, env) + more

        match op:
            case "lt":
                return [room(right, left, 0)]
            case "le":
                return [room(right, left, 1)]
            case "ne":
                return [room(right, left, 0), room(left, right, 0)]
        return []

    def _largest(self, path: Term, room: Term) -> int | None:
        """The least bound of a measure, if it is within what is worth looking for."""
        high = next((step for step in _STEPS if self.excluded(path, room > step)), None)
        if high is None:
            return None
        low = 0
        while low < high:
            middle = (low + high) // 2
            if self.excluded(path, room > middle):
                high = middle
            else:
                low = middle + 1
        return high


def _value(model: z3.ModelRef, term: Term) -> Value:
    found = model.eval(term, model_completion=True)
    if z3.is_bool(term):
        return bool(z3.is_true(found))
    if z3.is_int(term):
        return int(found.as_long())
    return float(found.as_fraction()) if z3.is_rational_value(found) else 0.0


def _arguments(node: core.Expr) -> tuple[core.Expr, ...]:
    """The arguments that a contract speaks of."""
    return node.args if isinstance(node, core.Call | core.ExternCall | core.Query) else ()


def _ignore(stmt: core.Stmt, state: State) -> None:
    """Looks at nothing."""
