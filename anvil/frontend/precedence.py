"""How tightly the binary operators of C++ bind: the parser, the printer and the formatter read this one table."""

from __future__ import annotations

PRECEDENCE = {
    op: level
    for level, ops in enumerate(["||", "&&", "|", "^", "&", "== !=", "< <= > >=", "<< >>", "+ -", "* / %"], start=1)
    for op in ops.split()
}
"""Level of every binary operator; a higher one binds more tightly, and all associate to the left."""
