"""Core to LLVM IR, and to machine code in this process."""

from anvil.backend_llvm.engine import JitCode, LinkFailed, compile_program, emit_asm, emit_object
from anvil.backend_llvm.module import emit_llvm

__all__ = ["JitCode", "LinkFailed", "compile_program", "emit_asm", "emit_llvm", "emit_object"]
