"""Runs one function of a program in a chosen executor, for `anvilc run`."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from anvil import core, native
from anvil.diagnostics import Rejected
from anvil.driver import Compiled, compile_module
from anvil.types import Type

if TYPE_CHECKING:
    from vulcan import Store

    from anvil.runtime.native import NativeCode

Value = bool | int | float
Update = tuple[str, int | None, Value]


class RunError(Exception):
    """What was asked for cannot be run; the message says why and what to write."""


def execute(compiled: Compiled, name: str, args: list[str], updates: list[str], executor: str) -> str:
    """The printed value of `name(args)` after `updates` of the feature store."""
    program = compiled.program
    function = next((f for f in program.functions if f.name == name), None)
    if function is None:
        known = ", ".join(f.name for f in program.functions)
        raise RunError(f"there is no function `{name}`; the program has {known}")
    if function.result is Type.VOID:
        raise RunError(f"`{name}` has no scalar result; run a function that calls it")
    if compiled.program.externs:
        names = ", ".join(extern.name for extern in compiled.program.externs)
        raise RunError(f"the program calls functions of its host ({names}), which are not here")
    if len(args) != len(function.params):
        form = " ".join(f"{p.name.upper()}({p.type.value})" for p in function.params)
        raise RunError(f"`{name}` takes {len(function.params)} argument(s): -- {form}".rstrip(": -"))
    if name not in (*program.exports, *(entry.function for entry in program.entries)):
        compiled = _exported(compiled, name)
    values = [_argument(param, text) for param, text in zip(function.params, args, strict=True)]
    parsed = [_update(program, text) for text in updates]
    return show(_executors[executor](compiled, function, values, parsed))


def _exported(compiled: Compiled, name: str) -> Compiled:
    """The same program, proved for calls of that function too."""
    try:
        return compile_module(compiled.module, budget=compiled.report.budget, exports=(name,))
    except Rejected as rejected:
        why = rejected.diagnostics[0].message
        raise RunError(f"`{name}` is only sure to end with what the program passes to it: {why}") from None


def show(value: Value) -> str:
    """A value as printed: the shortest text that reads back as the same double."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return repr(value)


def _argument(param: core.Variable, text: str) -> Value:
    try:
        if param.type is Type.BOOL:
            return {"true": True, "1": True, "false": False, "0": False}[text]
        if param.type is Type.DOUBLE:
            return float(text)
        value = int(text, 0)
    except (ValueError, KeyError):
        raise RunError(f"`{text}` is not a {param.type.value} (parameter `{param.name}`)") from None
    if not param.type.low <= value <= param.type.high:
        raise RunError(f"{text} does not fit into {param.type.value} (parameter `{param.name}`)")
    return value


def _update(program: core.Program, text: str) -> Update:
    target, equals, number = text.partition("=")
    signal, colon, target_id = target.partition(":")
    slot = next((s for s in program.slots if s.signal == signal), None)
    if slot is None:
        known = ", ".join(dict.fromkeys(s.signal for s in program.slots)) or "no signal"
        raise RunError(f"--update {text}: the program does not query `{signal}`; it queries {known}")
    if bool(colon) is not (slot.scope == "object") or not equals:
        raise RunError(f"--update {text}: write {signal}{':OBJECT' if slot.scope == 'object' else ''}=VALUE")
    try:
        value = int(number, 0) if slot.value_type is Type.INT64 else float(number)
        identity = int(target_id, 0) if colon else None
    except ValueError:
        raise RunError(f"--update {text}: not a number of type {slot.value_type.value}") from None
    for whole in (value, identity):
        if isinstance(whole, int) and not Type.INT64.low <= whole <= Type.INT64.high:
            raise RunError(f"--update {text}: {whole} does not fit into int64_t")
    return signal, identity, value


# ------------------------------------------------------------------------------------------------- executors


def _interpret(compiled: Compiled, function: core.Function, args: list[Value], updates: list[Update]) -> Value:
    from anvil.interp import Interpreter
    from anvil.store import ReferenceStore

    store = ReferenceStore(compiled.program.slots)
    for signal, identity, value in updates:
        if identity is not None:
            store.add(identity)
        store.update(signal, value, identity)
    return Interpreter(compiled.program, store).call(function.name, *args)


def _jit(compiled: Compiled, function: core.Function, args: list[Value], updates: list[Update]) -> Value:
    return _native(compiled.jit(), compiled, function, args, updates)


def _c(compiled: Compiled, function: core.Function, args: list[Value], updates: list[Update]) -> Value:
    from anvil.backend_c import build_shared, load_shared

    slots = bool(compiled.program.slots)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heuristic.so"
        build_shared(compiled.program, path, queries_header=native.queries_header() if slots else None)
        code = load_shared(path, compiled.program, native.runtime_symbols() if slots else {})
        return _native(code, compiled, function, args, updates)


def _native(
    code: NativeCode, compiled: Compiled, function: core.Function, args: list[Value], updates: list[Update]
) -> Value:
    if not function.takes_store:
        return code.call(function.name, *args)
    if function.name not in code.entries:
        raise RunError(f"`{function.name}` takes the store and is no entry point; run it with --executor interp")
    import vulcan

    policy = vulcan.Policy(code, function.name)
    store = _store(compiled, updates)
    return policy.score(store, int(args[0])) if args else policy.value(store)


def _store(compiled: Compiled, updates: list[Update]) -> Store:
    import vulcan

    store = vulcan.Store(vulcan.Schema.from_slots([slot.describe() for slot in compiled.program.slots]))
    for signal, identity, value in updates:
        if identity is None:
            store.update_global(signal, value)
        else:
            if identity not in store:
                store.add(identity)
            store.update(signal, identity, value)
    return store


_executors = {"interp": _interpret, "jit": _jit, "c": _c}
