"""Writes spec/grammar.ebnf from the compiler's grammar: `python spec/grammar.py [--check]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "anvil" / "frontend" / "grammar.lark"
TARGET = HERE / "grammar.ebnf"

HEAD = "(* The grammar of Anvil. Operators of an expression have the precedence and associativity of C++. *)\n\n"


def ebnf(lark: str) -> str:
    """The rules and tokens without what only the parser generator needs."""
    lines: list[str] = []
    for line in lark.splitlines():
        if line.startswith(("//", "%")):
            continue
        line = re.sub(r"\s+->\s+\w+$", "", line)
        lines.append(re.sub(r"^[?!]?(\w+)(?:\.\d+)?:", r"\1 =", line))
    return HEAD + re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def main() -> int:
    text = ebnf(SOURCE.read_text(encoding="utf-8"))
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text(encoding="utf-8") == text else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
