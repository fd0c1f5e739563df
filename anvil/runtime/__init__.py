"""The run-time library: opaque mathematics shared by all executors, and the C text of all total operations.

The interpreter and the JIT call `libanvil_rt` by address; emitted C pastes the same text (`c_source`).
"""

from __future__ import annotations

import ctypes
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from anvil.builtins import BUILTINS

_LIBRARY = "libanvil_rt.so"
_DISTRIBUTION = "vulcan-heuristics"


class RuntimeMissing(RuntimeError):
    """`libanvil_rt` is neither installed nor can it be compiled."""


def functions() -> dict[str, Callable[..., float]]:
    """Built-in name -> Python callable on floats, for every built-in of the kind "runtime"."""
    return dict(_functions())


def addresses() -> dict[str, int]:
    """C symbol (`anvil_rt_pow`) -> address in this process."""
    return {f"anvil_rt_{name}": _address(function) for name, function in _functions().items()}


def libm_addresses(names: Iterable[str]) -> dict[str, int]:
    """Addresses of functions of the C library's own mathematics, as `libanvil_rt` sees it."""
    return {name: _address(getattr(_load(), name)) for name in names}


def c_source(names: Iterable[str] | None = None) -> str:
    """The text of `anvil_rt.h` to paste into a C file; with `names`, the preamble and only those functions."""
    text = Path(__file__).with_name("anvil_rt.h").read_text(encoding="utf-8")
    return text if names is None else "\n\n".join(_select(text.split("\n\n"), frozenset(names))) + "\n"


def _select(blocks: list[str], names: frozenset[str]) -> Iterator[str]:
    heading = ""
    for block in blocks:
        if block.startswith(("#include", "#ifdef ANVIL_RT_EXPORT")):
            yield re.sub(r"#ifdef ANVIL_RT_EXPORT\n.*\n#elif", "#if", block)
        elif block.startswith("/* ----"):
            heading = block
        elif (defined := re.match(r"ANVIL_\w+ \w+ (\w+)\(", block)) and defined[1] in names:
            if heading:
                yield heading
            heading = ""
            yield block


def _address(function: Callable[..., float]) -> int:
    address = ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]
    assert address is not None
    return address


@functools.cache
def _functions() -> dict[str, Callable[..., float]]:
    library = _load()
    table: dict[str, Callable[..., float]] = {}
    for builtin in BUILTINS.values():
        if builtin.kind == "runtime":
            function = getattr(library, f"anvil_rt_{builtin.name}")
            function.argtypes = [ctypes.c_double] * builtin.arity
            function.restype = ctypes.c_double
            table[builtin.name] = function
    return table


@functools.cache
def _load() -> ctypes.CDLL:
    for candidate in _candidates():
        if candidate.is_file():
            return ctypes.CDLL(str(candidate))
    return _compile_and_load()


def _candidates() -> Iterator[Path]:
    """Beside this file; in an editable install the sources and the built library lie apart."""
    yield from (Path(folder) / _LIBRARY for folder in __path__)
    import importlib.metadata  # here: these modules cost more than all of the compiler's own
    import sysconfig

    yield Path(sysconfig.get_path("platlib")) / "anvil" / "runtime" / _LIBRARY
    try:
        files = importlib.metadata.files(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return
    yield from (Path(str(file.locate())) for file in files if file.name == _LIBRARY)


def _compile_and_load() -> ctypes.CDLL:
    """In a source tree that was never installed. The file is gone once it is mapped."""
    import shutil
    import subprocess
    import tempfile

    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise RuntimeMissing(f"{_LIBRARY} is not installed and there is no C compiler: run `pip install .`")
    flags = ["-std=c11", "-O2", "-ffp-contract=off", "-fvisibility=hidden", "-shared", "-fPIC"]
    with tempfile.TemporaryDirectory(prefix="anvil_rt_") as folder:
        built = Path(folder) / _LIBRARY
        source = Path(__path__[0]) / "anvil_rt.c"
        done = subprocess.run(
            [compiler, *flags, str(source), "-o", str(built), "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeMissing(f"{_LIBRARY} is not installed and could not be compiled:\n{done.stderr.strip()}")
        return ctypes.CDLL(str(built))
