"""Applies the repairs that findings carry, as long as they help (`anvilc check --fix`)."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from anvil.diagnostics import Diagnostic, Edit
from anvil.diagnostics.fixes import apply, chosen
from anvil.driver import CheckResult

MAX_ROUNDS = 50
"""Checks of one file at most; a syntax error hides all that follow it, so each may take a round."""


def repair(result: CheckResult, check: Callable[[str], CheckResult]) -> tuple[CheckResult, list[Diagnostic]]:
    """The result for the repaired source, and the findings that were repaired on the way."""
    repaired: list[Diagnostic] = []
    for _ in range(MAX_ROUNDS):
        found = chosen(result.diagnostics)
        following = _attempt(found, result, check) if found else None
        if following is None:
            # Together they do not help; one alone may.
            for item in found:
                found, following = [item], _attempt([item], result, check)
                if following is not None:
                    break
        if following is None:
            break
        repaired += found
        result = following
    return result, repaired


def _attempt(found: list[Diagnostic], before: CheckResult, check: Callable[[str], CheckResult]) -> CheckResult | None:
    """The result after the edits of these findings, if every one of them is gone."""
    edits = [edit for item in found for edit in item.edits]
    after = check(apply(before.source, edits))
    return None if any(_remains(item, edits, before, after) for item in found) else after


def _remains(item: Diagnostic, edits: list[Edit], before: CheckResult, after: CheckResult) -> bool:
    """Whether the finding is still at its place, which edits in front of it have moved."""
    start = item.span.start
    places = {
        start + sum(len(e.text) - (e.end - e.start) for e in edits if e.end <= limit) for limit in (start - 1, start)
    }
    text = before.source[start : item.span.end]
    return any(
        (d.code, d.message, after.source[d.span.start : d.span.end]) == (item.code, item.message, text)
        and d.span.start in places
        for d in after.diagnostics
    )


def write(path: Path, text: str) -> None:
    """Replaces the content of a file at once; it stays as it was where that fails."""
    path = path.resolve()
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "it is read-only", str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode("utf-8"))
        os.chmod(name, path.stat().st_mode & 0o7777)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
