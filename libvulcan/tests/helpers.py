"""Stores from a short description, and the code object of a compiled heuristic."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import vulcan

Listener = tuple[str, str, str, Sequence[float]]  # signal, type, listener, parameters


def object_schema(*listeners: Listener) -> vulcan.Schema:
    schema = vulcan.Schema()
    for signal, kind, listener, params in listeners:
        schema.declare(signal, "object", kind)
        schema.attach(signal, listener, params)
    return schema


def object_store(*listeners: Listener) -> vulcan.Store:
    return vulcan.Store(object_schema(*listeners))


@dataclass(frozen=True)
class NativeCode:
    """What a compiler backend hands over: slots, entries, and the library that must stay loaded."""

    slots: list[dict[str, Any]]
    entries: dict[str, dict[str, Any]]
    library: ctypes.CDLL


CompileC = Callable[[vulcan.Schema, str], NativeCode]
