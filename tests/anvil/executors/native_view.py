"""A reference store as compiled code sees it: rows in memory, and the functions that libVulcan would export."""

from __future__ import annotations

import ctypes
import struct
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from anvil.core import Slot
from anvil.runtime.native import NativeCode
from anvil.store import Number, ReferenceStore, population_value
from anvil.types import Type

_POINTER, _I64, _F64, _U32 = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double, ctypes.c_uint32
_BATCH = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, ctypes.c_uint64, _POINTER, _POINTER, ctypes.c_uint64, _POINTER)


class _Context(ctypes.Structure):
    _fields_ = (("globals", _POINTER), ("shared", _POINTER), ("store", _POINTER))


class NativeView:
    """Rows of all objects, back to back; row 0 is the one of absent objects. A snapshot of the store.

    The functions keep their addresses when another store is shown, so that compiled code can be used again.
    """

    def __init__(self, store: ReferenceStore) -> None:
        self._callbacks = {
            "vk_find_row": ctypes.CFUNCTYPE(_POINTER, _POINTER, _I64)(lambda _, object: self.row(object)),
            "vk_pop_rank_f64": self._rank("d"),
            "vk_pop_rank_i64": self._rank("q"),
            "vk_pop_value_f64": self._value(_F64),
            "vk_pop_value_i64": self._value(_I64),
        }
        self.symbols = {name: _address(callback) for name, callback in self._callbacks.items()}
        self.show(store)

    def show(self, store: ReferenceStore) -> None:
        self.store = store
        self.ids = sorted(store.objects)
        absent = store.row(next(i for i in range(len(self.ids) + 1) if i not in store.objects))
        self.stride = max(len(absent), 8)
        rows = [absent, *(store.row(i) for i in self.ids)]
        self._rows = ctypes.create_string_buffer(b"".join(row.ljust(self.stride, b"\0") for row in rows))
        self._globals = ctypes.create_string_buffer(store.row(None) or b"\0")
        self._context = _Context(ctypes.addressof(self._globals), None, None)
        self.context = ctypes.addressof(self._context)

    def row(self, object: int) -> int:
        return ctypes.addressof(self._rows) + self.stride * self._index(object)

    def _index(self, object: int) -> int:
        return self.ids.index(object) + 1 if object in self.store.objects else 0

    def score(self, code: NativeCode, entry: str, object: int) -> float:
        """By the scalar form of a rank entry, or by a value entry."""
        return code.call_entry(entry, self.context, self.row(object), object)

    def score_batch(self, code: NativeCode, entry: str, objects: Sequence[int]) -> list[float]:
        n = len(objects)
        rows = (_U32 * n)(*map(self._index, objects))
        ids = (_I64 * n)(*objects)
        out = (_F64 * n)()
        batch = _BATCH(code.entries[entry]["batch_address"] or 0)
        batch(self.context, ctypes.addressof(self._rows), self.stride, rows, ids, n, out)
        return list(out)

    def _rank(self, kind: str) -> Any:
        def rank(_: int, slot: int, state: int) -> float:
            value, present = struct.unpack(f"<{kind}q", ctypes.string_at(state, 16))
            population = self.store.populations[slot]
            return bisect_left(population, value) / len(population) if present else 0.0

        return ctypes.CFUNCTYPE(_F64, _POINTER, _U32, _POINTER)(rank)

    def _value(self, result: Any) -> Any:
        def value(_: int, slot: int, __: int, p: float) -> Number:
            return population_value(self.store.slots[slot], self.store.populations[slot], p)

        return ctypes.CFUNCTYPE(result, _POINTER, _U32, _POINTER, _F64)(value)


def _address(callback: Callable[..., Any]) -> int:
    address = ctypes.cast(callback, _POINTER).value  # type: ignore[arg-type]
    assert address is not None
    return address


_SIZES: dict[str, Callable[[Sequence[float]], int]] = {
    "Latest": lambda params: 8,
    "Average": lambda params: 24,
    "EWMA": lambda params: 8 + 8 * len(params),
    "RollingWindow": lambda params: 40 + 8 * int(params[0]),
    "PopPercentile": lambda params: 16,
}


def slots(*listed: tuple[str, str, Type, str, tuple[float, ...]]) -> tuple[Slot, ...]:
    """Slots from signal, scope, type, listener and parameters, laid out as the compiler does."""
    ends = {"object": 0, "global": 0}
    made: list[Slot] = []
    for index, (signal, scope, type, listener, params) in enumerate(listed):
        size = _SIZES[listener](params)
        made.append(Slot(index, signal, scope, type, listener, params, ends[scope], size))
        ends[scope] += size
    return tuple(made)
