"""Proofs that another solver can check: each claim as a file of SMT-LIB 2 whose answer is `unsat`.

A claim is about integers along the paths of a function. It rests on what the interval analysis says of variables, which
stands in the file as assertions; what lies in the intervals alone (doubles, iterations that were followed) is listed
without a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anvil import core
from anvil.frontend.desugar import desugar
from anvil.recursion import deep_stack
from anvil.span import Span
from anvil.verify import roots_of
from anvil.verify.analysis import Analysis
from anvil.verify.cost import Report
from anvil.verify.solver import Solver

if TYPE_CHECKING:
    from anvil.driver import CheckResult

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim: `text` is its file, empty where intervals alone hold it."""

    kind: str
    words: str
    span: Span
    method: str
    text: str = ""


def write_certificate(result: CheckResult, folder: Path) -> int:
    """Writes the claims of an accepted program and `report.json`; gives the number of files. OSError as usual."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = list(_entries(desugar(result.module), result.report)) if result.module and result.report else []
    listed: list[dict[str, object]] = []
    files = 0
    for entry in entries:
        name = ""
        if entry.text:
            files += 1
            name = f"{files:03}-{entry.kind}-line{entry.span.line}.smt2"
            (folder / name).write_text(_headed(entry, result.filename), encoding="utf-8")
        listed.append(
            {
                "kind": entry.kind,
                "claim": entry.words,
                "line": entry.span.line,
                "column": entry.span.column,
                "start": entry.span.start,
                "end": entry.span.end,
                "method": entry.method,
                "file": name or None,
                "expected": "unsat" if name else None,
            }
        )
    report = {
        "source": result.filename,
        "sha256": hashlib.sha256(result.source.encode()).hexdigest(),
        "accepted": result.ok,
        "report": result.report.to_json() if result.report else None,
        "diagnostics": [found.to_json(result.filename) for found in result.diagnostics],
        "claims": listed,
        "assumes": "ranges of variables and invariants of loops, as the interval analysis finds them",
    }
    (folder / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return files


def _headed(entry: Entry, filename: str) -> str:
    place = f"{filename}:{entry.span.line}:{entry.span.column}"
    return f"; {entry.kind}: {entry.words}\n; {place}\n; unsat: the claim holds\n{entry.text}"


def _entries(program: core.Program, report: Report) -> Iterator[Entry]:
    with deep_stack():
        analysis = Analysis(program)
        analysis.run(roots_of(program, program.exports))
        solver = Solver(analysis)
        obligations = sorted(analysis.obligations.found.values(), key=lambda item: item.span.start)
        solver.settle(obligations)
        solver.bounds(frozenset(loop.id for loop in _loops(program)))
    for item in obligations:
        claims = solver.claims.get(item.key, [])
        for claim in claims:
            yield Entry(item.kind, claim.words, item.span, "smt", solver.smt2(claim))
        if not claims:
            yield Entry(item.kind, f"{item.what}: {item.required}", item.span, "intervals")
    for loop in _loops(program):
        claims = solver.claims.get(loop.id, [])
        for claim in claims:
            yield Entry("loop", claim.words, loop.span, "smt", solver.smt2(claim))
        known = report.loops.get(loop.id)
        if not claims and known is not None:
            yield Entry("loop", f"at most {known.trips} iterations", loop.span, known.proof)
    if report.guards_dropped:
        words = f"{report.guards_dropped} operations need no guard"
        yield Entry("guard", words, Span(1, 1), "intervals")


def _loops(program: core.Program) -> Iterator[core.Loop]:
    for function in program.functions:
        yield from (stmt for stmt in core.walk_block(function.body) if isinstance(stmt, core.Loop))
