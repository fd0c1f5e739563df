#!/usr/bin/env python3
"""Write src/queries.ll: include/vulcan/queries.h as LLVM IR text.

clang compiles the header to bitcode; the LLVM of llvmlite reads that, upgrades it and prints its own dialect.
The result is committed, so a build needs no clang. ``--check`` compares instead of writing.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import llvmlite.binding as llvm

ROOT = Path(__file__).resolve().parents[1]
HEADER = ROOT / "include" / "vulcan" / "queries.h"
OUTPUT = ROOT / "src" / "queries.ll"

# -O1 tidies the stack traffic away; the real optimisation happens after inlining, with constant arguments.
FLAGS = [
    "-std=c11",
    "-O1",
    "-ffp-contract=off",
    "-fno-vectorize",
    "-fno-slp-vectorize",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-Wall",
    "-Wextra",
    "-Werror",
]
BANNER = "; Generated from include/vulcan/queries.h by tools/gen_queries_ir.py. Do not edit.\n"


def compile_header(clang: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, bitcode = Path(folder, "queries.c"), Path(folder, "queries.bc")
        # Without `static inline` every query becomes a symbol.
        source.write_text(f'#define VK_QUERY\n#include "{HEADER}"\n')
        subprocess.run([clang, *FLAGS, "-c", "-emit-llvm", str(source), "-o", str(bitcode)], check=True)
        return bitcode.read_bytes()


def portable(text: str) -> str:
    """Drop all that ties the text to a machine, a compiler or a path, and ask for inlining."""
    text = re.sub(r"^(; ModuleID|source_filename|target ).*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^!.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r", !\w+(\.\w+)* !\d+", "", text)  # tbaa would clash with the caller's untyped rows
    text = re.sub(r" local_unnamed_addr|dso_local ", "", text)
    text = re.sub(r"^attributes #\d+ = .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(define .*) #\d+ \{", r"\1 alwaysinline nounwind {", text, flags=re.MULTILINE)
    text = re.sub(r"^(declare .*) #\d+$", r"\1 nounwind", text, flags=re.MULTILINE)
    text = re.sub(r"^; Function Attrs:.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r" #\d+", "", text)
    return BANNER + "\n" + re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def generate(clang: str) -> str:
    module = llvm.parse_bitcode(compile_header(clang))
    text = portable(str(module))
    llvm.parse_assembly(text).verify()
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clang", default="clang-14")
    parser.add_argument("--check", action="store_true", help="fail when src/queries.ll is not up to date")
    options = parser.parse_args()
    text = generate(options.clang)
    if not options.check:
        OUTPUT.write_text(text)
        return 0
    if OUTPUT.exists() and OUTPUT.read_text() == text:
        return 0
    print(f"{OUTPUT.name} is out of date: run {Path(__file__).name}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
