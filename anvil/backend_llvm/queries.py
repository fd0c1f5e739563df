"""The queries of libVulcan as LLVM IR: the functions that a module needs, out of the text of `queries.ll`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Definition:
    text: str
    calls: frozenset[str]


def select(ir: str | None, names: Iterable[str]) -> tuple[list[str], set[str]]:
    """Internal definitions of those functions and of all that they call; and the names that remain undefined.

    Taking the text apart is faster than having LLVM parse all of it: a heuristic uses a few of the queries.
    """
    known = _definitions(ir) if ir else {}
    texts: list[str] = []
    undefined: set[str] = set()
    seen: set[str] = set()
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in known:
            texts.append(known[name].text)
            wanted += known[name].calls
        else:
            undefined.add(name)
    return texts, undefined


def declarations(ir: str | None) -> dict[str, str]:
    """The declarations of the text by name."""
    return _declarations(ir) if ir else {}


@functools.lru_cache(maxsize=4)
def _definitions(ir: str) -> dict[str, _Definition]:
    found = re.findall(r"^define .*?@([\w.]+)\(.*?^}", ir, re.MULTILINE | re.DOTALL)
    bodies = re.findall(r"^define .*?^}", ir, re.MULTILINE | re.DOTALL)
    return {
        name: _Definition(
            re.sub(r"^define ", "define internal ", body, count=1),
            frozenset(re.findall(r"call [^@\n]*@([\w.]+)\(", body)),
        )
        for name, body in zip(found, bodies, strict=True)
    }


@functools.lru_cache(maxsize=4)
def _declarations(ir: str) -> dict[str, str]:
    return {name: line for line, name in re.findall(r"^(declare .*?@([\w.]+)\(.*)$", ir, re.MULTILINE)}
