"""What can be written at a place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anvil.builtins import BUILTINS
from anvil.lsp.analysis import Analysis
from anvil.lsp.hover import builtin_text, listener_form, listener_text, query_text, signal_text

_STATEMENTS = ("if", "else", "for", "while", "return", "break", "continue", "const", "constexpr", "auto")
_TYPES = ("double", "int64_t", "uint64_t", "int", "bool")


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal; `kind` is method, class, function, variable, constant, signal or keyword."""

    label: str
    kind: str
    detail: str = ""
    documentation: str = ""


def completions(analysis: Analysis, offset: int) -> list[Completion]:
    """The proposals for the name that ends at an offset, whatever part of it is written."""
    before = re.sub(r"\w*$", "", analysis.source[:offset]).rstrip()
    if _in_comment(analysis.source, offset):
        return []
    if before.endswith("."):
        receiver = re.search(r"(\w+)\s*\.$", before)
        return _members(analysis, receiver.group(1) if receiver else "", offset)
    qualifier = re.search(r"(\w+)\s*::$", before)
    if qualifier is not None:
        return _qualified(analysis, qualifier.group(1))
    return _names(analysis, offset)


def _in_comment(source: str, offset: int) -> bool:
    line = source[source.rfind("\n", 0, offset) + 1 : offset]
    return "//" in line or source.rfind("/*", 0, offset) > source.rfind("*/", 0, offset)


def _members(analysis: Analysis, receiver: str, offset: int) -> list[Completion]:
    declared = next((d for d in analysis.visible(offset) if d.name == receiver), None)
    kind = declared.type if declared else ""
    interface = analysis.interface
    if "config" in kind or receiver.endswith("config") or receiver == "store_cfg":
        return [Completion("add_listeners", "method", "add_listeners(signal, {listeners})")]
    if interface is None or not ("store" in kind or receiver == "fs"):
        members = [d for d in analysis.declarations if d.parent and d.parent == kind.removeprefix("const ")]
        return [Completion(d.name, "method" if d.kind == "method" else "variable", d.type) for d in members]
    methods = dict.fromkeys(query.method for query in interface.queries)
    found = []
    for method in methods:
        overloads = interface.queries_named(method)
        needs = " or ".join(dict.fromkeys(query.listener for query in overloads))
        found.append(Completion(method, "method", f"reads {needs}", query_text(overloads, interface)))
    return found


def _qualified(analysis: Analysis, qualifier: str) -> list[Completion]:
    if qualifier in ("anvil", "std"):
        return [Completion(name, "function", b.meaning, builtin_text(name)) for name, b in BUILTINS.items()]
    if qualifier in ("vulcan", "listeners", "object", "global"):
        listeners = analysis.interface.listeners.values() if analysis.interface else ()
        found = [Completion(item.name, "class", listener_form(item), listener_text(item)) for item in listeners]
        return [*found, Completion("store", "class", "the feature store"), Completion("config", "class")]
    return [Completion(d.name, "constant", d.type) for d in analysis.declarations if d.parent == qualifier]


def _names(analysis: Analysis, offset: int) -> list[Completion]:
    found: dict[str, Completion] = {}
    for declared in analysis.visible(offset):
        kind = {"function": "function", "prototype": "function", "class": "class", "enum": "class"}.get(
            declared.kind, "constant" if declared.kind in ("constant", "enumerator") else "variable"
        )
        if declared.kind not in ("field", "method"):
            found.setdefault(declared.name, Completion(declared.name, kind, analysis.type_of(declared)))
    for signal in analysis.interface.signals.values() if analysis.interface else ():
        detail = f"{signal.scope} signal, {signal.type.value}"
        found.setdefault(signal.name, Completion(signal.name, "signal", detail, signal_text(signal)))
    for name, builtin in BUILTINS.items():
        found.setdefault(name, Completion(f"anvil::{name}", "function", builtin.meaning, builtin_text(name)))
    for word in (*_TYPES, *_STATEMENTS):
        found.setdefault(word, Completion(word, "keyword"))
    return list(found.values())
