"""What compiled heuristics need of libVulcan: the meaning of queries, as C text and as LLVM IR, and its symbols."""

from __future__ import annotations

import functools


def queries_header() -> str:
    """The C text of every query."""
    import vulcan

    return (vulcan.include_dir() / "vulcan" / "queries.h").read_text(encoding="utf-8")


@functools.cache
def queries_ir() -> str:
    """The same as LLVM IR."""
    import vulcan

    return vulcan.queries_ir_path().read_text(encoding="utf-8")


@functools.cache
def runtime_symbols() -> dict[str, int]:
    """Addresses of the functions that queries call."""
    import vulcan

    return vulcan.symbols()
