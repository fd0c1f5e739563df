"""EVOLVE-BLOCK markers: only what stands between them is the program ([policy.markers])."""

from __future__ import annotations

import re

_MARKER = re.compile(r"^[ \t]*//[ \t]*EVOLVE-BLOCK-(START|END)\b.*$", re.MULTILINE)


def evolve_block(source: str) -> str:
    """The source with everything outside its EVOLVE-BLOCK markers blanked out, line for line."""
    kept: list[str] = []
    end, inside = 0, None
    for marker in _MARKER.finditer(source):
        if (marker[1] == "START") is (inside is not None):
            continue
        if inside is None:
            kept.append(_blank(source[end : marker.end()]))
            inside = marker.end()
        else:
            kept.append(source[inside : marker.start()])
            inside = None
        end = marker.end() if inside is not None else marker.start()
    if not kept:
        return source
    if inside is not None:
        return "".join([*kept, source[inside:]])
    return "".join([*kept, _blank(source[end:])])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
