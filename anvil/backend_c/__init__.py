"""Core to C11, and to a shared library."""

from anvil.backend_c.module import emit, emit_header
from anvil.backend_c.shared import BuildFailed, SharedCode, build_shared, load_shared

__all__ = ["BuildFailed", "SharedCode", "build_shared", "emit", "emit_header", "load_shared"]
