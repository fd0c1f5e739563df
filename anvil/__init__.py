"""Anvil: a strict subset of C++ for decision logic, and its compiler.

interface = anvil.load_interface("template.anv")
result = anvil.check(source, interface)              # verdict, findings, proof report
compiled = anvil.compile(source, interface)          # raises Rejected
code = compiled.jit()                                # machine code that owns itself
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anvil.diagnostics import Diagnostic, Rejected
    from anvil.driver import CheckResult, Compiled, check, check_module, compile, compile_module
    from anvil.fingerprint import canonical
    from anvil.frontend.interface_file import load_interface
    from anvil.interface import Interface

__all__ = [
    "CheckResult",
    "Compiled",
    "Diagnostic",
    "Interface",
    "Rejected",
    "canonical",
    "check",
    "check_module",
    "compile",
    "compile_module",
    "load_interface",
]

_HOMES = {
    "canonical": "anvil.fingerprint",
    "Diagnostic": "anvil.diagnostics",
    "Rejected": "anvil.diagnostics",
    "Interface": "anvil.interface",
    "load_interface": "anvil.frontend.interface_file",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that `import anvil` stays cheap."""
    if name not in __all__:
        raise AttributeError(f"module 'anvil' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES.get(name, "anvil.driver")), name)
