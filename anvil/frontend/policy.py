"""Policy blocks: heuristics written as statements that configure a store and set lambdas ([policy]).

    store_cfg.add_listeners(count, {vulcan::listeners::object::EWMA({0.25})});
    rank_config.set_scoring_fn([&](const vulcan::feature_store& fs, int64_t obj_id) -> double { ... });

They become the functions that the template asks for, and a `configure`. C++ sees a block in the body of a function;
vulcan/policy_block.hpp has the types of the configurations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from anvil.diagnostics import Stop, fail
from anvil.frontend import ast
from anvil.frontend.configure import ANY_CONFIG
from anvil.frontend.scope import Context
from anvil.interface import EntryPoint, Interface
from anvil.span import Span

_SETTERS = {"set_value_fn": "value", "set_scoring_fn": "rank"}
_CHOICES = {
    "set_comparator": ("vulcan::min", "vulcan::max"),
    "set_sorting_function": ("vulcan::rank::FullSort", "vulcan::rank::SampleSort", "vulcan::rank::IncrementalSort"),
}


@dataclass(frozen=True, slots=True)
class LambdaFunction(ast.Function):
    """A lambda of the file as the function that it is; `captures` is None where it captures whatever it uses.

    With `one_type` it does not name its result: C++ deduces it from returns of one type. So does Anvil where it is
    `deduced`; an entry point returns what the template says. `is_variable` where C++ knows it by its name; then
    `in_body` tells whether as a local variable.
    """

    captures: frozenset[str] | None = None
    one_type: bool = False
    deduced: bool = False
    is_variable: bool = True
    in_body: bool = False


def is_block(file: ast.File, interface: Interface | None) -> bool:
    """Whether C++ takes the whole file as the body of a function, since parts of it stand only there.

    Where the file defines functions, those parts alone make up the body, and all else stands before it.
    """
    if any(isinstance(item, ast.Function) and not item.external for item in file.items):
        return False
    return any(only_in_body(item, interface) for item in file.items)


def only_in_body(item: ast.Item, interface: Interface | None) -> bool:
    """Whether C++ takes an item only in a function's body: statements, lambdas that capture or are entry points."""
    match item:
        case ast.Declaration(name=name, value=ast.Lambda(captures=captures)):
            return bool(captures) or (interface is not None and interface.entry(name) is not None)
    return isinstance(item, ast.ExprStatement)


def policy_functions(file: ast.File, context: Context) -> ast.File:
    """The file with the statements and lambdas of its policy blocks as functions; faults go to the context."""
    items: list[ast.Item] = []
    listeners: list[ast.Stmt] = []
    block = _Block(file, context)
    for item in file.items:
        try:
            block.declare(item)
            if isinstance(item, ast.ExprStatement):
                found = _statement(item, block)
                items += found if isinstance(found, list) else []
                listeners += [found] if isinstance(found, ast.ExprStatement) else []
            elif isinstance(item, ast.Declaration) and isinstance(item.value, ast.Lambda):
                items.append(block.variable(item, item.value))
            else:
                items.append(item)
        except Stop as stop:
            context.report(stop)
    if listeners:
        items.insert(0, _configure(listeners))
    return ast.File(tuple(items))


class _Block:
    """What C++ has declared at an item of the file."""

    def __init__(self, file: ast.File, context: Context) -> None:
        self.context = context
        self._configs = {_receiver(item) for item in file.items if isinstance(item, ast.ExprStatement)}
        self._names: set[str] = set()
        self._lambdas: set[str] = set()
        self._variables: set[str] = set()
        """Those of the body, which can be captured."""

    def declare(self, item: ast.Item) -> None:
        """Raises Stop where C++ has another meaning for the name of an item."""
        if not isinstance(item, ast.Declaration | ast.Function | ast.Class | ast.Enum):
            return
        is_lambda = isinstance(item, ast.Declaration) and isinstance(item.value, ast.Lambda)
        if isinstance(item, ast.Declaration) and is_lambda and item.type.text != "auto":
            raise fail("E0318", item.span, what="a lambda has no type to name", fix=f"write `auto {item.name} = ...`")
        if item.name in self._configs or item.name in (self._names if is_lambda else self._lambdas):
            raise fail("E0202", item.name_span, name=item.name)
        self._names.add(item.name)
        if is_lambda:
            self._lambdas.add(item.name)
        if isinstance(item, ast.Declaration) and self.context.in_body(item):
            self._variables.add(item.name)

    def variable(self, item: ast.Declaration, node: ast.Lambda) -> ast.Function:
        """The function that a lambda with a name is."""
        interface = self.context.interface
        is_entry = interface is not None and interface.entry(item.name) is not None
        function = self.function(item.name, node, item.span)
        return replace(function, deduced=node.result is None and not is_entry, in_body=self.context.in_body(item))

    def function(self, name: str, node: ast.Lambda, span: Span) -> LambdaFunction:
        """The function that a lambda is."""
        for capture in node.captures:
            if capture.name and capture.name not in self._variables:
                what = f"there is no variable `{capture.name}` to capture here"
                raise fail("E0318", capture.span, what=what, fix="constants of the file are visible without a capture")
        named = None if any(not c.name for c in node.captures) else frozenset(c.name for c in node.captures)
        function = LambdaFunction(
            node.result or ast.TypeName(("double",), span=node.span),
            name,
            node.params,
            node.body,
            name_span=node.span,
            span=span,
        )
        return replace(function, captures=named, one_type=node.result is None)


def _receiver(item: ast.ExprStatement) -> str:
    """The configuration that a statement of the block is about."""
    call = item.value
    assert isinstance(call, ast.Call) and isinstance(call.receiver, ast.Name)
    return call.receiver.text


def _statement(item: ast.ExprStatement, block: _Block) -> list[ast.Item] | ast.ExprStatement:
    """A function for a setter, the statement itself where it attaches listeners, nothing for a choice."""
    call = item.value
    assert isinstance(call, ast.Call)
    method, config = call.callee.text, _receiver(item)
    if "::" in config or (block.context.interface and config in block.context.interface.signals):
        raise fail("E0406", item.span, what=f"`{config}` is no configuration", fix="name it as in the task's template")
    if method == "add_listeners":
        return item
    if method in _SETTERS and len(call.args) == 1 and isinstance(call.args[0], ast.Lambda):
        entry = _entry(_SETTERS[method], item, block.context)
        return [replace(block.function(entry.name, call.args[0], item.span), is_variable=False)]
    if method in _CHOICES and len(call.args) == 1 and isinstance(call.args[0], ast.Name):
        if call.args[0].text not in _CHOICES[method]:
            known = ", ".join(_CHOICES[method])
            raise fail(
                "E0406", call.args[0].span, what=f"`{call.args[0].text}` is not known here", fix=f"one of {known}"
            )
        return []
    fix = "statements of a policy block are add_listeners, " + ", ".join([*_SETTERS, *_CHOICES])
    raise fail("E0406", item.span, what=f"`{method}` is not known here", fix=fix)


def _entry(kind: str, item: ast.ExprStatement, context: Context) -> EntryPoint:
    entries = () if context.interface is None else context.interface.entries
    found = next((entry for entry in entries if entry.kind == kind), None)
    if found is None:
        raise (
            fail("E0408", item.span)
            if context.interface is None
            else fail(
                "E0406", item.span, what=f"the template has no {kind} function", fix="set the function that it asks for"
            )
        )
    return found


def _configure(listeners: list[ast.Stmt]) -> ast.Function:
    """A `configure` that holds the statements; each names its own configuration object."""
    span = listeners[0].span
    config = ast.Param(ast.TypeName(("vulcan", "config"), reference=True, span=span), ANY_CONFIG, (), span)
    body = ast.Compound(tuple(listeners), False, span)
    return ast.Function(ast.TypeName(("void",), span=span), "configure", (config,), body, name_span=span, span=span)
