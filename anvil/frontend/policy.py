"""Policy blocks: heuristics written as statements that configure a store and set lambdas ([policy]).

    store_cfg.add_listeners(count, {vulcan::listeners::object::EWMA({0.25})});
    rank_config.set_scoring_fn([&](const vulcan::feature_store& fs, int64_t obj_id) -> double { ... });

They become the functions that the template asks for, and a `configure`.
"""

from __future__ import annotations

from anvil.diagnostics import Stop, fail
from anvil.frontend import ast
from anvil.frontend.scope import Context
from anvil.interface import EntryPoint

_SETTERS = {"set_value_fn": "value", "set_scoring_fn": "rank"}
_CHOICES = {
    "set_comparator": ("vulcan::min", "vulcan::max"),
    "set_sorting_function": ("vulcan::rank::FullSort", "vulcan::rank::SampleSort", "vulcan::rank::IncrementalSort"),
}


def policy_functions(file: ast.File, context: Context) -> ast.File:
    """The file with the statements and lambdas of its policy blocks as functions; faults go to the context."""
    items: list[ast.Item] = []
    listeners: list[ast.Stmt] = []
    for item in file.items:
        try:
            if isinstance(item, ast.ExprStatement):
                found = _statement(item, context)
                items += found if isinstance(found, list) else []
                listeners += [found] if isinstance(found, ast.ExprStatement) else []
            elif isinstance(item, ast.Declaration) and isinstance(item.value, ast.Lambda):
                items.append(_function(item.name, item.value, context, item))
            else:
                items.append(item)
        except Stop as stop:
            context.report(stop)
    if listeners:
        items.insert(0, _configure(listeners))
    return ast.File(tuple(items))


def _statement(item: ast.ExprStatement, context: Context) -> list[ast.Item] | ast.ExprStatement:
    """A function for a setter, the statement itself where it attaches listeners, nothing for a choice."""
    call = item.value
    assert isinstance(call, ast.Call)
    method = call.callee.text
    if method == "add_listeners":
        return item
    if method in _SETTERS and len(call.args) == 1 and isinstance(call.args[0], ast.Lambda):
        entry = _entry(_SETTERS[method], item, context)
        return [_function(entry.name, call.args[0], context, item)]
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


def _function(name: str, node: ast.Lambda, context: Context, item: ast.Item) -> ast.Function:
    for capture in node.captures:
        if capture.name:
            fix = "constants of the file are visible without a capture"
            raise fail("E0318", capture.span, what=f"there is no variable `{capture.name}` to capture here", fix=fix)
    result = node.result or ast.TypeName(("double",), span=node.span)
    return ast.Function(result, name, node.params, node.body, name_span=node.span, span=item.span)


def _configure(listeners: list[ast.Stmt]) -> ast.Function:
    """A `configure` that holds the statements; each names its own configuration object."""
    span = listeners[0].span
    config = ast.Param(ast.TypeName(("vulcan", "config"), reference=True, span=span), "", (), span)
    body = ast.Compound(tuple(listeners), False, span)
    return ast.Function(ast.TypeName(("void",), span=span), "configure", (config,), body, name_span=span, span=span)
