"""Room on Python's stack for programs nested as deep as the language allows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FRAMES = 60_000
"""Python frames that the deepest nesting accepted, or the longest chain of calls, needs at most."""


@contextmanager
def deep_stack() -> Iterator[None]:
    """Raises Python's recursion limit inside."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
