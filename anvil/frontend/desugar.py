"""Typed AST to Core.

Objects become one variable for each scalar in them, methods become functions that take and give back those scalars,
enumerations become ints, `switch` a chain of tests, compound assignments and loops are spelled out, signals and
listeners become slots. A call with several results, or with an effect, stands in a statement of its own, before the
statement that uses it and in the order of evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from anvil import core
from anvil.frontend import typed
from anvil.frontend.contracts import entry_contracts, query_contract
from anvil.frontend.resolve import walk
from anvil.interface import Interface, Query
from anvil.span import Span
from anvil.types import Type

_BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "shl",
    ">>": "shr",
}
_COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_SUFFIX = {Type.INT64: "i64", Type.DOUBLE: "f64"}

_Result = TypeVar("_Result")


def desugar(module: typed.Module) -> core.Program:
    """The Core of a module. Only listeners that some query reads get a slot."""
    slots = _slots(module)
    lowering = _Lowering(slots, module.interface, {extern.name: extern for extern in module.externs})
    functions = tuple(lowering.function(function) for function in module.functions)
    entries = tuple(core.Entry(entry.name, entry.kind) for entry in module.entries)
    called = {node.name for node in walk(module) if isinstance(node, typed.FunctionCall)}
    externs = tuple(
        core.ExternFunction(
            e.name,
            tuple(_scalar_params(e.params)),
            e.result,
            e.pure,
            e.cost,
            tuple(_contract(contract) for contract in e.pre),
            tuple(_contract(contract) for contract in e.post),
        )
        for e in module.externs
        if e.name in called
    )
    return core.Program(functions, tuple(slots.values()), entries, externs)


def lower_expression(expr: typed.Expr) -> core.Expr:
    """The Core of a scalar expression that calls and queries nothing."""
    return _Lowering({}, None, {}).expr(expr)


def leaves(kind: typed.AnyType, prefix: str = "") -> list[tuple[str, Type]]:
    """The scalars in a value of a type, as pairs of a suffix for names and a type."""
    if isinstance(kind, typed.ClassType):
        return [leaf for f in kind.fields for leaf in leaves(f.type, f"{prefix}.{f.name}")]
    return [] if kind is Type.VOID else [(prefix, scalar_type(kind))]


def scalar_type(kind: typed.AnyType) -> Type:
    """The scalar behind a type that is no class."""
    assert not isinstance(kind, typed.ClassType)
    return Type.INT if isinstance(kind, typed.EnumType) else kind


def _scalar_params(params: tuple[typed.Param, ...]) -> Iterable[core.Variable]:
    return (core.Variable(param.symbol, scalar_type(param.type)) for param in params)


def _contract(contract: typed.Contract, names: Iterable[str] = ()) -> core.Contract:
    """The condition over variables of other names, where these are given."""
    renamed = dict(zip(contract.names, names, strict=False))
    condition = _renamed(lower_expression(contract.condition), renamed)
    return core.Contract(tuple(renamed.get(n, n) for n in contract.names), condition, contract.text, contract.span)


def _renamed(expr: core.Expr, names: dict[str, str]) -> core.Expr:
    if isinstance(expr, core.Local):
        return replace(expr, name=names.get(expr.name, expr.name))
    changed: dict[str, Any] = {}
    for name in ("operand", "left", "right", "condition", "then", "otherwise"):
        if hasattr(expr, name):
            changed[name] = _renamed(getattr(expr, name), names)
    if isinstance(expr, core.Math):
        changed["args"] = tuple(_renamed(arg, names) for arg in expr.args)
    return replace(expr, **changed) if changed else expr


def _slots(module: typed.Module) -> dict[tuple[object, ...], core.Slot]:
    """The listeners in use, in the order of signal, listener and parameters: one layout for equal programs."""
    interface = module.interface
    if interface is None:
        return {}
    used = {_key(node.listener): node.listener for node in walk(module) if isinstance(node, typed.QueryCall)}
    signals, listeners = list(interface.signals), list(interface.listeners)
    ordered = sorted(used.values(), key=lambda a: (signals.index(a.signal), listeners.index(a.listener), a.params))
    slots: dict[tuple[object, ...], core.Slot] = {}
    end = {"global": 0, "object": 0}
    for attachment in ordered:
        signal, listener = interface.signals[attachment.signal], interface.listeners[attachment.listener]
        size = listener.state_bytes(attachment.params)
        slots[_key(attachment)] = core.Slot(
            len(slots),
            signal.name,
            signal.scope,
            signal.type,
            listener.name,
            attachment.params,
            end[signal.scope],
            size,
            signal.low,
            signal.high,
        )
        end[signal.scope] += size
    return slots


def _key(attachment: typed.Attachment) -> tuple[object, ...]:
    return attachment.signal, attachment.listener, attachment.params


class _Lowering:
    """Lowers one function after the other; loops are numbered through the program."""

    def __init__(
        self,
        slots: dict[tuple[object, ...], core.Slot],
        interface: Interface | None,
        externs: dict[str, typed.Extern],
    ) -> None:
        self._slots = slots
        self._interface = interface
        self._externs = externs
        self._effectful: set[str] = set()
        self._loops = 0
        self._variables: list[core.Variable] = []
        self._taken: set[str] = set()
        self._places: dict[str, tuple[core.Local, ...]] = {}
        self._before: list[core.Stmt] = []
        self._function: typed.Function | None = None

    def function(self, function: typed.Function) -> core.Function:
        """The Core of a function, a method or a constructor."""
        self._function, self._variables, self._places, self._before = function, [], {}, []
        declared = [node.symbol for node in walk(function) if isinstance(node, typed.Declare)]
        self._taken = {*declared, *(param.symbol for param in function.params)}
        params: list[core.Variable] = []
        if function.owner is not None:
            place = self._place("this", function.owner, function.is_constructor)
            params += [] if function.is_constructor else [core.Variable(local.name, local.type) for local in place]
        for param in function.params:
            params += [core.Variable(p.name, p.type) for p in self._place(param.symbol, param.type, False)]
        body = self._block((*function.initialisers, *function.body))
        results = self._results(function)
        single = results[0] if self._is_single(function) else Type.VOID
        if function.is_constructor or function.result is Type.VOID:
            body = (*body, self._return(typed.Return(None, function.span)))
        if self._has_effect(body):
            self._effectful.add(function.unique)
        return core.Function(
            function.unique,
            tuple(params),
            single,
            tuple(self._variables),
            body,
            function.store is not None,
            function.span,
            () if single is not Type.VOID else results,
            self._contracts(function, [param.name for param in params], post=False),
            self._contracts(function, [param.name for param in params], post=True),
        )

    def _contracts(self, function: typed.Function, params: list[str], post: bool) -> tuple[core.Contract, ...]:
        """The function's own conditions, and those of the template for an entry point."""
        own = [(contract, contract.names) for contract in (function.post if post else function.pre)]
        entry = self._interface.entry(function.unique) if self._interface else None
        if entry is not None and len(params) == len(entry.params):
            own += [(contract, (*params, *["result"] * post)) for contract in entry_contracts(entry, post)]
        names = (*params, *["result"] * post)
        return tuple(replace(_contract(contract, actual), params=names) for contract, actual in own)

    def _results(self, function: typed.Function) -> tuple[Type, ...]:
        results = [kind for _, kind in leaves(function.result)]
        if self._mutates(function) and function.owner is not None:
            results = [kind for _, kind in leaves(function.owner)] + results
        return tuple(results)

    def _mutates(self, function: typed.Function) -> bool:
        return function.owner is not None and not function.constant and not function.is_constructor

    def _is_single(self, function: typed.Function) -> bool:
        scalar = not isinstance(function.result, typed.ClassType) and function.result is not Type.VOID
        return scalar and not self._mutates(function)

    def _has_effect(self, body: core.Block) -> bool:
        for stmt in core.walk_block(body):
            if isinstance(stmt, core.CallMany) and stmt.function in self._effectful:
                return True
            for expr in core.expressions(stmt):
                for node in core.walk_expr(expr):
                    if isinstance(node, core.ExternCall) and not self._externs[node.name].pure:
                        return True
                    if isinstance(node, core.Call) and node.function in self._effectful:
                        return True
        return False

    # --------------------------------------------------------------------------------------------- variables

    def _fresh(self, base: str) -> str:
        name, count = base, 1
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name

    def _place(self, symbol: str, kind: typed.AnyType, is_variable: bool) -> tuple[core.Local, ...]:
        """The Core variables of a variable, one for each scalar in it."""
        if isinstance(kind, typed.ClassType):
            names = [(self._fresh(f"{symbol}{suffix}"), scalar) for suffix, scalar in leaves(kind)]
        else:
            names = [(symbol, scalar_type(kind))]
        self._places[symbol] = tuple(core.Local(scalar, name) for name, scalar in names)
        if is_variable:
            self._variables += [core.Variable(name, scalar) for name, scalar in names]
        return self._places[symbol]

    def _temporary(self, kind: Type, span: Span) -> core.Local:
        name = self._fresh("value")
        self._variables.append(core.Variable(name, kind))
        return core.Local(kind, name, span)

    def _kept(self, value: core.Expr) -> core.Expr:
        """The value in a variable of its own, evaluated here."""
        if isinstance(value, core.Const):
            return value
        local = self._temporary(value.type, value.span)
        self._before.append(core.Assign(local.name, value, value.span))
        return local

    def _apart(self, lower: Callable[[], _Result]) -> tuple[list[core.Stmt], _Result]:
        """What `lower` gives, with the statements that must come before it."""
        outer, self._before = self._before, []
        result = lower()
        before, self._before = self._before, outer
        return before, result

    # -------------------------------------------------------------------------------------------- statements

    def _block(self, block: typed.Block) -> core.Block:
        found: list[core.Stmt] = []
        for item in block:
            before, stmts = self._apart(lambda item=item: self._statement(item))  # type: ignore[misc]
            found += [*before, *stmts]
        return tuple(found)

    def _statement(self, stmt: typed.Stmt) -> core.Block:
        match stmt:
            case typed.Declare():
                return self._declare(stmt)
            case typed.Assign():
                return self._assign(stmt)
            case typed.CallStatement():
                return self._call_statement(stmt)
            case typed.If():
                condition = self.expr(stmt.condition)
                return (core.If(condition, self._block(stmt.then), self._block(stmt.otherwise), stmt.span),)
            case typed.For():
                init = self._declare(stmt.init)
                return (*init, self._loop(stmt.condition, stmt.body, self._assign(stmt.step), stmt.span))
            case typed.While():
                return (self._loop(stmt.condition, stmt.body, (), stmt.span),)
            case typed.Switch():
                return self._switch(stmt)
            case typed.Break():
                return (core.Break(stmt.span),)
            case typed.Continue():
                return (core.Continue(stmt.span),)
            case typed.Return():
                return (self._return(stmt),)
            case typed.Scope():
                return self._block(stmt.body)

    def _declare(self, stmt: typed.Declare) -> core.Block:
        values = () if stmt.value is None else self._values(stmt.value)
        place = self._place(stmt.symbol, stmt.type, True)
        return tuple(
            core.Assign(local.name, value, stmt.span)
            for local, value in zip(place, values, strict=bool(values))
            if value is not None
        )

    def _assign(self, stmt: typed.Assign) -> core.Block:
        place = self._locals(stmt.target)
        if stmt.op != "=":
            operation = scalar_type(stmt.operation)
            left = _cast(core.Local(place[0].type, place[0].name, stmt.target.span), operation)
            value = core.Binary(operation, _BINARY[stmt.op[:-1]], left, self.expr(stmt.value), stmt.span)
            return (core.Assign(place[0].name, _cast(value, place[0].type), stmt.span),)
        values = self._values(stmt.value)
        if len(values) > 1:  # an object may be assigned from its own members
            values = tuple(None if value is None else self._kept(value) for value in values)
        return tuple(
            core.Assign(local.name, _cast(value, local.type), stmt.span)
            for local, value in zip(place, values, strict=True)
            if value is not None
        )

    def _call_statement(self, stmt: typed.CallStatement) -> core.Block:
        call = stmt.call
        if call.type is Type.VOID or isinstance(call.type, typed.ClassType) or isinstance(call, typed.MethodCall):
            self._values(call)
            return ()
        if call.name in self._externs or (call.symbol or call.name) in self._effectful:
            self.expr(call)
        return ()

    def _return(self, stmt: typed.Return) -> core.Stmt:
        function = self._function
        assert function is not None
        values = () if stmt.value is None else self._full(stmt.value)
        if self._is_single(function):
            return core.Return(values[0], stmt.span)
        if function.owner is not None and not function.constant:
            values = (*self._places["this"], *values)
        return core.ReturnMany(values, stmt.span)

    def _loop(self, condition: typed.Expr, body: typed.Block, step: core.Block, span: Span) -> core.Loop:
        number = self._loops
        self._loops += 1
        before, test = self._apart(lambda: self.expr(condition))
        lowered = self._block(body)
        if before:
            leave = core.If(test, (), (core.Break(span),), span)
            return core.Loop(number, core.Const(Type.BOOL, True, test.span), (*before, leave, *lowered), step, span)
        return core.Loop(number, test, lowered, step, span)

    def _switch(self, stmt: typed.Switch) -> core.Block:
        value = self._kept(self.expr(stmt.value))
        otherwise: core.Block = ()
        for case in stmt.cases:
            if case.default:
                otherwise = self._block(case.body)
        for case in reversed(stmt.cases):
            if case.default:
                continue
            tests = [core.Compare("eq", value, core.Const(value.type, n, case.span), case.span) for n in case.labels]
            condition: core.Expr = tests[0]
            for test in tests[1:]:
                condition = core.Logical("or", condition, test, case.span)
            otherwise = (core.If(condition, self._block(case.body), otherwise, case.span),)
        return otherwise

    # ------------------------------------------------------------------------------------------------ objects

    def _locals(self, place: typed.Name | typed.Member | typed.This) -> tuple[core.Local, ...]:
        """The variables behind a place."""
        match place:
            case typed.Name():
                return self._places[place.symbol]
            case typed.This():
                return self._places["this"]
            case typed.Member():
                assert isinstance(place.receiver, typed.Name | typed.Member | typed.This)
                start, end = _extent(place)
                return self._locals(place.receiver)[start:end]

    def _full(self, expr: typed.Expr) -> tuple[core.Expr, ...]:
        """The scalars of a value, all of them there."""
        values = self._values(expr)
        kinds = [kind for _, kind in leaves(expr.type)]
        # A member that was never assigned: any value will do, since no accepted program reads it.
        pairs = zip(values, kinds, strict=True)
        return tuple(core.Const(kind, _zero(kind), expr.span) if value is None else value for value, kind in pairs)

    def _values(self, expr: typed.Expr) -> tuple[core.Expr | None, ...]:
        """The scalars of a value, in order; None for a member that stays unassigned."""
        match expr:
            case typed.Member():
                start, end = _extent(expr)
                return tuple(_at(value, expr.span) for value in self._values(expr.receiver)[start:end])
            case typed.This():
                return self._places["this"]
            case typed.Aggregate():
                parts = zip(expr.type.fields, expr.values, strict=True)
                return tuple(
                    v
                    for f, value in parts
                    for v in ([None] * len(leaves(f.type)) if value is None else self._values(value))
                )
            case typed.Name() if isinstance(expr.type, typed.ClassType):
                return tuple(_at(local, expr.span) for local in self._places[expr.symbol])
            case typed.Conditional() if isinstance(expr.type, typed.ClassType):
                return self._choose(expr)
            case typed.FunctionCall() | typed.MethodCall():
                return self._call(expr)
        return (self.expr(expr),)

    def _call(self, expr: typed.FunctionCall | typed.MethodCall) -> tuple[core.Expr, ...]:
        if isinstance(expr, typed.FunctionCall) and expr.name in self._externs and not expr.symbol:
            return (self._extern(expr),)
        symbol = expr.symbol or expr.name
        this = self._full(expr.receiver) if isinstance(expr, typed.MethodCall) else ()
        args = (*this, *(value for arg in expr.args for value in self._full(arg)))
        mutates = isinstance(expr, typed.MethodCall) and expr.mutates
        if not (mutates or isinstance(expr.type, typed.ClassType) or expr.type is Type.VOID):
            call = core.Call(scalar_type(expr.type), symbol, args, expr.span)
            return (self._kept(call) if symbol in self._effectful else call,)
        targets: list[str] = []
        if isinstance(expr, typed.MethodCall) and mutates:
            assert isinstance(expr.receiver, typed.Name | typed.Member | typed.This)
            targets += [local.name for local in self._locals(expr.receiver)]
        results = [self._temporary(kind, expr.span) for _, kind in leaves(expr.type)]
        targets += [local.name for local in results]
        self._before.append(core.CallMany(tuple(targets), symbol, args, expr.span))
        return tuple(results)

    def _extern(self, expr: typed.FunctionCall) -> core.Expr:
        args = tuple(self.expr(arg) for arg in expr.args)
        call = core.ExternCall(scalar_type(expr.type), expr.name, args, expr.span)
        return call if self._externs[expr.name].pure else self._kept(call)

    def _choose(self, expr: typed.Conditional) -> tuple[core.Expr, ...]:
        """`condition ? a : b`; what an arm needs before it happens only when that arm is chosen."""
        condition = self.expr(expr.condition)
        before_then, then = self._apart(lambda: self._full(expr.then))
        before_otherwise, otherwise = self._apart(lambda: self._full(expr.otherwise))
        if not before_then and not before_otherwise:
            if len(then) > 1:
                condition = self._kept(condition)
            return tuple(core.Select(t.type, condition, t, o, expr.span) for t, o in zip(then, otherwise, strict=True))
        chosen = [self._temporary(t.type, expr.span) for t in then]
        arms = [
            (*before, *(core.Assign(c.name, v, expr.span) for c, v in zip(chosen, values, strict=True)))
            for before, values in ((before_then, then), (before_otherwise, otherwise))
        ]
        self._before.append(core.If(condition, arms[0], arms[1], expr.span))
        return tuple(chosen)

    # ------------------------------------------------------------------------------------------- expressions

    def expr(self, expr: typed.Expr) -> core.Expr:
        """The Core of a scalar expression."""
        match expr:
            case typed.Literal():
                return core.Const(scalar_type(expr.type), expr.value, expr.span)
            case typed.Name():
                return core.Local(scalar_type(expr.type), expr.symbol, expr.span)
            case typed.Unary():
                return self._unary(expr)
            case typed.Binary():
                return self._binary(expr)
            case typed.Conditional():
                return self._choose(expr)[0]
            case typed.Convert():
                return _cast(self.expr(expr.operand), scalar_type(expr.type))
            case typed.MathCall():
                return core.Math(expr.type, expr.name, tuple(map(self.expr, expr.args)), expr.span)
            case typed.QueryCall():
                return self._query(expr)
        return self._full(expr)[0]

    def _unary(self, expr: typed.Unary) -> core.Expr:
        operand = self.expr(expr.operand)
        if expr.op == "+":
            return operand
        if expr.op == "-" and isinstance(operand, core.Const):
            value = -operand.value if expr.type is Type.DOUBLE else expr.type.wrap(-int(operand.value))
            return core.Const(expr.type, value, expr.span)
        return core.Unary(expr.type, {"-": "neg", "!": "not", "~": "bitnot"}[expr.op], operand, expr.span)

    def _binary(self, expr: typed.Binary) -> core.Expr:
        if expr.op in ("&&", "||"):
            return self._logical(expr)
        left, right = self.expr(expr.left), self.expr(expr.right)
        if expr.op in _COMPARE:
            return core.Compare(_COMPARE[expr.op], left, right, expr.span)
        return core.Binary(expr.type, _BINARY[expr.op], left, right, expr.span)

    def _logical(self, expr: typed.Binary) -> core.Expr:
        left = self.expr(expr.left)
        before, right = self._apart(lambda: self.expr(expr.right))
        if not before:
            return core.Logical("and" if expr.op == "&&" else "or", left, right, expr.span)
        result = self._temporary(Type.BOOL, expr.span)
        then = (*before, core.Assign(result.name, right, expr.span))
        self._before.append(core.Assign(result.name, left, expr.span))
        arms = (then, ()) if expr.op == "&&" else ((), then)
        self._before.append(core.If(result, arms[0], arms[1], expr.span))
        return result

    def _query(self, expr: typed.QueryCall) -> core.Query:
        slot = self._slots[_key(expr.listener)]
        target = None if expr.object is None else self.expr(expr.object)
        args: list[core.Expr] = []
        constants: list[int] = []
        for param, arg in zip(expr.query.params, expr.args, strict=True):
            if param.element_of:
                assert isinstance(arg, typed.Literal)
                constants.append(slot.params.index(float(arg.value)))
            else:
                args.append(self.expr(arg))
        constants += self._listener_params(expr.query, slot)
        symbol = f"{expr.query.symbol}_{_SUFFIX[expr.signal.type]}"
        return core.Query(
            expr.type,
            expr.query.method,
            symbol,
            slot.index,
            target,
            tuple(args),
            tuple(constants),
            expr.span,
            self._precondition(expr.query, slot),
        )

    def _precondition(self, query: Query, slot: core.Slot) -> core.Contract | None:
        assert self._interface is not None
        contract = query_contract(query, self._interface.listeners[query.listener], slot.params)
        return None if contract is None else _contract(contract)

    def _listener_params(self, query: Query, slot: core.Slot) -> list[int]:
        assert self._interface is not None
        listener = self._interface.listeners[query.listener]
        return [] if listener.is_list else [int(param) for param in slot.params]


def _extent(member: typed.Member) -> tuple[int, int]:
    """Where the scalars of a member stand among those of its object."""
    kind = member.receiver.type
    assert isinstance(kind, typed.ClassType)
    start = 0
    for f in kind.fields:
        size = len(leaves(f.type))
        if f.name == member.name:
            return start, start + size
        start += size
    raise KeyError(member.name)


def _at(value: core.Expr | None, span: Span) -> core.Expr | None:
    """The variable as read at another place of the source."""
    return core.Local(value.type, value.name, span) if isinstance(value, core.Local) else value


def _zero(kind: Type) -> bool | int | float:
    return False if kind is Type.BOOL else 0.0 if kind is Type.DOUBLE else 0


def _cast(expr: core.Expr, kind: Type) -> core.Expr:
    return expr if expr.type is kind else core.Cast(kind, expr, expr.span)
