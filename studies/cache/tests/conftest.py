"""Traces to test on, and heuristics written in C behind the ABI of compiled ones."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from studies.cache.traces import Trace, read_trace

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "examples" / "traces" / "sqlite_mixed.oracleGeneral.zst"
STATE_BYTES = {"Latest": 8, "EWMA": 16, "Average": 24}

SOURCE = """
#include <math.h>
#include <vulcan/queries.h>
#define LATEST(slot, offset) ((double)vk_latest_get_i64(cx, slot, row + offset))
double rank(const vk_context* cx, const uint8_t* row, int64_t obj_id) {{
    (void)cx, (void)row, (void)obj_id;
    {body}
}}
void rank_batch(const vk_context* cx, const uint8_t* base, uint64_t stride, const uint32_t* rows, const int64_t* ids,
                uint64_t n, double* out) {{
    for (uint64_t i = 0; i < n; ++i) out[i] = rank(cx, base + stride * rows[i], ids[i]);
}}
"""

Listener = tuple[str, str, list[float]]


@dataclass(frozen=True)
class CCode:
    """The two attributes of a compiled heuristic; keeps its library loaded."""

    slots: list[dict[str, Any]]
    entries: dict[str, dict[str, Any]]
    library: ctypes.CDLL = field(repr=False)


def slots_of(listeners: tuple[Listener, ...]) -> list[dict[str, Any]]:
    """Slots laid out back to back, as the compiler does."""
    offsets = {"object": 0, "global": 0}
    slots = []
    for signal, listener, params in listeners:
        scope = "global" if signal == "now" else "object"
        slot = {"signal": signal, "scope": scope, "type": "i64", "listener": listener, "params": params}
        slots.append(slot | {"offset": offsets[scope]})
        offsets[scope] += STATE_BYTES[listener]
    return slots


@pytest.fixture(scope="session")
def compile_c(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., CCode]:
    """compile_c(body, (signal, listener, params)..., batch=True) -> code."""
    folder = tmp_path_factory.mktemp("c")
    libraries: dict[str, ctypes.CDLL] = {}

    def library(body: str) -> ctypes.CDLL:
        source = folder / f"rank{len(libraries)}.c"
        source.write_text(SOURCE.format(body=body))
        flags = ["-std=c11", "-O2", "-ffp-contract=off", "-fPIC", "-shared", f"-I{ROOT / 'libvulcan' / 'include'}"]
        subprocess.run(["gcc", *flags, "-o", str(source.with_suffix(".so")), str(source), "-lm"], check=True)
        return ctypes.CDLL(str(source.with_suffix(".so")))

    def compile_body(body: str, *listeners: Listener, batch: bool = True) -> CCode:
        if body not in libraries:
            libraries[body] = library(body)
        lib = libraries[body]
        address = {name: ctypes.cast(lib[name], ctypes.c_void_p).value for name in ("rank", "rank_batch")}
        entry = {"kind": "rank", "address": address["rank"], "batch_address": address["rank_batch"] if batch else None}
        return CCode(slots_of(listeners), {"score_fn": entry}, lib)

    return compile_body


@pytest.fixture(scope="session")
def lru(compile_c: Callable[..., CCode]) -> CCode:
    return compile_c("return LATEST(0, 0);", ("last_access", "Latest", []))


@pytest.fixture(scope="session")
def fifo(compile_c: Callable[..., CCode]) -> CCode:
    return compile_c("return LATEST(0, 0);", ("insert_time", "Latest", []))


@pytest.fixture(scope="session")
def lfu(compile_c: Callable[..., CCode]) -> CCode:
    body = "return 4294967296.0 * LATEST(0, 0) + LATEST(1, 8);"
    return compile_c(body, ("count", "Latest", []), ("last_access", "Latest", []))


@pytest.fixture(scope="session")
def shipped() -> Trace:
    return read_trace(SHIPPED)


def data_folder() -> Path:
    """The folder of public traces; they are no part of the project."""
    return Path(os.environ.get("VULCAN_DATA", ROOT.parent / "shared" / "data")) / "cache"


@pytest.fixture(scope="session")
def public_trace() -> Callable[[str], tuple[Path, Trace]]:
    """public_trace(name) -> its path and the trace; skips where the file is absent."""
    traces: dict[str, tuple[Path, Trace]] = {}

    def load(name: str) -> tuple[Path, Trace]:
        path = data_folder() / f"{name}.oracleGeneral.zst"
        if not path.exists():
            pytest.skip(f"{path} is absent: set VULCAN_DATA to the folder that holds cache/")
        if name not in traces:
            traces[name] = (path, read_trace(path))
        return traces[name]

    return load
