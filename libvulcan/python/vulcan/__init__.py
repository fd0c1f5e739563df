"""Runtime of compiled heuristics: the feature store, its listeners, and the engines that rank objects.

The native module is loaded on first use: the compiler only wants the paths below.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vulcan._core import IncrementalSort, OnDemandSort, Policy, Schema, Store, symbols

__all__ = [
    "IncrementalSort",
    "OnDemandSort",
    "Policy",
    "Schema",
    "Store",
    "include_dir",
    "interface_path",
    "queries_ir_path",
    "symbols",
]

_NATIVE = frozenset({"IncrementalSort", "OnDemandSort", "Policy", "Schema", "Store", "symbols"})
_PACKAGE = Path(__file__).resolve().parent


def __getattr__(name: str) -> Any:
    if name not in _NATIVE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from vulcan import _core

    return getattr(_core, name)


def __dir__() -> list[str]:
    return __all__


def _resource(installed: str, in_source: str) -> Path:
    """A data file: below the package where it is installed, else in the checkout that holds the package."""
    candidates = (_PACKAGE / installed, _PACKAGE.parents[1] / in_source)
    for path in candidates:
        if path.exists():
            return path
    raise FileNotFoundError(f"vulcan is not installed completely: neither of {', '.join(map(str, candidates))} exists")


def interface_path() -> Path:
    """The declaration of the feature store's listeners and queries, in Anvil."""
    return _resource("interface/store.anv", "interface/store.anv")


def include_dir() -> Path:
    """The directory for a C or C++ compiler's ``-I``: ``vulcan/anvil.hpp``, ``vulcan/queries.h``, ..."""
    return _resource("include", "include")


def queries_ir_path() -> Path:
    """The queries of ``vulcan/queries.h`` as LLVM IR text, to be linked into compiled modules."""
    return _resource("queries.ll", "src/queries.ll")
