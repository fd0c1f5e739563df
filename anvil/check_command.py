"""`anvilc check`: verdicts and findings of files, as text, JSON or SARIF, and their repair."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TextIO

from anvil.diagnostics import Diagnostic, Rejected
from anvil.driver import CheckResult, check
from anvil.interface import Interface
from anvil.repair import repair, write


def check_source(
    source: str, name: str, interface: Interface | None, budget: int, fix: bool, strict: bool = False
) -> tuple[CheckResult, list[Diagnostic]]:
    """The result of a file, repaired first if asked for, and the findings that were repaired."""

    def again(text: str) -> CheckResult:
        return check(text, interface, filename=name, budget=budget, strict=strict)

    result = again(source)
    if not fix:
        return result, []
    result, repaired = repair(result, again)
    if repaired:
        write(Path(name), result.source)
    return result, repaired


def rejected(error: Rejected) -> tuple[CheckResult, list[Diagnostic]]:
    """The result for a template that is itself not accepted."""
    return CheckResult(error.source, error.filename, error.diagnostics), []


def show(results: list[tuple[CheckResult, list[Diagnostic]]], form: str, color: str) -> int:
    """Prints the results and returns the exit code."""
    if form == "json":
        _print_json(results)
    elif form == "sarif":
        from anvil.diagnostics.formats import sarif

        log = sarif([(result.filename, result.source, result.diagnostics) for result, _ in results])
        print(json.dumps(log, indent=2))
    else:
        colored = wants_color(color, sys.stderr)
        for result, repaired in results:
            _print_text(result, repaired, colored)
    return 0 if all(result.ok for result, _ in results) else 1


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to colour; `auto` does on a terminal that can, unless NO_COLOR is set."""
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print_text(result: CheckResult, repaired: list[Diagnostic], color: bool) -> None:
    for item in repaired:
        print(f"{result.filename}: fixed {item.code}, {item.message}: {item.help}")
    if result.report is not None:
        print(_verdict(result))
        return
    found = result.diagnostics
    print("\n\n".join(d.render(result.source, result.filename, color=color) for d in found), file=sys.stderr)
    fixable = sum(bool(item.edits) for item in found)
    offer = f" ({fixable} can be repaired: anvilc check --fix)" if fixable else ""
    print(f"\n{result.filename}: rejected, {len(found)} finding{'s' * (len(found) != 1)}{offer}", file=sys.stderr)


def _verdict(result: CheckResult) -> str:
    report, program = result.report, result.program
    assert report is not None and program is not None
    lines = [
        f"{result.filename}: accepted",
        f"  worst case: {report.steps:,} steps (budget {report.budget:,}), cost {report.cost:,}",
    ]
    lines += [
        f"  loop at line {loop.span.line}: at most {loop.trips:,} iterations, {loop.bound.steps:,} steps"
        for loop in report.loops.values()
    ]
    if report.proved:
        lines.append(f"  conditions: {len(report.proved)} proved")
    if report.guards or report.guards_dropped:
        lines.append(f"  guards: {report.guards_dropped} proved not to be needed, {len(report.guards)} kept")
    if program.slots:
        size = sum(slot.size for slot in program.slots if slot.scope == "object")
        lines.append(f"  state: {size} bytes an object")
    return "\n".join(lines)


def _print_json(results: list[tuple[CheckResult, list[Diagnostic]]]) -> None:
    files = [_json(result, repaired) for result, repaired in results]
    accepted = all(result.ok for result, _ in results)
    document = files[0] if len(files) == 1 else {"accepted": accepted, "files": files}
    print(json.dumps(document, indent=2))


def _json(result: CheckResult, repaired: list[Diagnostic]) -> dict[str, object]:
    from anvil.diagnostics.formats import rustc

    return {
        "file": result.filename,
        "accepted": result.ok,
        "report": result.report.to_json() if result.report else None,
        "diagnostics": [rustc(item, result.source, result.filename) for item in result.diagnostics],
        "fixed": [{"code": item.code, "message": item.message, "help": item.help} for item in repaired],
    }
