"""Surface AST to typed AST: file level, functions in order, entry points of the template."""

from __future__ import annotations

from dataclasses import replace

from anvil.builtins import BUILTINS
from anvil.diagnostics import Diagnostic, Stop, diagnostic, fail
from anvil.fold import evaluate
from anvil.frontend import ast, typed
from anvil.frontend.classes import declare_class, declare_enum
from anvil.frontend.configure import attachments, is_configure
from anvil.frontend.contracts import POST, PRE, contracts_of
from anvil.frontend.desugar import lower_expression
from anvil.frontend.expressions import ExpressionChecker
from anvil.frontend.functions import FunctionSource, check_body, signature_of
from anvil.frontend.lambdas import deduced_result
from anvil.frontend.library import check_names
from anvil.frontend.policy import LambdaFunction, is_block, only_in_body, policy_functions
from anvil.frontend.resolve import callees_first, undefined
from anvil.frontend.scope import Context, Hidden, Scopes, Silent, Symbol
from anvil.interface import EntryPoint, Interface
from anvil.span import NOWHERE
from anvil.types import Type


def check_file(file: ast.File, interface: Interface | None) -> tuple[typed.Module | None, tuple[Diagnostic, ...]]:
    """The typed module, or None with what is wrong."""
    whole = is_block(file, interface)
    context = Context(interface, in_body=lambda item: whole or only_in_body(item, interface))
    context.found += check_names(file)
    file = policy_functions(file, context)
    bodies = [item for item in file.items if isinstance(item, ast.Function) and item.body is not None]
    named = [function for function in bodies if not isinstance(function, LambdaFunction) or function.is_variable]
    context.later_functions = frozenset(function.name for function in named)
    for function in bodies:
        if is_configure(function):
            context.attachments += attachments(function, context)
    declared = _Declarations(context)
    for item in file.items:
        try:
            declared.add(item)
        except Stop as stop:
            context.report(stop)
        except Silent:
            pass
    if context.found:
        return None, tuple(context.found)
    return _module(context, declared, bodies)


def _module(
    context: Context, declared: _Declarations, bodies: list[ast.Function]
) -> tuple[typed.Module | None, tuple[Diagnostic, ...]]:
    functions = context.checked
    missing_bodies = undefined(functions, (extern.name for extern in declared.externs))
    if missing_bodies:
        return None, tuple(missing_bodies)
    ordered, recursion = callees_first(functions)
    entries, missing = _entries(functions, bodies, context.interface)
    if recursion or missing:
        return None, (*recursion, *missing)
    types = tuple(declared.types)
    constants, externs = tuple(declared.constants), tuple(declared.externs)
    return typed.Module(context.interface, context.attachments, constants, ordered, entries, types, externs), ()


class _Declarations:
    """Checks the items of a file in order and keeps what they declare."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.constants: list[typed.Constant] = []
        self.types: list[typed.EnumType | typed.ClassType] = []
        self.externs: list[typed.Extern] = []
        self._variables: set[str] = set()
        self._set: set[str] = set()
        """Entry points that a setter defines."""

    def add(self, item: ast.Item) -> None:
        """Checks one item; raises Stop or Silent for a fault that ends it."""
        self._context.hidden = self._hidden_from(item)
        match item:
            case ast.Declaration():
                self.constants.append(_constant(item, self._context))
                if self._context.in_body(item):
                    self._variables.add(item.name)
            case ast.Enum():
                self.types.append(declare_enum(item, self._context))
            case ast.Class():
                self.types.append(declare_class(item, self._context).type)
            case ast.Function():
                if not is_configure(item):
                    self._function(item)
            case _:
                raise fail(
                    "E0113", item.span, what="this declaration", fix="a program holds constants, types and functions"
                )

    def _hidden_from(self, item: ast.Item) -> Hidden | None:
        """The variables of a policy block that C++ does not let an item of the file use."""
        variables = frozenset(self._variables)
        if isinstance(item, LambdaFunction):
            names = variables - (variables if item.captures is None else item.captures)
            what = "`{name}` is used in the lambda, but not captured"
            return Hidden(names, item.name_span, what, "capture it: `[{name}]`, or everything: `[=]`")
        if isinstance(item, ast.Class | ast.Function):
            what = "`{name}` is a variable of the policy block, which C++ hides from functions and classes"
            return Hidden(variables, item.name_span, what, "pass what is needed as an argument")
        return None

    def _function(self, item: ast.Function) -> None:
        context = self._context
        _check_contracts(item)
        _check_new_name(item.name, item, context)
        if item.name in self._set:
            raise fail("E0202", item.name_span, name=item.name)
        known = context.functions.setdefault(item.name, [])
        signature = signature_of(item, context, item.name)
        earlier = next(
            (s for s in known if s.params == signature.params and s.takes_store is signature.takes_store), None
        )
        if earlier is None:
            symbol = context.unique(item.name)
            signature = signature_of(item, context, symbol)
            known.append(signature)
        else:
            signature = earlier
            defined = any(f.unique == signature.symbol and f.owner is None for f in context.checked)
            if item.body is None or defined:
                raise fail("E0202", item.name_span, name=item.name, notes=[("first declared here", earlier.span)])
        if item.body is None:
            if item.external:
                self.externs.append(_extern(item, context))
            return
        source = FunctionSource(item.params, item.body, item.name_span, (), item.attributes)
        if not isinstance(item, LambdaFunction):
            check_body(source, signature, context)
            return
        function = check_body(source, signature, context, one_type=item.one_type, deduced=item.deduced)
        if item.deduced:
            result = deduced_result(function.body)
            context.checked[-1] = replace(function, result=result)
            known[-1] = replace(signature, result=result)
        if not item.is_variable:
            del context.functions[item.name]  # what a setter takes has no name
            self._set.add(item.name)
        elif item.in_body:
            self._variables.add(item.name)


def _check_contracts(item: ast.Function) -> None:
    """A promise that nobody keeps must not look as if it held."""
    for attribute in item.attributes:
        known = (PRE, POST, "anvil::cost", "anvil::pure") if item.external else (PRE, POST)
        if attribute.name.startswith("anvil::") and attribute.name not in known:
            fix = "extern functions take pre, post, cost and pure" if item.external else "functions take pre and post"
            raise fail("E0114", attribute.span, what=f"`{attribute.name}` on this function", fix=fix)


def _extern(item: ast.Function, context: Context) -> typed.Extern:
    """A function of the host."""
    checker = ExpressionChecker(Scopes(context), None)
    params: list[typed.Param] = []
    for param in item.params:
        kind = checker.type_of(param.type)
        if isinstance(kind, typed.ClassType) or param.type.reference:
            raise fail(
                "E0114", param.span, what="an extern function with a parameter that is no scalar", fix="pass scalars"
            )
        params.append(typed.Param(kind, param.name, param.name or f"p{len(params)}"))
    result = checker.type_of(item.result)
    if not isinstance(result, Type):
        raise fail(
            "E0114", item.result.span, what="an extern function whose result is no scalar", fix="return a scalar"
        )
    if len(context.functions[item.name]) > 1:
        raise fail("E0202", item.name_span, name=item.name)
    if item.name.startswith(("anvil_", "vk_")) or (context.interface and context.interface.entry(item.name)):
        raise fail("E0203", item.name_span, name=item.name, what="a name of the compiled code itself")
    names = {attribute.name for attribute in item.attributes}
    cost = next((a.args[0] for a in item.attributes if a.name == "anvil::cost" and a.args), None)
    known = None if cost is None else evaluate(lower_expression(checker.to(checker.value(cost), Type.INT)), {})
    price = 0 if known is None else max(0, int(known.value))
    kinds: dict[str, typed.AnyType] = {param.symbol: param.type for param in params}
    pre = contracts_of(item.attributes, PRE, kinds, context)
    post = contracts_of(item.attributes, POST, {**kinds, "result": result}, context)
    return typed.Extern(item.name, result, tuple(params), "anvil::pure" in names, price, item.name_span, pre, post)


def _constant(item: ast.Declaration, context: Context) -> typed.Constant:
    _check_new_name(item.name, item, context)
    # Until its value is known: uses of a faulty constant are not reported again.
    context.constants[item.name] = Symbol(item.name, item.name, None, True, item.name_span)
    if not item.constant or item.value is None:
        raise fail("E0114", item.span, what="a global variable", fix="make it `constexpr`, or keep state in a listener")
    checker = ExpressionChecker(Scopes(context), None)
    if item.type.text == "auto":
        value = checker.value(item.value)
    else:
        value = checker.converted(item.value, checker.type_of(item.type))
    known = None if isinstance(value.type, typed.ClassType) else evaluate(lower_expression(value), {})
    if known is None:
        raise fail("E0311", item.value.span, what=f"the value of `{item.name}`", fix="write a number")
    context.constants[item.name] = Symbol(item.name, item.name, value.type, True, item.name_span, known.value)
    return typed.Constant(value.type, item.name, known.value, item.span)


def _check_new_name(name: str, item: ast.Declaration | ast.Function, context: Context) -> None:
    what = ""
    if name in BUILTINS:
        what = "a built-in function"
    elif context.interface and name in context.interface.signals:
        what = "a signal of the template"
    elif name in ("main", "configure"):
        what = "a name with a meaning of its own"
    if what:
        raise fail("E0203", item.name_span, name=name, what=what)
    taken = name in context.constants or name in context.classes or name in context.enums
    taken = taken or context.enumerator(name) is not None
    if taken or (isinstance(item, ast.Declaration) and name in context.functions):
        raise fail("E0202", item.name_span, name=name)


def _entries(
    functions: list[typed.Function], bodies: list[ast.Function], interface: Interface | None
) -> tuple[tuple[EntryPoint, ...], list[Diagnostic]]:
    if interface is None:
        return (), []
    found: list[EntryPoint] = []
    missing: list[Diagnostic] = []
    for entry in interface.entries:
        named = [f for f in functions if f.name == entry.name and f.owner is None]
        fitting = [f for f in named if f.store is not None and _kinds(f) == entry.params and f.result is entry.result]
        if any(f.unique == entry.name for f in fitting):
            found.append(entry)
        elif named:
            place = next(b.name_span for b in bodies if b.name == entry.name)
            missing.append(diagnostic("E0421", place, name=entry.name, form=signature(entry)))
        else:
            place = bodies[-1].name_span if bodies else NOWHERE
            missing.append(diagnostic("E0420", place, name=entry.name, form=signature(entry)))
    return tuple(found), missing


def _kinds(function: typed.Function) -> tuple[typed.AnyType, ...]:
    return tuple(param.type for param in function.params)


def signature(entry: EntryPoint) -> str:
    """The form that a template asks for."""
    params = ["const vulcan::store& fs", *(f"{kind.value} obj_id" for kind in entry.params)]
    return f"{entry.result.value} {entry.name}({', '.join(params)})"
