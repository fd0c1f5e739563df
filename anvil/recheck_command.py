"""`anvilc recheck`: another solver over the claims of a certificate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anvil.verify.certificate import REPORT

LIMIT_MS = 10_000
"""Time for one claim."""


class NoCertificate(Exception):
    """There is nothing to check, or nothing to check it with; the message says what to do."""


def recheck(folder: Path, solver: str) -> tuple[list[str], bool]:
    """A line for every claim with a file, and whether each was confirmed."""
    report = _report(folder)
    answer = _SOLVERS[solver]()
    lines: list[str] = []
    good = bool(report.get("accepted"))
    for claim in report["claims"]:
        if not claim["file"]:
            continue
        try:
            text = (folder / claim["file"]).read_text(encoding="utf-8")
        except OSError as error:
            raise NoCertificate(f"cannot read `{claim['file']}`: {error.strerror}") from None
        found = answer(text)
        good = good and found == claim["expected"]
        lines.append(f"{found:8} {claim['file']}  {report['source']}:{claim['line']}  {claim['claim']}")
    rest = sum(not claim["file"] for claim in report["claims"])
    lines.append(f"{len(lines)} claims checked by {solver}, {rest} held by intervals alone")
    return lines, good


def _report(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    except OSError as error:
        why = f"cannot read `{folder / REPORT}`: {error.strerror}; write it with `anvilc check FILE --certificate DIR`"
        raise NoCertificate(why) from None
    except ValueError:
        raise NoCertificate(f"`{folder / REPORT}` is not JSON; write the certificate anew") from None
    if not isinstance(found, dict) or not isinstance(found.get("claims"), list):
        raise NoCertificate(f"`{folder / REPORT}` is not a report of anvilc; write the certificate anew")
    return found


def _cvc5() -> Callable[[str], str]:
    try:
        import cvc5
    except ImportError:
        raise NoCertificate("cvc5 is not installed: `pip install cvc5`, or use `--solver z3`") from None

    def answer(text: str) -> str:
        solver = cvc5.Solver(cvc5.TermManager())
        solver.setOption("tlimit-per", str(LIMIT_MS))
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "claim")
        symbols = parser.getSymbolManager()
        said = ""
        try:
            while not (command := parser.nextCommand()).isNull():
                said += command.invoke(solver, symbols)
        except RuntimeError as error:  # what cvc5 raises for input that it cannot read
            return f"error: {str(error).splitlines()[0]}"
        return said.strip() or "nothing"

    return answer


def _z3() -> Callable[[str], str]:
    import z3

    def answer(text: str) -> str:
        solver = z3.Solver()
        solver.set("timeout", LIMIT_MS)
        try:
            solver.from_string(text)
        except z3.Z3Exception as error:
            return f"error: {error}"
        return str(solver.check())

    return answer


_SOLVERS: dict[str, Callable[[], Callable[[str], str]]] = {"cvc5": _cvc5, "z3": _z3}
SOLVERS = tuple(_SOLVERS)
