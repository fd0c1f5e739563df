"""src/queries.ll: current, linkable, and gone after inlining."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import vulcan

from .helpers import object_schema

llvm: Any = pytest.importorskip("llvmlite.binding")

CALLER = """
declare double @vk_ewma_get_f64(ptr, i32, ptr, i64)
declare i64 @vk_window_kth_i64(ptr, i32, ptr, i64, i64)
declare double @vk_pop_rank_i64(ptr, i32, ptr)

define double @ewma(ptr %cx, ptr %row, i64 %obj) {
  %value = call double @vk_ewma_get_f64(ptr %cx, i32 3, ptr %row, i64 1)
  ret double %value
}
define i64 @kth(ptr %cx, ptr %row, i64 %k) {
  %state = getelementptr i8, ptr %row, i64 24
  %value = call i64 @vk_window_kth_i64(ptr %cx, i32 4, ptr %state, i64 %k, i64 8)
  ret i64 %value
}
define double @rank(ptr %cx, ptr %row, i64 %obj) {
  %value = call double @vk_pop_rank_i64(ptr %cx, i32 0, ptr %row)
  ret double %value
}
"""


def target_machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(opt=2)


def linked() -> Any:
    module = llvm.parse_assembly(CALLER)
    queries = llvm.parse_assembly(vulcan.queries_ir_path().read_text())
    inlined = [f.name for f in queries.functions if not f.is_declaration]
    module.link_in(queries)
    for name in inlined:
        module.get_function(name).linkage = "internal"
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(target_machine(), options)
    builder.getModulePassManager().run(module, builder)
    module.verify()
    return module


def body(module: Any, name: str) -> str:
    return str(module.get_function(name))


def test_queries_fold_to_loads() -> None:
    module = linked()
    ewma, kth = body(module, "ewma"), body(module, "kth")
    assert "call" not in ewma
    assert "call" not in kth
    assert ewma.count("= load") == 1
    assert "i64 16" in ewma  # 8 + 8 * 1: a constant offset
    assert kth.count("= load") == 3  # count, head, value


def test_jit_reaches_the_library_through_symbols() -> None:
    schema = object_schema(("x", "i64", "PopPercentile", []))
    store = vulcan.Store(schema)
    for obj in range(10):
        store.update("x", obj, obj)
    jit = llvm.create_lljit_compiler(target_machine())
    library = llvm.JITLibraryBuilder().add_ir(linked())
    for name, address in vulcan.symbols().items():
        library.import_symbol(name, address)
    tracker = library.export_symbol("rank").link(jit, "heuristic")
    entry = {"kind": "rank", "address": tracker["rank"], "batch_address": None}
    policy = vulcan.Policy(SimpleNamespace(slots=schema.slots, entries={"score_fn": entry}, keep=tracker))
    assert [policy.score(store, obj) for obj in range(11)] == [obj / 10 for obj in range(10)] + [0.0]


def test_shared_objects_find_the_library() -> None:
    """A heuristic in a shared object has undefined vk_pop_*: the extension exports them."""
    from vulcan import _core

    exported = ctypes.CDLL(_core.__file__)
    typed = {f"vk_pop_{query}_{kind}" for query in ("rank", "value") for kind in ("f64", "i64")}
    assert set(vulcan.symbols()) == typed | {"vk_find_row"}
    for name, address in vulcan.symbols().items():
        assert ctypes.cast(getattr(exported, name), ctypes.c_void_p).value == address


@pytest.mark.skipif(shutil.which("clang-14") is None, reason="needs clang-14")
def test_the_committed_text_is_current() -> None:
    tool = Path(__file__).resolve().parents[1] / "tools" / "gen_queries_ir.py"
    result = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
