"""Calling compiled functions from Python, whichever backend made them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypedDict

from anvil.core import Function, Program
from anvil.interp import Value, accept
from anvil.types import Type

C_TYPES: dict[Type, type[ctypes._SimpleCData[Any]]] = {
    Type.BOOL: ctypes.c_bool,
    Type.INT: ctypes.c_int32,
    Type.INT64: ctypes.c_int64,
    Type.UINT64: ctypes.c_uint64,
    Type.DOUBLE: ctypes.c_double,
}

_POINTER = ctypes.c_void_p
_RANK = ctypes.CFUNCTYPE(ctypes.c_double, _POINTER, _POINTER, ctypes.c_int64)
_VALUE = ctypes.CFUNCTYPE(ctypes.c_double, _POINTER)


class EntryPoint(TypedDict):
    """`address` and `batch_address` (None for "value") are those of the C functions; see vulcan.Policy."""

    kind: str
    address: int
    batch_address: int | None


class NativeCode:
    """Machine code of a program. The addresses are valid as long as this object lives."""

    def __init__(self, program: Program, entries: dict[str, EntryPoint], functions: dict[str, int]) -> None:
        self.slots = [slot.describe() for slot in program.slots]
        self.entries = entries
        self._program = program
        self._functions = functions
        self._callables: dict[str, Callable[..., Value]] = {}

    def call(self, name: str, *args: Value) -> Value:
        """The result of a function that takes no store. KeyError for others, ValueError for unfit arguments."""
        function = self._program.function(name)
        if len(args) != len(function.params):
            raise ValueError(f"{name} takes {len(function.params)} arguments, not {len(args)}")
        if name not in self._callables:
            self._callables[name] = _prototype(function)(self._functions[name])
        return self._callables[name](*map(accept, function.params, args))

    def call_entry(self, name: str, context: int, row: int = 0, object: int = 0) -> float:
        """The result of an entry point; `context` is the address of a vk_context, `row` that of the object's row."""
        entry = self.entries[name]
        if entry["kind"] == "rank":
            return float(_RANK(entry["address"])(context, row, object))
        return float(_VALUE(entry["address"])(context))


def _prototype(function: Function) -> Callable[[int], Callable[..., Value]]:
    return ctypes.CFUNCTYPE(C_TYPES[function.result], *(C_TYPES[param.type] for param in function.params))
