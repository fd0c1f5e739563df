"""Heuristics compiled from C."""

from __future__ import annotations

import ctypes
import itertools
import subprocess
from pathlib import Path

import pytest
import vulcan

from .helpers import CompileC, NativeCode


@pytest.fixture(scope="session")
def compile_c(tmp_path_factory: pytest.TempPathFactory) -> CompileC:
    """Compile the body of a rank function `double score_fn(cx, row, obj_id)`; a batch loop is added."""
    folder: Path = tmp_path_factory.mktemp("native")
    numbers = itertools.count()

    def build(schema: vulcan.Schema, body: str) -> NativeCode:
        source = folder / f"h{next(numbers)}.c"
        source.write_text(f"""
#include <vulcan/queries.h>
double score_fn(const vk_context* cx, const uint8_t* row, int64_t obj_id) {{ {body} }}
void score_fn_batch(const vk_context* cx, const uint8_t* base, uint64_t stride, const uint32_t* rows,
                    const int64_t* ids, uint64_t n, double* out) {{
    for (uint64_t i = 0; i < n; ++i) out[i] = score_fn(cx, base + stride * rows[i], ids[i]);
}}
double value_fn(const vk_context* cx) {{ return vk_load_f64(cx->globals, 0); }}
""")
        flags = ["-std=c11", "-O1", "-Wall", "-ffp-contract=off", "-shared", "-fPIC", f"-I{vulcan.include_dir()}"]
        output = source.with_suffix(".so")
        subprocess.run(["gcc", *flags, str(source), "-o", str(output)], check=True)
        library = ctypes.CDLL(str(output))

        def address(name: str) -> int:
            return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0

        entries = {
            "score_fn": {"kind": "rank", "address": address("score_fn"), "batch_address": address("score_fn_batch")},
            "scalar": {"kind": "rank", "address": address("score_fn"), "batch_address": None},
            "value_fn": {"kind": "value", "address": address("value_fn"), "batch_address": None},
        }
        return NativeCode(schema.slots, entries, library)

    return build
