"""Calling compiled functions from Python, whichever backend made them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from anvil.core import ExternFunction, Function, Program
from anvil.interp import Value, accept, extern_result
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
        """The result of a function that takes no store and has one result. KeyError for others, ValueError for unfit
        arguments."""
        function = self._program.function(name)
        if len(args) != len(function.params):
            raise ValueError(f"{name} takes {len(function.params)} arguments, not {len(args)}")
        if name not in self._callables:
            address = self._functions[name]
            self._callables[name] = _signature(function)(address)
        return self._callables[name](*map(accept, function.params, args))

    def call_entry(self, name: str, context: int, row: int = 0, object: int = 0) -> float:
        """The result of an entry point; `context` is the address of a vk_context, `row` that of the object's row."""
        entry = self.entries[name]
        if entry["kind"] == "rank":
            return float(_RANK(entry["address"])(context, row, object))
        return float(_VALUE(entry["address"])(context))


class HostFunctions:
    """Python callables for the functions of the host that a program declares, as compiled code can call them.

    `symbols` holds their addresses, which are valid as long as this object lives. Results are taken as the interpreter
    takes them; but compiled code cannot be left in the middle, so an exception is kept until `check`, and the call
    gives 0.
    """

    def __init__(self, program: Program, externs: Mapping[str, Callable[..., object]]) -> None:
        self._failure: Exception | None = None
        given = [extern for extern in program.externs if extern.name in externs]
        self._callbacks = {extern.name: self._callback(extern, externs[extern.name]) for extern in given}
        self.symbols = {name: _address(callback) for name, callback in self._callbacks.items()}

    def check(self) -> None:
        """Raises the first exception since the last check."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _callback(self, extern: ExternFunction, function: Callable[..., object]) -> Callable[..., Value]:
        def call(*args: Value) -> Value:
            try:
                return extern_result(extern, function(*args))
            except Exception as error:
                self._failure = self._failure or error
                return 0

        return _signature(extern)(call)


def _signature(function: Function | ExternFunction) -> Callable[[int | Callable[..., Value]], Callable[..., Value]]:
    return ctypes.CFUNCTYPE(C_TYPES[function.result], *(C_TYPES[param.type] for param in function.params))


def _address(callback: Callable[..., Value]) -> int:
    address = ctypes.cast(callback, _POINTER).value  # type: ignore[arg-type]
    assert address is not None
    return address
