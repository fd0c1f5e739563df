"""`anvilc explain`: cause, example and repair of every code, from the catalogue."""

from __future__ import annotations

import textwrap

from anvil.diagnostics.advice import closest
from anvil.diagnostics.catalogue import CATALOGUE
from anvil.diagnostics.explanations import EXPLANATIONS

WIDTH = 100


class UnknownCode(Exception):
    """There is no such code; the message suggests one."""


def explain(code: str) -> str:
    """What `anvilc explain CODE` prints."""
    code = code.upper()
    if code not in CATALOGUE:
        hint = closest(code, list(CATALOGUE)) or "`anvilc explain` lists all codes"
        raise UnknownCode(f"there is no code `{code}`; {hint}")
    kind = CATALOGUE[code]
    about = EXPLANATIONS.get(code)
    parts = [f"{code}  [{kind.rule}]", textwrap.fill(about.cause if about else kind.message, WIDTH)]
    if about and about.wrong:
        parts += ["Rejected:", _code(about.wrong), "Accepted:", _code(about.right)]
    return "\n\n".join(parts)


def listing() -> str:
    """All codes, one a line, with the first sentence about each."""
    lines = []
    for code, kind in CATALOGUE.items():
        cause = EXPLANATIONS[code].cause if code in EXPLANATIONS else kind.message
        first = cause.replace(": ", ". ", 1).split(". ", 1)[0].rstrip(".")
        lines.append(f"{code}  {kind.rule:<24}{textwrap.shorten(first, 90, placeholder=' ...')}")
    return "\n".join(lines)


def _code(source: str) -> str:
    lines = [line if len(line) <= WIDTH else f"{line[: WIDTH - 4]} ..." for line in source.rstrip().split("\n")]
    return textwrap.indent("\n".join(lines), "    ")
