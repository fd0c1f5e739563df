"""Names that a file must leave to C++, so that it compiles as C++ and means the same ([name.library])."""

from __future__ import annotations

from collections.abc import Iterator

from anvil.builtins import BUILTINS
from anvil.diagnostics import Diagnostic, diagnostic
from anvil.frontend import ast
from anvil.frontend.library_names import GLOBALS, MACROS
from anvil.span import Span

_Named = Iterator[tuple[str, Span]]


def taken_everywhere(name: str) -> str:
    """What C++ takes a name for wherever it stands; empty where it does not."""
    if name in MACROS:
        return f"a macro of <{MACROS[name]}>, which C++ replaces wherever it stands"
    if name.startswith("__") or (name.startswith("_") and name[1:2].isupper()):
        return "of the form that C++ keeps for compilers and their headers"
    return "a keyword of g++" if name == "typeof" else ""


def taken_at_file_scope(name: str) -> str:
    """What C++ takes a name for in the global namespace; empty where it does not."""
    if name in GLOBALS and name not in BUILTINS:  # those are refused as built-ins
        return f"declared by <{GLOBALS[name]}>, which C++ puts in the global namespace"
    return taken_everywhere(name)


def free_name(name: str) -> str:
    """A name like that of a local variable, but one that a function of the file can have."""
    return f"{name}_" if name in BUILTINS or taken_at_file_scope(name) else name


def check_names(file: ast.File) -> list[Diagnostic]:
    """A finding for every name that C++ has taken."""
    found: list[Diagnostic] = []
    for item in file.items:
        linked = isinstance(item, ast.Function) and item.external
        own = [finding(name, span, taken_at_file_scope(name), linked) for name, span in _own_names(item)]
        inner = [finding(name, span, taken_everywhere(name)) for name, span in _inner_names(item)]
        found += [one for one in own + inner if one is not None]
    return found


def finding(name: str, span: Span, what: str, linked: bool = False) -> Diagnostic | None:
    """The finding for a name that is taken for `what`; a `linked` one is known to the host, so no edit renames it."""
    better = f"{name.strip('_')}_"
    return diagnostic("E0207", span, name=name, what=what, better=better, linked=linked) if what else None


def _own_names(item: ast.Item) -> _Named:
    """The names that an item declares in the scope in which it stands."""
    if isinstance(item, ast.Declaration | ast.Function | ast.Class | ast.Enum):
        yield item.name, item.name_span
    if isinstance(item, ast.Enum) and not item.scoped:
        yield from ((name, span) for name, _, span in item.enumerators)


def _inner_names(item: ast.Item) -> _Named:
    """The names that an item declares in scopes of its own."""
    match item:
        case ast.Function():
            yield from _of_function(item)
        case ast.Declaration(value=ast.Lambda() as value):
            yield from _of_function(value)
        case ast.Enum(scoped=True):
            yield from ((name, span) for name, _, span in item.enumerators)
        case ast.Class():
            yield from ((field.name, field.name_span) for field in item.fields)
            for method in item.methods:
                yield method.name, method.name_span
                yield from _of_function(method)
            for constructor in item.constructors:
                yield from _of_function(constructor)
        case ast.ExprStatement(value=ast.Call(args=args)):
            for arg in args:
                if isinstance(arg, ast.Lambda):
                    yield from _of_function(arg)


def _of_function(node: ast.Function | ast.Constructor | ast.Lambda) -> _Named:
    yield from ((param.name, param.span) for param in node.params)
    if node.body is not None:
        yield from _of_statement(node.body)


def _of_statement(stmt: ast.Stmt) -> _Named:
    match stmt:
        case ast.Declaration():
            yield stmt.name, stmt.name_span
            if isinstance(stmt.value, ast.Lambda):
                yield from _of_function(stmt.value)
            return
        case ast.Compound():
            parts = list(stmt.body)
        case ast.If():
            parts = [stmt.then, *([stmt.otherwise] if stmt.otherwise else [])]
        case ast.For():
            parts = [*([stmt.init] if stmt.init else []), stmt.body]
        case ast.While():
            parts = [stmt.body]
        case ast.Switch():
            parts = [part for case in stmt.cases for part in case.body]
        case _:
            return
    for part in parts:
        yield from _of_statement(part)
