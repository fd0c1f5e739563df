"""Typed AST to Core: loops and compound assignments spelled out, signals and listeners turned into slots."""

from __future__ import annotations

from anvil import core
from anvil.frontend import typed
from anvil.frontend.resolve import walk
from anvil.interface import Interface, Query
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


def desugar(module: typed.Module) -> core.Program:
    """The Core of a module. Only listeners that some query reads get a slot."""
    slots = _slots(module)
    lowering = _Lowering(slots, module.interface)
    functions = tuple(lowering.function(function) for function in module.functions)
    entries = tuple(core.Entry(entry.name, entry.kind) for entry in module.entries)
    return core.Program(functions, tuple(slots.values()), entries)


def lower_expression(expr: typed.Expr) -> core.Expr:
    """The Core of an expression that queries nothing."""
    return _Lowering({}, None).expr(expr)


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
        )
        end[signal.scope] += size
    return slots


def _key(attachment: typed.Attachment) -> tuple[object, ...]:
    return attachment.signal, attachment.listener, attachment.params


class _Lowering:
    """Lowers one function after the other; loops are numbered through the program."""

    def __init__(self, slots: dict[tuple[object, ...], core.Slot], interface: Interface | None) -> None:
        self._slots = slots
        self._interface = interface
        self._loops = 0
        self._variables: list[core.Variable] = []

    def function(self, function: typed.Function) -> core.Function:
        self._variables = []
        body = self._block(function.body)
        params = tuple(core.Variable(param.symbol, param.type) for param in function.params)
        return core.Function(
            function.name,
            params,
            function.result,
            tuple(self._variables),
            body,
            function.store is not None,
            function.span,
        )

    # -------------------------------------------------------------------------------------------- statements

    def _block(self, block: typed.Block) -> core.Block:
        return tuple(stmt for item in block for stmt in self._statement(item))

    def _statement(self, stmt: typed.Stmt) -> core.Block:
        match stmt:
            case typed.Declare():
                self._variables.append(core.Variable(stmt.symbol, stmt.type))
                return () if stmt.value is None else (core.Assign(stmt.symbol, self.expr(stmt.value), stmt.span),)
            case typed.Assign():
                return (self._assign(stmt),)
            case typed.If():
                then, otherwise = self._block(stmt.then), self._block(stmt.otherwise)
                return (core.If(self.expr(stmt.condition), then, otherwise, stmt.span),)
            case typed.For():
                init = self._statement(stmt.init)
                return (*init, self._loop(stmt.condition, stmt.body, (self._assign(stmt.step),), stmt))
            case typed.While():
                return (self._loop(stmt.condition, stmt.body, (), stmt),)
            case typed.Break():
                return (core.Break(stmt.span),)
            case typed.Continue():
                return (core.Continue(stmt.span),)
            case typed.Return():
                return (core.Return(self.expr(stmt.value), stmt.span),)
            case typed.Scope():
                return self._block(stmt.body)

    def _loop(
        self, condition: typed.Expr, body: typed.Block, step: core.Block, stmt: typed.For | typed.While
    ) -> core.Loop:
        number = self._loops
        self._loops += 1
        return core.Loop(number, self.expr(condition), self._block(body), step, stmt.span)

    def _assign(self, stmt: typed.Assign) -> core.Assign:
        value = self.expr(stmt.value)
        if stmt.op != "=":
            target = stmt.target
            left = _cast(core.Local(target.type, target.symbol, target.span), stmt.operation)
            value = core.Binary(stmt.operation, _BINARY[stmt.op[:-1]], left, value, stmt.span)
        return core.Assign(stmt.target.symbol, _cast(value, stmt.target.type), stmt.span)

    # ------------------------------------------------------------------------------------------- expressions

    def expr(self, expr: typed.Expr) -> core.Expr:
        match expr:
            case typed.Literal():
                return core.Const(expr.type, expr.value, expr.span)
            case typed.Name():
                return core.Local(expr.type, expr.symbol, expr.span)
            case typed.Unary():
                return self._unary(expr)
            case typed.Binary():
                return self._binary(expr)
            case typed.Conditional():
                condition, then, otherwise = map(self.expr, (expr.condition, expr.then, expr.otherwise))
                return core.Select(expr.type, condition, then, otherwise, expr.span)
            case typed.Convert():
                return _cast(self.expr(expr.operand), expr.type)
            case typed.MathCall():
                return core.Math(expr.type, expr.name, tuple(map(self.expr, expr.args)), expr.span)
            case typed.FunctionCall():
                return core.Call(expr.type, expr.name, tuple(map(self.expr, expr.args)), expr.span)
            case typed.QueryCall():
                return self._query(expr)

    def _unary(self, expr: typed.Unary) -> core.Expr:
        operand = self.expr(expr.operand)
        if expr.op == "+":
            return operand
        if expr.op == "-" and isinstance(operand, core.Const):
            value = -operand.value if expr.type is Type.DOUBLE else expr.type.wrap(-int(operand.value))
            return core.Const(expr.type, value, expr.span)
        return core.Unary(expr.type, {"-": "neg", "!": "not", "~": "bitnot"}[expr.op], operand, expr.span)

    def _binary(self, expr: typed.Binary) -> core.Expr:
        left, right = self.expr(expr.left), self.expr(expr.right)
        if expr.op in ("&&", "||"):
            return core.Logical("and" if expr.op == "&&" else "or", left, right, expr.span)
        if expr.op in _COMPARE:
            return core.Compare(_COMPARE[expr.op], left, right, expr.span)
        return core.Binary(expr.type, _BINARY[expr.op], left, right, expr.span)

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
            expr.type, expr.query.method, symbol, slot.index, target, tuple(args), tuple(constants), expr.span
        )

    def _listener_params(self, query: Query, slot: core.Slot) -> list[int]:
        assert self._interface is not None
        listener = self._interface.listeners[query.listener]
        return [] if listener.is_list else [int(param) for param in slot.params]


def _cast(expr: core.Expr, kind: Type) -> core.Expr:
    return expr if expr.type is kind else core.Cast(kind, expr, expr.span)
