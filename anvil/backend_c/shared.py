"""The emitted C as a shared library that this process loads."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from anvil.backend_c.analysis import Analysis
from anvil.backend_c.module import emit, extern_pointer
from anvil.backend_c.names import entry_symbol, function_names
from anvil.core import Program
from anvil.runtime.native import EntryPoint, NativeCode

_FLAGS = ("-std=c11", "-ffp-contract=off", "-fPIC", "-fvisibility=hidden", "-shared", "-DANVIL_BIND")
# Of gcc: the pass turns `x < 1 ? 1 : 0 < x ? 0 : x` into a maximum of a minimum, which is another value (seen in 12.2).
_GCC_FLAGS = ("-fno-ssa-phiopt",)
_IMPORT = "anvil_import_"


class BuildFailed(RuntimeError):
    """There is no C compiler, or it refused the emitted file (which is a bug of the backend)."""


class SharedCode(NativeCode):
    """A loaded shared library, with the attributes of the JIT's code."""

    def __init__(self, library: ctypes.CDLL, program: Program, symbols: Mapping[str, int]) -> None:
        self._library = library
        _bind(library, program, symbols)
        entries = {entry.function: _entry(library, entry_symbol(entry), entry.kind) for entry in program.entries}
        names = function_names(program)
        exported = {name: names[name] for name in Analysis(program).exported}
        super().__init__(program, entries, {name: _address(library, symbol) for name, symbol in exported.items()})


def build_shared(
    program: Program,
    path: str | Path,
    opt: str = "-O2",
    *,
    queries_header: str | None = None,
    compiler: str | None = None,
    flags: Sequence[str] = (),
) -> None:
    """Compile the program to a shared library at `path`, for `load_shared`. BuildFailed if that fails."""
    compiler = compiler or next(filter(None, map(shutil.which, ("gcc", "cc", "clang"))), None)
    if compiler is None:
        raise BuildFailed("no C compiler (gcc, cc, clang) on the path")
    safe = () if "clang" in Path(compiler).name else _GCC_FLAGS
    command = [compiler, *_FLAGS, opt, *safe, *flags, "-x", "c", "-", "-o", str(path), "-lm"]
    source = emit(program, queries_header=queries_header)
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(f"{compiler} refused the emitted C:\n{done.stderr.strip()}")


def load_shared(path: str | Path, program: Program, symbols: Mapping[str, int] | None = None) -> SharedCode:
    """Load what `build_shared` made of the same program.

    `symbols` gives the addresses of the functions of libVulcan that are not inline (`vulcan.symbols()`) and of those of
    the host under their own names; the library calls them through pointers that are set here, so nothing is looked up
    in the process. KeyError if one is missing.
    """
    return SharedCode(ctypes.CDLL(str(Path(path).resolve())), program, symbols or {})


def _bind(library: ctypes.CDLL, program: Program, symbols: Mapping[str, int]) -> None:
    analysis = Analysis(program)
    for extern in analysis.externs:
        ctypes.c_void_p.in_dll(library, extern_pointer(extern.name)).value = _symbol(symbols, extern.name)
    for name in {"vk_find_row"} | {query.symbol for query in analysis.queries}:
        try:
            pointer = ctypes.c_void_p.in_dll(library, _IMPORT + name)
        except ValueError:
            continue  # inline, or never called
        pointer.value = _symbol(symbols, name)


def _symbol(symbols: Mapping[str, int], name: str) -> int:
    if name not in symbols:
        raise KeyError(f"no address for {name}, which the program calls")
    return symbols[name]


def _entry(library: ctypes.CDLL, symbol: str, kind: str) -> EntryPoint:
    batch = _address(library, f"{symbol}_batch") if kind == "rank" else None
    return {"kind": kind, "address": _address(library, symbol), "batch_address": batch}


def _address(library: ctypes.CDLL, symbol: str) -> int:
    address = ctypes.cast(getattr(library, symbol), ctypes.c_void_p).value
    assert address is not None
    return address
