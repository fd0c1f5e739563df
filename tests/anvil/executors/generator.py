"""Random Core programs that terminate: well-typed, with loops, calls and, given slots or externs, queries and calls of
the host."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from anvil.builtins import BUILTINS
from anvil.core import (
    Assign,
    Binary,
    Block,
    Break,
    Call,
    CallMany,
    Cast,
    Compare,
    Continue,
    Expr,
    ExternCall,
    ExternFunction,
    Function,
    If,
    Local,
    Logical,
    Loop,
    Math,
    Query,
    Return,
    ReturnMany,
    Select,
    Slot,
    Stmt,
    Unary,
    Variable,
)
from anvil.types import Type
from tests.anvil.executors.shorthand import EDGES, INTEGERS, SCALARS, B, D, L, N, add, const

_COST_LIMIT = 3000


@dataclass
class Generator:
    """Makes functions one after the other; later ones call earlier ones."""

    rng: random.Random
    slots: tuple[Slot, ...] = ()
    externs: tuple[ExternFunction, ...] = ()
    functions: list[Function] = field(default_factory=list)
    _costs: dict[str, int] = field(default_factory=dict)

    def many(self, name: str, takes_store: bool = False) -> Function:
        """A function with up to four results, or none."""
        results = tuple(self.rng.choice(SCALARS) for _ in range(self.rng.randint(0, 4)))
        return self.function(name, None, Type.VOID, takes_store, results)

    def function(self, name: str, params: tuple[Variable, ...] | None = None, result: Type | None = None,
                 takes_store: bool = False, results: tuple[Type, ...] = ()) -> Function:  # fmt: skip
        body = _Body(self, takes_store)
        if params is None:
            params = tuple(Variable(f"p{i}", self.rng.choice(SCALARS)) for i in range(self.rng.randint(1, 4)))
        result = result or self.rng.choice(SCALARS)
        statements = body.function(params, result, results)
        made = Function(name, params, result, tuple(body.variables), statements, takes_store, results=results)
        self._costs[name] = body.cost
        self.functions.append(made)
        return made

    def callable_from(self, takes_store: bool, result: Type, budget: int) -> list[Function]:
        return [
            f
            for f in self.functions
            if f.result is result and (takes_store or not f.takes_store) and self._costs[f.name] <= budget
        ]


@dataclass
class _Body:
    owner: Generator
    takes_store: bool
    variables: list[Variable] = field(default_factory=list)
    cost: int = 0
    _visible: list[Variable] = field(default_factory=list)
    _fixed: set[str] = field(default_factory=set)  # loop counters
    _repeat: int = 1
    _loops: int = 0

    @property
    def rng(self) -> random.Random:
        return self.owner.rng

    def function(self, params: tuple[Variable, ...], result: Type, results: tuple[Type, ...]) -> Block:
        self._visible = list(params)
        self._result = result
        self._results = results
        statements = [stmt for _ in range(self.rng.randint(1, 5)) for stmt in self._statement(2)]
        return (*statements, self._return(3))

    def _return(self, depth: int) -> Stmt:
        if self._result is Type.VOID:
            return ReturnMany(tuple(self.expr(type, depth) for type in self._results))
        return Return(self.expr(self._result, depth))

    # ---------------------------------------------------------------------------------------- statements

    def _block(self, depth: int) -> Block:
        visible = len(self._visible)
        statements = [stmt for _ in range(self.rng.randint(1, 3)) for stmt in self._statement(depth)]
        del self._visible[visible:]
        return tuple(statements)

    def _statement(self, depth: int) -> list[Stmt]:
        kind = self.rng.random()
        if depth == 0 or kind < 0.55:
            return [self._assign()]
        if kind < 0.8:
            return [
                If(self.expr(B, 2), self._block(depth - 1), self._block(depth - 1) if self.rng.random() < 0.5 else ())
            ]
        if kind < 0.86:
            return [If(self.expr(B, 2), (self._return(2),), ())]
        if kind < 0.9 and self._loops:
            leave: Stmt = Break() if self.rng.random() < 0.5 else Continue()
            return [If(self.expr(B, 1), (leave,), ())]
        return self._loop(depth)

    def _assign(self) -> Stmt:
        if self.rng.random() < 0.25 and (many := self._candidates(Type.VOID)):
            return self._call_many(self.rng.choice(many))
        targets = [v for v in self._visible if v.name not in self._fixed]
        if targets and self.rng.random() < 0.5:
            target = self.rng.choice(targets)
            return Assign(target.name, self.expr(target.type, 3))
        value = self.expr(self.rng.choice(SCALARS), 3)
        return Assign(self._new(value.type), value)

    def _call_many(self, callee: Function) -> CallMany:
        args = self._arguments(callee)
        return CallMany(tuple(map(self._target, callee.results)), callee.name, args)

    def _target(self, type: Type) -> str:
        kind = self.rng.random()
        if kind < 0.2:
            return ""
        targets = [v.name for v in self._visible if v.type is type and v.name not in self._fixed]
        return self.rng.choice(targets) if targets and kind < 0.7 else self._new(type)

    def _new(self, type: Type) -> str:
        variable = Variable(f"x{len(self.variables)}", type)
        self.variables.append(variable)
        self._visible.append(variable)
        return variable.name

    def _loop(self, depth: int) -> list[Stmt]:
        start, trips = self.rng.choice([0, -2, 5]), self.rng.randint(0, 4)
        name = self._new(N)
        self._fixed.add(name)
        counter = Local(N, name)
        condition: Expr = Compare("lt", counter, const(N, start + trips))
        self._loops += 1
        self._repeat *= 4
        if self.rng.random() < 0.4:
            condition = Logical("and", condition, self.expr(B, 2))
        body = self._block(depth - 1)
        visible = len(self._visible)
        extra = (self._assign(),) if self.rng.random() < 0.3 else ()
        del self._visible[visible:]  # what the step introduces is not assigned when the loop makes no turn
        step: Block = (*extra, Assign(name, add(counter, const(N, 1))))
        self._repeat //= 4
        self._loops -= 1
        return [Assign(name, const(N, start)), Loop(0, condition, body, step)]

    # --------------------------------------------------------------------------------------- expressions

    def expr(self, type: Type, depth: int) -> Expr:
        self.cost += self._repeat
        if depth == 0 or self.rng.random() < 0.15:
            return self._leaf(type)
        kind = self.rng.random()
        if kind < 0.1:
            return Select(type, self.expr(B, depth - 1), self.expr(type, depth - 1), self.expr(type, depth - 1))
        if kind < 0.2:
            return Cast(type, self.expr(self.rng.choice(SCALARS), depth - 1))
        if kind < 0.3:
            return self._call(type, depth)
        if kind < 0.45 and self.takes_store and type in (L, D):
            return self._query(type, depth)
        return self._bool(depth) if type is B else self._number(type, depth)

    def _leaf(self, type: Type) -> Expr:
        visible = [v for v in self._visible if v.type is type]
        if visible and self.rng.random() < 0.75:
            return Local(type, self.rng.choice(visible).name)
        return const(type, self.rng.choice(EDGES[type]))

    def _bool(self, depth: int) -> Expr:
        kind = self.rng.random()
        if kind < 0.3:
            return Logical(self.rng.choice(["and", "or"]), self.expr(B, depth - 1), self.expr(B, depth - 1))
        if kind < 0.4:
            return Unary(B, "not", self.expr(B, depth - 1))
        if kind < 0.5:
            return Math(B, self.rng.choice(["isnan", "isinf", "isfinite"]), (self.expr(D, depth - 1),))
        type = self.rng.choice(SCALARS)
        op = self.rng.choice(["lt", "le", "gt", "ge", "eq", "ne"])
        return Compare(op, self.expr(type, depth - 1), self.expr(type, depth - 1))

    def _number(self, type: Type, depth: int) -> Expr:
        kind = self.rng.random()
        if kind < 0.3:
            names = [b.name for b in BUILTINS.values() if b.kind == "common" or (type is D and b.kind != "test")]
            name = self.rng.choice(names)
            return Math(type, name, tuple(self.expr(type, depth - 1) for _ in range(BUILTINS[name].arity)))
        if kind < 0.4:
            op = "neg" if type is D else self.rng.choice(["neg", "bitnot"])
            return Unary(type, op, self.expr(type, depth - 1))
        if kind < 0.5 and type is not D:
            distance = self.expr(self.rng.choice(INTEGERS), depth - 1)
            return Binary(type, self.rng.choice(["shl", "shr"]), self.expr(type, depth - 1), distance)
        names = ["add", "sub", "mul", "div"] + ([] if type is D else ["rem", "and", "or", "xor"])
        return Binary(type, self.rng.choice(names), self.expr(type, depth - 1), self.expr(type, depth - 1))

    def _call(self, type: Type, depth: int) -> Expr:
        externs = [extern for extern in self.owner.externs if extern.result is type]
        if externs and self.rng.random() < 0.6:
            extern = self.rng.choice(externs)
            return ExternCall(type, extern.name, tuple(self.expr(param.type, depth - 1) for param in extern.params))
        candidates = self._candidates(type)
        if not candidates:
            return self._leaf(type)
        callee = self.rng.choice(candidates)
        return Call(type, callee.name, self._arguments(callee, depth - 1))

    def _candidates(self, type: Type) -> list[Function]:
        return self.owner.callable_from(self.takes_store, type, (_COST_LIMIT - self.cost) // self._repeat)

    def _arguments(self, callee: Function, depth: int = 2) -> tuple[Expr, ...]:
        self.cost += self._repeat * self.owner._costs[callee.name]
        return tuple(self.expr(param.type, depth) for param in callee.params)

    def _query(self, type: Type, depth: int) -> Expr:
        candidates = [query for slot in self.owner.slots for query in _queries_of(slot) if query[0] is type]
        if not candidates:
            return self._leaf(type)
        _, symbol, slot, by_object, args, constants = self.rng.choice(candidates)
        target = self._object(depth) if by_object else None
        values = tuple(self.expr(arg, depth - 1) for arg in args)
        return Query(type, symbol[3:], symbol, slot.index, target, values, constants)

    def _object(self, depth: int) -> Expr:
        """Mostly an id that exists."""
        ids = [v for v in self._visible if v.type is L]
        if ids and self.rng.random() < 0.6:
            return Local(L, ids[0].name)
        return const(L, self.rng.randrange(12)) if self.rng.random() < 0.7 else self.expr(L, depth - 1)


_Candidate = tuple[Type, str, Slot, bool, tuple[Type, ...], tuple[int, ...]]


def _queries_of(slot: Slot) -> list[_Candidate]:
    """Result, symbol, slot, whether it is about an object, argument types and constants of the slot's queries."""
    own = slot.value_type
    suffix = "i64" if own is L else "f64"
    by_object = slot.scope == "object"
    table: dict[str, list[tuple[Type, str, bool, tuple[Type, ...], tuple[int, ...]]]] = {
        "Latest": [(own, "latest_get", by_object, (), ())],
        "Average": [(D, "average_avg", by_object, (), ()), (L, "average_n", by_object, (), ())],
        "EWMA": [(D, "ewma_get", by_object, (), (i,)) for i in range(len(slot.params))],
        "PopPercentile": [(D, "pop_rank", True, (), ()), (own, "pop_value", False, (D,), ())],
    }
    if slot.listener == "RollingWindow":
        n = (int(slot.params[0]),)
        rows = [(own, "window_kth", (L,)), (D, "window_avg", ()), (L, "window_n", ())]
        return [(type, f"vk_{name}_{suffix}", slot, by_object, args, n) for type, name, args in rows]
    return [(type, f"vk_{name}_{suffix}", slot, obj, args, c) for type, name, obj, args, c in table[slot.listener]]
