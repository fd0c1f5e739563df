"""Types of statements: declarations, assignments, control flow, the form of loops ([stmt])."""

from __future__ import annotations

from anvil.diagnostics import Stop, fail
from anvil.frontend import ast, typed
from anvil.frontend.conversions import common, convert, promoted
from anvil.frontend.expressions import ExpressionChecker
from anvil.frontend.scope import Scopes, Silent, Symbol, did_you_mean
from anvil.span import NOWHERE
from anvil.types import Type


class StatementChecker:
    """Checks the body of one function that returns `result`."""

    def __init__(self, scopes: Scopes, expressions: ExpressionChecker, result: Type) -> None:
        self.scopes = scopes
        self.context = scopes.context
        self.expressions = expressions
        self.result = result
        self._loops = 0
        self._counters: list[str] = []

    def block(self, body: tuple[ast.Stmt, ...]) -> typed.Block:
        """The statements of a block; a faulty one is reported and left out."""
        found: list[typed.Stmt] = []
        for stmt in body:
            try:
                found += self._statement(stmt)
            except Stop as stop:
                self.context.report(stop)
            except Silent:
                pass
        return tuple(found)

    def _nested(self, stmt: ast.Stmt) -> typed.Block:
        with self.scopes:
            return self.block(stmt.body if isinstance(stmt, ast.Compound) and not stmt.transparent else (stmt,))

    def _statement(self, stmt: ast.Stmt) -> typed.Block:
        match stmt:
            case ast.Declaration():
                return (self._declaration(stmt),)
            case ast.Compound():
                if stmt.transparent:
                    return self.block(stmt.body)
                return (typed.Scope(self._nested(stmt), stmt.span),)
            case ast.Assignment():
                return (self._assignment(stmt),)
            case ast.ExprStatement():
                self.expressions.value(stmt.value)
                raise fail("E0312", stmt.span)
            case ast.If():
                return (self._if(stmt),)
            case ast.For():
                return (self._for(stmt),)
            case ast.While():
                return (self._while(stmt),)
            case ast.Break() | ast.Continue():
                if not self._loops:
                    what = "`break`" if isinstance(stmt, ast.Break) else "`continue`"
                    raise fail("E0113", stmt.span, what=f"{what} outside a loop", fix="remove it")
                return (typed.Break(stmt.span) if isinstance(stmt, ast.Break) else typed.Continue(stmt.span),)
            case ast.Return():
                if stmt.value is None:
                    raise fail("E0113", stmt.span, what="`return` without a value", fix=f"return a {self.result.value}")
                return (typed.Return(self.expressions.converted(stmt.value, self.result), stmt.span),)

    # ------------------------------------------------------------------------------------------ declarations

    def _declaration(self, stmt: ast.Declaration) -> typed.Declare:
        previous = self.scopes.innermost(stmt.name)
        if previous is not None:
            raise fail("E0202", stmt.name_span, name=stmt.name, notes=[("first declared here", previous.span)])
        if stmt.type.text == "auto":
            return self._auto(stmt)
        unique = self.scopes.unique(stmt.name)
        try:
            kind = self.expressions.scalar(stmt.type)
        except Stop:
            self.scopes.declare(Symbol(stmt.name, unique, None, stmt.constant, stmt.name_span))
            raise
        # As in C++ the name is in scope in its own initialiser.
        self.scopes.declare(Symbol(stmt.name, unique, kind, stmt.constant, stmt.name_span))
        if stmt.value is None:
            if stmt.constant:
                raise fail("E0113", stmt.span, what="a constant without a value", fix=f"write `{stmt.name} = value`")
            return typed.Declare(kind, stmt.name, unique, None, False, stmt.span)
        value = self.expressions.value(stmt.value)
        _check_braces(stmt, value, kind)
        value = convert(value, kind)
        if stmt.constant and isinstance(value, typed.Literal):
            self.scopes.declare(Symbol(stmt.name, unique, kind, True, stmt.name_span, value.value))
        return typed.Declare(kind, stmt.name, unique, value, stmt.constant, stmt.span)

    def _auto(self, stmt: ast.Declaration) -> typed.Declare:
        unique = self.scopes.unique(stmt.name)
        if stmt.value is None:
            self.scopes.declare(Symbol(stmt.name, unique, None, stmt.constant, stmt.name_span))
            raise fail("E0113", stmt.span, what="`auto` without a value", fix="write the type, or give a value")
        try:
            value = self.expressions.value(stmt.value)
        except (Stop, Silent):
            self.scopes.declare(Symbol(stmt.name, unique, None, stmt.constant, stmt.name_span))
            raise
        known = value.value if stmt.constant and isinstance(value, typed.Literal) else None
        self.scopes.declare(Symbol(stmt.name, unique, value.type, stmt.constant, stmt.name_span, known))
        return typed.Declare(value.type, stmt.name, unique, value, stmt.constant, stmt.span)

    def _assignment(self, stmt: ast.Assignment) -> typed.Assign:
        target = self._target(stmt)
        if stmt.op == "=":
            return typed.Assign(
                target, "=", self.expressions.converted(stmt.value, target.type), target.type, stmt.span
            )
        if stmt.value == ast.Number("1") and stmt.value.span == NOWHERE and target.type is Type.BOOL:
            raise fail("E0302", stmt.span, op=stmt.op[0] * 2, types="bool", fix="assign true or false")
        value = self.expressions.value(stmt.value)
        op = stmt.op[:-1]
        self.expressions.operation(op, target, value, stmt.span)
        if op in ("<<", ">>"):
            operation, value = promoted(target.type), convert(value, promoted(value.type))
        else:
            operation = common(target.type, value.type)
            value = convert(value, operation)
        return typed.Assign(target, stmt.op, value, operation, stmt.span)

    def _target(self, stmt: ast.Assignment) -> typed.Name:
        if not isinstance(stmt.target, ast.Name):
            raise fail(
                "E0113",
                stmt.target.span,
                what="an assignment to anything but a variable",
                fix="assign to a local variable",
            )
        name = stmt.target.text
        symbol = self.scopes.lookup(name)
        if symbol is None:
            signals = self.context.interface.signals if self.context.interface else {}
            if name in signals:
                raise fail("E0206", stmt.target.span, name=name, fix="heuristics only read signals", what="a signal")
            raise fail(
                "E0201",
                stmt.target.span,
                name=name,
                fix=did_you_mean(name, self.scopes.names(), "declare it first: `double " + name + " = ...;`"),
            )
        if symbol.type is None:
            raise Silent
        if symbol.constant:
            raise fail(
                "E0206",
                stmt.target.span,
                name=name,
                what="a constant",
                fix="remove `const` from its declaration",
                notes=[("declared here", symbol.span)],
            )
        if symbol.unique in self._counters:
            raise fail("E0308", stmt.span, name=name)
        return typed.Name(symbol.type, symbol.name, symbol.unique, stmt.target.span)

    # ------------------------------------------------------------------------------------------ control flow

    def _if(self, stmt: ast.If) -> typed.If:
        condition = self.expressions.converted(stmt.condition, Type.BOOL)
        otherwise = self._nested(stmt.otherwise) if stmt.otherwise is not None else ()
        return typed.If(condition, self._nested(stmt.then), otherwise, stmt.span)

    def _while(self, stmt: ast.While) -> typed.While:
        condition = self.expressions.converted(stmt.condition, Type.BOOL)
        self._loops += 1
        body = self._nested(stmt.body)
        self._loops -= 1
        return typed.While(condition, body, stmt.span)

    def _for(self, stmt: ast.For) -> typed.For:
        with self.scopes:
            init = self._for_init(stmt)
            if stmt.condition is None:
                raise fail("E0307", stmt.span, what="this loop has no condition")
            condition = self.expressions.converted(stmt.condition, Type.BOOL)
            step = self._for_step(stmt, init)
            self._loops += 1
            self._counters.append(init.symbol)
            body = self._nested(stmt.body)
            self._counters.pop()
            self._loops -= 1
            return typed.For(init, condition, step, body, stmt.span)

    def _for_init(self, stmt: ast.For) -> typed.Declare:
        init = stmt.init
        if not (isinstance(init, ast.Compound) and len(init.body) == 1 and isinstance(init.body[0], ast.Declaration)):
            raise fail(
                "E0307", stmt.span if init is None else init.span, what="this loop does not declare one variable"
            )
        declared = self._declaration(init.body[0])
        if not declared.type.is_integer or declared.value is None:
            raise fail("E0307", init.span, what="the loop variable is not an integer with a first value")
        return declared

    def _for_step(self, stmt: ast.For, init: typed.Declare) -> typed.Assign:
        step = stmt.step
        if not isinstance(step, ast.Assignment):
            raise fail("E0307", stmt.span if step is None else step.span, what="this loop does not step its variable")
        checked = self._assignment(_as_compound(step))
        constant = isinstance(checked.value, typed.Literal) and checked.value.type.is_integer
        if checked.target.symbol != init.symbol or checked.op not in ("+=", "-=") or not constant:
            raise fail("E0307", step.span, what=f"this does not step `{init.name}` by a constant")
        assert isinstance(checked.value, typed.Literal)
        if checked.value.value == 0:
            raise fail("E0307", step.span, what="a step of 0 never ends")
        return checked


def _check_braces(stmt: ast.Declaration, value: typed.Expr, kind: Type) -> None:
    """`T x{value}` allows no narrowing ([init.braces])."""
    if not stmt.braced or value.type is kind or value.type is Type.BOOL:
        return
    widens = (value.type, kind) == (Type.INT, Type.INT64)
    if isinstance(value, typed.Literal):
        widens = (
            kind is not Type.BOOL
            and convert(value, kind) == typed.Literal(kind, value.value)
            and (value.type is not Type.DOUBLE)
        )
    if not widens:
        raise fail(
            "E0302",
            value.span,
            op="{}",
            types=f"{value.type.value} for a {kind.value}",
            fix=f"write `{stmt.name} = ...`, or convert with static_cast",
        )


def _as_compound(step: ast.Assignment) -> ast.Assignment:
    """`i = i + c` as `i += c`."""
    match step:
        case ast.Assignment(ast.Name(path), "=", ast.Binary("+" | "-" as op, ast.Name(other), value)) if path == other:
            return ast.Assignment(step.target, f"{op}=", value, step.span)
    return step
