"""Reads the cases of spec/conformance; the format is described in its README."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "spec" / "conformance"


@dataclass(slots=True)
class Case:
    """One file: its rule, its verdict (code and line where it is rejected), updates of the store, runs."""

    path: Path
    rule: str = ""
    verdict: str = ""
    code: str = ""
    line: int = 0
    interface: Path | None = None
    updates: list[str] = field(default_factory=list)
    runs: list[tuple[str, list[str], str]] = field(default_factory=list)
    budget: int = 1_000_000
    strict: bool = False
    counterexample: bool = False

    @property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")


def read(path: Path) -> Case:
    """The case of a file; ValueError where its head is malformed."""
    case = Case(path)
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"// (rule|verdict|interface|update|run|budget|options|counterexample): (.+)", line)
        if match is None:
            break
        key, value = match.groups()
        if key == "rule":
            case.rule = value
        elif key == "verdict":
            words = value.split()
            case.verdict = words[0]
            if case.verdict == "reject":
                case.code, case.line = words[1], int(words[3])
        elif key == "interface":
            case.interface = ROOT / value
        elif key == "budget":
            case.budget = int(value)
        elif key == "options":
            case.strict = value == "strict"
        elif key == "counterexample":
            case.counterexample = value == "confirmed"
        elif key == "update":
            target, number = value.split(" = ")
            case.updates.append(re.sub(r"\[(-?\d+)\]", r":\1", target) + f"={number}")
        else:
            call = re.fullmatch(r"(\w+)\((.*)\) = (\S+)", value)
            if call is None:
                raise ValueError(f"{path}: `{value}` is not `f(args) = value`")
            case.runs.append((call[1], [a for a in call[2].split(", ") if a], call[3]))
    if case.verdict != path.parent.name.replace("run", "accept"):
        raise ValueError(f"{path}: its verdict does not fit its folder")
    return case


def cases() -> list[Case]:
    """Every case, in the order of their paths."""
    return [read(path) for path in sorted(ROOT.glob("*/*.anv"))]


def same_value(printed: str, expected: str) -> bool:
    """Whether a printed value is the expected one: bit for bit, all NaNs equal."""
    if expected in ("true", "false") or re.fullmatch(r"-?\d+", expected):
        return printed == expected
    want = float.fromhex(expected) if "0x" in expected else float(expected)
    got = float(printed)
    return (math.isnan(want) and math.isnan(got)) or (want == got and math.copysign(1, want) == math.copysign(1, got))
