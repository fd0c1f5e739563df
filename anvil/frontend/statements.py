"""Types of statements: declarations, assignments, control flow, the form of loops ([stmt])."""

from __future__ import annotations

from anvil.diagnostics import Stop, fail
from anvil.fold import evaluate
from anvil.frontend import ast, typed
from anvil.frontend.calls import default_object
from anvil.frontend.conversions import common, convert, promoted
from anvil.frontend.desugar import lower_expression
from anvil.frontend.expressions import ExpressionChecker
from anvil.frontend.lambdas import declare_lambda
from anvil.frontend.resolve import walk
from anvil.frontend.scope import Scopes, Silent, Symbol
from anvil.span import NOWHERE
from anvil.types import Type


class StatementChecker:
    """Checks the body of one function that returns `result`; None where a lambda's first `return` decides.

    With `one_type` all `return`s have the same type, as where C++ deduces the result.
    """

    def __init__(
        self, scopes: Scopes, expressions: ExpressionChecker, result: typed.AnyType | None, one_type: bool = False
    ) -> None:
        self.scopes = scopes
        self.context = scopes.context
        self.expressions = expressions
        self.result = result
        self._one_type = one_type
        self._returned: typed.AnyType | None = None
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
                return self._declaration(stmt)
            case ast.Compound():
                if stmt.transparent:
                    return self.block(stmt.body)
                return (typed.Scope(self._nested(stmt), stmt.span),)
            case ast.Assignment():
                return (self._assignment(stmt),)
            case ast.ExprStatement():
                return (self._call_statement(stmt),)
            case ast.If():
                return (self._if(stmt),)
            case ast.For():
                return (self._for(stmt),)
            case ast.While():
                return (self._while(stmt),)
            case ast.Switch():
                return (self._switch(stmt),)
            case ast.Break() | ast.Continue():
                if not self._loops:
                    what = "`break`" if isinstance(stmt, ast.Break) else "`continue`"
                    raise fail("E0113", stmt.span, what=f"{what} outside a loop", fix="remove it")
                return (typed.Break(stmt.span) if isinstance(stmt, ast.Break) else typed.Continue(stmt.span),)
            case ast.Return():
                return (self._return(stmt),)

    def _root(self, expr: ast.Expr, kind: typed.AnyType | None) -> typed.Expr:
        """The whole value of a statement, where a call may change its object; converted unless `kind` is None."""
        outer, self.expressions.root = self.expressions.root, expr
        try:
            return self.expressions.value(expr) if kind is None else self.expressions.converted(expr, kind)
        finally:
            self.expressions.root = outer

    def _condition(self, expr: ast.Expr) -> typed.Expr:
        return self.expressions.to(self.expressions.value(expr), Type.BOOL)

    # ------------------------------------------------------------------------------------------ declarations

    def _declaration(self, stmt: ast.Declaration) -> typed.Block:
        previous = self.scopes.innermost(stmt.name)
        if previous is not None:
            raise fail("E0202", stmt.name_span, name=stmt.name, notes=[("first declared here", previous.span)])
        if isinstance(stmt.value, ast.Lambda):
            return declare_lambda(stmt, stmt.value, self.expressions)
        if stmt.type.text == "auto":
            return (self._auto(stmt),)
        unique = self.scopes.unique(stmt.name)
        try:
            kind = self.expressions.type_of(stmt.type)
        except Stop:
            self.scopes.declare(Symbol(stmt.name, unique, None, stmt.constant, stmt.name_span))
            raise
        # As in C++ the name is in scope in its own initialiser.
        self.scopes.declare(Symbol(stmt.name, unique, kind, stmt.constant, stmt.name_span))
        value = self._initial_value(stmt, kind)
        if stmt.compile_time and value is not None:
            value = self._known(stmt, value)
        if stmt.constant and isinstance(value, typed.Literal):
            self.scopes.declare(Symbol(stmt.name, unique, kind, True, stmt.name_span, value.value))
        return (typed.Declare(kind, stmt.name, unique, value, stmt.constant, stmt.span),)

    def _initial_value(self, stmt: ast.Declaration, kind: typed.AnyType) -> typed.Expr | None:
        if stmt.value is not None:
            return self._root(stmt.value, kind)
        if stmt.constant:
            raise fail("E0113", stmt.span, what="a constant without a value", fix=f"write `{stmt.name} = value`")
        if isinstance(kind, typed.ClassType):
            return default_object(self.expressions, self.context.classes[kind.name], stmt.span)
        return None

    def _known(self, stmt: ast.Declaration, value: typed.Expr) -> typed.Literal:
        """The value of a `constexpr`."""
        queries = any(isinstance(node, typed.QueryCall) for node in walk(value))
        scalar = not isinstance(value.type, typed.ClassType)
        known = evaluate(lower_expression(value), {}) if scalar and not queries else None
        if known is None:
            raise fail(
                "E0311", value.span, what=f"the value of `{stmt.name}`", fix="write `const` instead of `constexpr`"
            )
        return typed.Literal(value.type, known.value, value.span)

    def _auto(self, stmt: ast.Declaration) -> typed.Declare:
        unique = self.scopes.unique(stmt.name)
        self.scopes.declare(Symbol(stmt.name, unique, None, stmt.constant, stmt.name_span))
        if stmt.value is None:
            raise fail("E0113", stmt.span, what="`auto` without a value", fix="write the type, or give a value")
        single = isinstance(stmt.value, ast.BraceList) and stmt.value.callee is None and len(stmt.value.items) == 1
        expr = stmt.value.items[0] if single and isinstance(stmt.value, ast.BraceList) else stmt.value
        value = self._root(expr, None)
        if stmt.compile_time:
            value = self._known(stmt, value)
        if value.type is Type.VOID:
            raise fail(
                "E0305", stmt.value.span, what="a call without a result", fix="call it in a statement of its own"
            )
        known = value.value if stmt.constant and isinstance(value, typed.Literal) else None
        self.scopes.declare(Symbol(stmt.name, unique, value.type, stmt.constant, stmt.name_span, known))
        return typed.Declare(value.type, stmt.name, unique, value, stmt.constant, stmt.span)

    def _assignment(self, stmt: ast.Assignment) -> typed.Assign:
        target = self.expressions.place(stmt.target)
        if isinstance(target, typed.Name) and target.symbol in self._counters:
            raise fail("E0308", stmt.span, name=target.name)
        if stmt.op == "=":
            return typed.Assign(target, "=", self._root(stmt.value, target.type), target.type, stmt.span)
        if stmt.value == ast.Number("1") and stmt.value.span == NOWHERE and target.type is Type.BOOL:
            raise fail("E0302", stmt.span, op=stmt.op[0] * 2, types="bool", fix="assign true or false")
        op = stmt.op[:-1]
        _, left = self.expressions.arithmetic(target, stmt.op, stmt.span)
        value, right = self.expressions.arithmetic(self.expressions.value(stmt.value), stmt.op, stmt.span)
        result = self.expressions.operation(op, target, value, stmt.span)
        self.expressions.to(result, target.type)
        if op in ("<<", ">>"):
            operation, value = promoted(left), convert(value, promoted(right))
        else:
            operation = common(left, right)
            value = convert(value, operation)
        return typed.Assign(target, stmt.op, value, operation, stmt.span)

    def _call_statement(self, stmt: ast.ExprStatement) -> typed.Stmt:
        value = self._root(stmt.value, None)
        if isinstance(value, typed.MethodCall | typed.FunctionCall):
            return typed.CallStatement(value, stmt.span)
        raise fail("E0312", stmt.span)

    def _return(self, stmt: ast.Return) -> typed.Return:
        if self.result is Type.VOID:
            if stmt.value is not None:
                raise fail(
                    "E0113",
                    stmt.span,
                    what="`return` with a value in a function without a result",
                    fix="remove the value",
                )
            return typed.Return(None, stmt.span)
        if stmt.value is None:
            wanted = self.result.value if self.result is not None else "value"
            raise fail("E0113", stmt.span, what="`return` without a value", fix=f"return a {wanted}")
        value = self._root(stmt.value, None if self._one_type else self.result)
        if self._one_type:
            value = self._of_one_type(value, stmt)
        return typed.Return(value, stmt.span)

    def _of_one_type(self, value: typed.Expr, stmt: ast.Return) -> typed.Expr:
        self._returned = self._returned or value.type
        if value.type != self._returned:
            what = f"the lambda returns `{value.type.value}` here and `{self._returned.value}` before"
            raise fail("E0318", stmt.span, what=what, fix="name its result, such as `[&](double x) -> double { ... }`")
        return value if self.result is None else self.expressions.to(value, self.result)

    # ------------------------------------------------------------------------------------------ control flow

    def _if(self, stmt: ast.If) -> typed.If:
        condition = self._condition(stmt.condition)
        otherwise = self._nested(stmt.otherwise) if stmt.otherwise is not None else ()
        return typed.If(condition, self._nested(stmt.then), otherwise, stmt.span)

    def _while(self, stmt: ast.While) -> typed.While:
        condition = self._condition(stmt.condition)
        self._loops += 1
        body = self._nested(stmt.body)
        self._loops -= 1
        return typed.While(condition, body, stmt.span)

    def _switch(self, stmt: ast.Switch) -> typed.Switch:
        value = self.expressions.value(stmt.value)
        kind = value.type
        if not isinstance(kind, typed.EnumType):
            _, scalar = self.expressions.arithmetic(value, "switch", stmt.value.span)
            kind = promoted(scalar)
            if not kind.is_integer:
                raise fail(
                    "E0302", stmt.value.span, op="switch", types=kind.value, fix="switch on an integer or an enum"
                )
            value = convert(value, kind)
        cases: list[typed.Case] = []
        seen: set[int] = set()
        for place, case in enumerate(stmt.cases):
            last = place == len(stmt.cases) - 1
            cases.append(self._case(case, kind, seen, last, any(c.default for c in cases)))
        return typed.Switch(value, tuple(cases), stmt.span)

    def _case(self, case: ast.Case, kind: typed.AnyType, seen: set[int], last: bool, has_default: bool) -> typed.Case:
        labels: list[int] = []
        for label in case.labels:
            if label is None:
                if has_default or case.labels.count(None) > 1:
                    raise fail("E0317", case.span, what="a second `default`", fix="keep one of them")
                continue
            value = self.expressions.value(label)
            if value.type is Type.DOUBLE:
                raise fail("E0317", label.span, what="a label that is a double", fix="write an integer")
            known = evaluate(lower_expression(self.expressions.to(value, kind)), {})
            given = evaluate(lower_expression(value), {})
            if known is not None and given is not None and known.value != given.value:
                what = f"a label that does not fit into {kind.value}"
                raise fail("E0317", label.span, what=what, fix="write a value of the type that is switched on")
            if known is None:
                raise fail("E0311", label.span, what="the label of a case", fix="write a number or an enumerator")
            if int(known.value) in seen:
                raise fail("E0317", label.span, what="two cases have the same label", fix="remove one of them")
            seen.add(int(known.value))
            labels.append(int(known.value))
        return typed.Case(tuple(labels), None in case.labels, self._case_body(case, last), case.span)

    def _case_body(self, case: ast.Case, last: bool) -> typed.Block:
        """The statements of a case without the `break` that ends it."""
        body = case.body
        if len(body) == 1 and isinstance(body[0], ast.Compound) and not body[0].transparent:
            body = body[0].body
        ends = bool(body) and _leaves(body[-1])
        if not ends and not last:
            raise fail(
                "E0317", case.span, what="this case falls through to the next", fix="end it with `break;` or `return`"
            )
        if body and isinstance(body[-1], ast.Break):
            body = body[:-1]
        for stmt in body:
            inner = _break_of_switch(stmt)
            if inner is not None:
                raise fail(
                    "E0317",
                    inner.span,
                    what="a `break` inside a case leaves the switch",
                    fix="turn the condition around, so that `break` ends the case",
                )
        with self.scopes:
            return self.block(body)

    def _for(self, stmt: ast.For) -> typed.For:
        with self.scopes:
            init = self._for_init(stmt)
            if stmt.condition is None:
                raise fail("E0307", stmt.span, what="this loop has no condition")
            condition = self._condition(stmt.condition)
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
        (declared,) = self._declaration(init.body[0])
        integer = isinstance(declared, typed.Declare) and isinstance(declared.type, Type) and declared.type.is_integer
        if not (isinstance(declared, typed.Declare) and integer and declared.value is not None):
            raise fail("E0307", init.span, what="the loop variable is not an integer with a first value")
        return declared

    def _for_step(self, stmt: ast.For, init: typed.Declare) -> typed.Assign:
        step = stmt.step
        if not isinstance(step, ast.Assignment):
            raise fail("E0307", stmt.span if step is None else step.span, what="this loop does not step its variable")
        checked = self._assignment(_as_compound(step))
        value, target = checked.value, checked.target
        constant = isinstance(value, typed.Literal) and isinstance(value.type, Type) and value.type.is_integer
        same = isinstance(target, typed.Name) and target.symbol == init.symbol
        if not same or checked.op not in ("+=", "-=") or not constant:
            raise fail("E0307", step.span, what=f"this does not step `{init.name}` by a constant")
        assert isinstance(value, typed.Literal)
        if value.value == 0:
            raise fail("E0307", step.span, what="a step of 0 never ends")
        return checked


def _leaves(stmt: ast.Stmt) -> bool:
    """Whether a statement never runs into the one after it."""
    match stmt:
        case ast.Break() | ast.Continue() | ast.Return():
            return True
        case ast.Compound():
            return bool(stmt.body) and _leaves(stmt.body[-1])
        case ast.If():
            return stmt.otherwise is not None and _leaves(stmt.then) and _leaves(stmt.otherwise)
    return False


def _break_of_switch(stmt: ast.Stmt | None) -> ast.Stmt | None:
    """A `break` in a statement that belongs to the switch around it."""
    match stmt:
        case ast.Break():
            return stmt
        case ast.Compound():
            return next((b for s in stmt.body if (b := _break_of_switch(s)) is not None), None)
        case ast.If():
            return _break_of_switch(stmt.then) or _break_of_switch(stmt.otherwise)
    return None


def _as_compound(step: ast.Assignment) -> ast.Assignment:
    """`i = i + c` as `i += c`."""
    match step:
        case ast.Assignment(ast.Name(path), "=", ast.Binary("+" | "-" as op, ast.Name(other), value)) if path == other:
            return ast.Assignment(step.target, f"{op}=", value, step.span)
    return step
