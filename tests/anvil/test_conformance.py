"""Every case of spec/conformance against this compiler, runs in all executors."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import anvil
from anvil.diagnostics import CATALOGUE
from anvil.run import execute
from tests.anvil.conformance import ROOT, Case, cases, same_value

CASES = cases()
RUNS = [case for case in CASES if case.runs]


@cache
def _interface(path: Path) -> anvil.Interface:
    return anvil.load_interface(path)


def _check(case: Case) -> anvil.CheckResult:
    interface = _interface(case.interface) if case.interface else None
    return anvil.check(case.source, interface, filename=case.path.name, budget=case.budget, strict=case.strict)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.path.parent.name}/{c.path.stem}")
def test_verdict(case: Case) -> None:
    result = _check(case)
    if case.verdict == "accept":
        assert result.ok, result.render()
        return
    found = [(d.code, d.span.line) for d in result.diagnostics]
    assert (case.code, case.line) in found, result.render()
    assert all(CATALOGUE[d.code].rule == d.rule and d.help for d in result.diagnostics)
    if case.counterexample:
        shown = [d.witness for d in result.diagnostics if (d.code, d.span.line) == (case.code, case.line)]
        assert any(witness is not None and witness.confirmed for witness in shown), result.render()


@pytest.mark.parametrize("executor", ["interp", "jit", "c"])
@pytest.mark.parametrize("case", RUNS, ids=lambda c: c.path.stem)
def test_run(case: Case, executor: str) -> None:
    compiled = anvil.compile(case.source, _interface(case.interface) if case.interface else None)
    for name, args, expected in case.runs:
        printed = execute(compiled, name, args, case.updates, executor)
        assert same_value(printed, expected), f"{name}({', '.join(args)}) = {printed}, not {expected}"


def test_every_diagnostic_has_a_case() -> None:
    covered = {case.code for case in CASES}
    # Not for a file of this folder: too large a source, a broken template, an unreadable file, a bug of the compiler.
    assert set(CATALOGUE) - covered == {"E0105", "E0601", "E0602", "E0901"}


def test_every_rule_is_in_the_specification() -> None:
    spec = (ROOT.parent / "anvil.md").read_text(encoding="utf-8")
    rules = {case.rule for case in CASES} | {kind.rule for kind in CATALOGUE.values()}
    missing = sorted(rule for rule in rules if f"[{rule}]" not in spec)
    assert not missing


def test_the_grammar_of_the_specification_is_current() -> None:
    done = subprocess.run([sys.executable, str(ROOT.parent / "grammar.py"), "--check"], check=False)
    assert done.returncode == 0, "run `python spec/grammar.py`"


def test_every_rule_of_the_specification_has_a_case() -> None:
    spec = (ROOT.parent / "anvil.md").read_text(encoding="utf-8")
    rules = set(re.findall(r"\[([a-z_]+\.[a-z_]+)\]", spec))
    # Not for a file of this folder: too large a source, a broken or unreadable template.
    elsewhere = {"lex.size", "interface.form", "interface.file"}
    covered = {case.rule for case in CASES} | {CATALOGUE[case.code].rule for case in CASES if case.code}
    assert not sorted(rules - covered - elsewhere)
