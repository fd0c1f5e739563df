"""From LLVM IR text to machine code: in this process by LLJIT, or as assembly and object files."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import llvmlite.binding as llvm

from anvil import runtime
from anvil.backend_c.names import entry_symbol
from anvil.backend_llvm.module import Module, assemble
from anvil.core import Program
from anvil.runtime.native import EntryPoint, NativeCode

LEVELS = range(4)

# A named level of x86-64 instead of the host's features one by one: LLVM then generates code in two thirds of the time.
_X86_64_V2 = ("sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cx16", "sahf")
_X86_64_V3 = (*_X86_64_V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")

# Exact operations for which LLVM calls libm on processors without an instruction for them.
_EXACT_LIBM = ("floor", "ceil", "trunc")


# In this process, functions of the host get symbols that nothing else has: one called `floor` is not that of libm.
_EXTERN_PREFIX = "anvil_extern_"


class LinkFailed(RuntimeError):
    """A function that the program calls has no address."""


class JitCode(NativeCode):
    """Machine code of a program in this process; the memory is freed with this object."""

    def __init__(self, program: Program, module: Module, tracker: llvm.ResourceTracker) -> None:
        entries = {entry.function: _entry(tracker, entry_symbol(entry), entry.kind) for entry in program.entries}
        functions = {name: tracker[symbol] for name, symbol in module.exported.items()}
        super().__init__(program, entries, functions)
        self._tracker = tracker


def compile_program(
    program: Program,
    *,
    queries_ir: str | None,
    symbols: Mapping[str, int],
    opt: int = 1,
) -> JitCode:
    """The program as machine code.

    `queries_ir` is the text of libVulcan's `queries.ll` and `symbols` the addresses of what is not defined there
    (`vulcan.symbols()`), along with those of the functions of the host under their own names; both may be empty for a
    program without queries and such functions. `opt` is 0 (least time to compile), 1 (for
    code that is tried out), 2 or 3 (for code that stays). LinkFailed if a symbol has no address.
    """
    if opt not in LEVELS:
        raise ValueError(f"optimisation level {opt} is not one of {', '.join(map(str, LEVELS))}")
    module = assemble(program, queries_ir, _EXTERN_PREFIX)
    machine = _host_machine(opt)
    image = machine.emit_object(_optimised(module.text, machine, opt))
    # Imports are per library: nothing is registered in the process, and an unresolved name is an error.
    builder = llvm.JITLibraryBuilder().add_object_img(image)
    for name, address in _addresses(module, symbols).items():
        builder.import_symbol(name, address)
    for symbol in (*module.exported.values(), *_entry_symbols(program)):
        builder.export_symbol(symbol)
    return JitCode(program, module, builder.link(llvm.create_lljit_compiler(machine), "heuristic"))


def emit_asm(program: Program, *, queries_ir: str | None = None, opt: int = 2) -> str:
    """Assembly for any processor of this machine's architecture. `anvil_rt_*`, `vk_*`, libm and what the host provides
    stay external."""
    machine = _portable_machine(opt)
    return str(machine.emit_assembly(_optimised(assemble(program, queries_ir).text, machine, opt)))


def emit_object(program: Program, *, queries_ir: str | None = None, opt: int = 2) -> bytes:
    """The same as a relocatable object file."""
    machine = _portable_machine(opt)
    return bytes(machine.emit_object(_optimised(assemble(program, queries_ir).text, machine, opt)))


def _entry_symbols(program: Program) -> list[str]:
    symbols = [entry_symbol(entry) for entry in program.entries]
    return symbols + [f"{entry_symbol(entry)}_batch" for entry in program.entries if entry.kind == "rank"]


def _entry(tracker: llvm.ResourceTracker, symbol: str, kind: str) -> EntryPoint:
    batch = tracker[f"{symbol}_batch"] if kind == "rank" else None
    return {"kind": kind, "address": tracker[symbol], "batch_address": batch}


def _addresses(module: Module, symbols: Mapping[str, int]) -> dict[str, int]:
    host = {symbol: symbols[name] for name, symbol in module.externs.items() if name in symbols}
    known = {**symbols, **_runtime_addresses(), **host}
    missing = sorted(name.removeprefix(_EXTERN_PREFIX) for name in module.imports - known.keys())
    if missing:
        whose = "of libVulcan (vulcan.symbols()) and of the host's functions"
        raise LinkFailed(f"no address for {', '.join(missing)}: pass those {whose}")
    return {name: known[name] for name in module.imports | set(_EXACT_LIBM)}


@functools.cache
def _runtime_addresses() -> dict[str, int]:
    return runtime.addresses() | runtime.libm_addresses(_EXACT_LIBM)


# ------------------------------------------------------------------------------------------------------ passes


def _optimised(text: str, machine: llvm.TargetMachine, opt: int) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=opt))
    if opt >= 2:
        builder.getModulePassManager().run(module, builder)
        return module
    _run_inliner(module, builder)
    if opt == 1:  # the passes of O1 on what is left, without those that look at the module as a whole
        passes = builder.getFunctionPassManager()
        for function in module.functions:
            if not function.is_declaration:
                passes.run(function, builder)
    return module


def _run_inliner(module: llvm.ModuleRef, builder: llvm.PassBuilder) -> None:
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)


# ---------------------------------------------------------------------------------------------------- machines


@functools.cache
def _host_machine(opt: int) -> llvm.TargetMachine:
    cpu, features = _host_cpu()
    return _target().create_target_machine(
        cpu=cpu, features=features, opt=opt, reloc="pic", codemodel="default", jit=True
    )


@functools.cache
def _portable_machine(opt: int) -> llvm.TargetMachine:
    return _target().create_target_machine(opt=opt, reloc="pic", codemodel="default")


@functools.cache
def _target() -> llvm.Target:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple()


def _host_cpu() -> tuple[str, str]:
    available = llvm.get_host_cpu_features()
    if not llvm.get_process_triple().startswith("x86_64"):
        return llvm.get_host_cpu_name(), available.flatten()
    for level, needed in (("x86-64-v3", _X86_64_V3), ("x86-64-v2", _X86_64_V2)):
        if all(available.get(feature) for feature in needed):
            return level, ""
    return "x86-64", ""
