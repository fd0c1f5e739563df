"""A whole program as the text of one LLVM module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anvil.backend_c.analysis import Analysis
from anvil.backend_c.names import entry_symbol, extern_names, function_names
from anvil.backend_llvm import queries
from anvil.backend_llvm.function import FunctionEmitter
from anvil.backend_llvm.text import LLVM_TYPE, Instructions
from anvil.core import Entry, Function, Program
from anvil.types import Type

# Rows ahead of the one being scored: about a memory latency at a few nanoseconds a score.
_AHEAD = 8
_LINE = 64
_LINES = 4

_PREFETCH = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"


@dataclass(frozen=True, slots=True)
class Module:
    """The text, the Core functions that can be called from outside (name -> symbol), and what must be imported.

    `externs` are the functions of the host among the imports (name -> symbol).
    """

    text: str
    exported: dict[str, str]
    imports: frozenset[str]
    externs: dict[str, str]


def emit_llvm(program: Program, *, queries_ir: str | None = None) -> str:
    """The program as LLVM IR text, not yet optimised.

    `queries_ir` is the text of libVulcan's `queries.ll`; the queries in use come along as internal functions. What it
    does not define stays external, as do the functions of the host and the mathematics of `libanvil_rt`.
    """
    return assemble(program, queries_ir).text


def assemble(program: Program, queries_ir: str | None, extern_prefix: str = "") -> Module:
    """The module and its interface. `extern_prefix` stands before the names of the host's functions."""
    names = function_names(program)
    externs = {name: extern_prefix + name for name in extern_names(program)}
    analysis = Analysis(program)
    exported = {f.name: names[f.name] for f in program.functions if f.name in analysis.exported}
    parts: list[str] = []
    declared: dict[str, str] = {}
    for function in analysis.reachable:
        emitter = FunctionEmitter(program, names, externs, function, analysis.row_of(function))
        linkage = "" if function.name in exported else "internal "
        parts.append(emitter.text(linkage, " alwaysinline" if function.name in analysis.inlinable else ""))
        declared |= emitter.declarations
    for entry in program.entries:
        parts += _entry(analysis, program.function(entry.function), names[entry.function], entry)
        if entry.kind == "rank":
            declared["llvm.prefetch.p0"] = _PREFETCH
    definitions, undefined = queries.select(queries_ir, declared)
    declared = queries.declarations(queries_ir) | declared
    text = "\n\n".join([*(declared[name] for name in sorted(undefined)), *parts, *definitions]) + "\n"
    imports = frozenset(name for name in undefined if not name.startswith("llvm."))
    return Module(text, exported, imports, {extern.name: externs[extern.name] for extern in analysis.externs})


def _entry(analysis: Analysis, function: Function, name: str, entry: Entry) -> Iterator[str]:
    symbol = entry_symbol(entry)
    if entry.kind == "value":
        code = Instructions()
        context = "ptr %cx, ptr null, i64 0" if function.takes_store else ""
        code.result("double", _score(code, function, name, context))
        yield _definition("double", symbol, "ptr %cx", code)
        return
    yield _batch(analysis, function, name, symbol)
    yield _scalar(symbol)


def _scalar(symbol: str) -> str:
    """A batch of one: the score is compiled once, and every use of it inlined."""
    return f"""\
define double @{symbol}(ptr %cx, ptr %row, i64 %obj_id) nounwind {{
entry:
  %index = alloca i32
  %id = alloca i64
  %out = alloca double
  store i32 0, ptr %index
  store i64 %obj_id, ptr %id
  call void @{symbol}_batch(ptr %cx, ptr %row, i64 0, ptr %index, ptr %id, i64 1, ptr %out)
  %score = load double, ptr %out
  ret double %score
}}"""


def _batch(analysis: Analysis, function: Function, name: str, symbol: str) -> str:
    code = Instructions()
    code.branch(code.value("icmp eq i64 %n, 0"), "done", "loop")
    code.label("loop")
    i = code.value("phi i64 [ 0, %entry ], [ %next, %loop ]")
    ahead = code.value(f"add i64 {i}, {_AHEAD}")
    inside = code.value(f"icmp ult i64 {ahead}, %n")
    later = _element(code, "ptr %base", "i32", "%rows", code.value(f"select i1 {inside}, i64 {ahead}, i64 {i}"))
    for line in _lines(analysis):
        place = code.value(f"getelementptr i8, ptr {later}, i64 {line}") if line else later
        code.effect(f"call void @llvm.prefetch.p0(ptr {place}, i32 0, i32 3, i32 1)")
    row = _element(code, "ptr %base", "i32", "%rows", i)
    object_id = code.value(f"load i64, ptr {code.value(f'getelementptr i64, ptr %ids, i64 {i}')}")
    context = f"ptr %cx, ptr {row}, i64 {object_id}, " if function.takes_store else ""
    score = _score(code, function, name, f"{context}i64 {object_id}")
    code.effect(f"store double {score}, ptr {code.value(f'getelementptr double, ptr %out, i64 {i}')}")
    code.effect(f"%next = add nuw i64 {i}, 1")
    code.branch(code.value("icmp eq i64 %next, %n"), "done", "loop")
    code.label("done")
    code.effect("ret void")
    params = (
        "ptr noalias readonly %cx, ptr readonly %base, i64 %stride, ptr noalias readonly %rows, "
        "ptr noalias readonly %ids, i64 %n, ptr noalias %out"
    )
    return _definition("void", f"{symbol}_batch", params, code)


def _element(code: Instructions, base: str, kind: str, rows: str, index: str) -> str:
    """The address of the row that the index array names."""
    loaded = code.value(f"load {kind}, ptr {code.value(f'getelementptr {kind}, ptr {rows}, i64 {index}')}")
    offset = code.value(f"mul i64 {code.value(f'zext {kind} {loaded} to i64')}, %stride")
    return code.value(f"getelementptr i8, {base}, i64 {offset}")


def _lines(analysis: Analysis) -> list[int]:
    """Offsets into a row that are worth fetching: where listeners in use begin, one a cache line."""
    used = {query.slot for query in analysis.queries}
    offsets = {slot.offset for slot in analysis.program.slots if slot.index in used and slot.scope == "object"}
    return sorted({offset // _LINE * _LINE for offset in offsets})[:_LINES]


def _score(code: Instructions, function: Function, name: str, args: str) -> str:
    """The call of the Core function, inlined by LLVM, as a double."""
    kind = LLVM_TYPE[function.result]
    score = code.value(f"call {kind} @{name}({args}) alwaysinline")
    if function.result is Type.DOUBLE:
        return score
    return code.value(f"{'sitofp' if function.result.is_signed else 'uitofp'} {kind} {score} to double")


def _definition(result: str, name: str, params: str, code: Instructions) -> str:
    return "\n".join([f"define {result} @{name}({params}) nounwind {{", "entry:", *code.lines, "}"])
