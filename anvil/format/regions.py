"""The parts of a file that are Anvil: all of it, or what stands between EVOLVE-BLOCK markers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anvil.frontend.evolve import evolve_block

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(slots=True)
class Region:
    """Some whole lines; those that are not `code` stay as they are. `indent` is that of the marker above."""

    text: str
    code: bool
    indent: int = 0
    newline: str = "\n"


def regions(source: str) -> list[Region]:
    """The source in pieces, in order."""
    masked = evolve_block(source)
    if masked == source:
        return [Region(source, True)]
    found = [Region("", False)]
    for line, seen in zip(_LINE.findall(source), _LINE.findall(masked), strict=True):
        if line == seen:
            found[-1].text += line
            continue
        if found[-1].code:
            found.append(Region("", False))
        found[-1].text += line
        if "EVOLVE-BLOCK-START" in line:
            indent = len(line) - len(line.lstrip())
            found.append(Region("", True, indent, "\r\n" if line.endswith("\r\n") else "\n"))
    return found
