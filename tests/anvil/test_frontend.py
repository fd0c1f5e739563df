"""The front end as a whole: robustness, round trips, and bounds against real runs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import anvil
from anvil.frontend.printer import print_module
from anvil.interp import Interpreter
from anvil.store import ReferenceStore
from anvil.types import Type
from tests.anvil import frontend_fuzz
from tests.anvil.conformance import ROOT, Case, cases

TEMPLATE = ROOT / "template.anv"
INTERFACE = anvil.load_interface(TEMPLATE)
ACCEPTED = [case for case in cases() if case.verdict == "accept"]


def _interface(case: Case) -> anvil.Interface | None:
    return anvil.load_interface(case.interface) if case.interface else None


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda c: c.path.stem)
def test_printed_module_parses_back(case: Case) -> None:
    first = anvil.check(case.source, _interface(case))
    assert first.module is not None and first.program is not None
    printed = print_module(first.module)
    second = anvil.check(printed, _interface(case))
    assert second.program is not None, f"{second.render()}\n{printed}"
    assert anvil.canonical(second.program) == anvil.canonical(first.program), printed
    # Lambdas are printed as the functions that they were lifted to.
    if "auto " not in case.source:
        assert print_module(second.module) == printed


@pytest.mark.parametrize("case", [c for c in ACCEPTED if c.runs], ids=lambda c: c.path.stem)
def test_steps_stay_within_the_bound(case: Case) -> None:
    compiled = anvil.compile(case.source, _interface(case))
    for function in compiled.program.functions:
        if function.result is Type.VOID:
            continue  # several results: only called by the others
        args = [0 if p.type.is_integer else 0.0 for p in function.params]
        for attempt in range(20):
            interpreter = Interpreter(compiled.program, ReferenceStore(compiled.program.slots))
            rng = random.Random(attempt)
            values = [rng.randint(0, 200) if isinstance(a, int) else rng.uniform(-9, 9) for a in args]
            typed = [bool(v) if p.type.value == "bool" else v for v, p in zip(values, function.params, strict=True)]
            interpreter.call(function.name, *typed)
            assert interpreter.steps <= compiled.report.functions[function.name].steps


def test_budget_is_exact_for_a_loop() -> None:
    source = "int f() { int s = 0; for (int i = 0; i < 10; ++i) { s += i; } return s; }"
    compiled = anvil.compile(source)
    interpreter = Interpreter(compiled.program)
    assert interpreter.call("f") == 45
    assert interpreter.steps == compiled.report.steps


# ----------------------------------------------------------------------------------------------- robustness


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text(source: str) -> None:
    result = anvil.check(source, INTERFACE)
    assert result.ok or result.diagnostics
    assert all(d.code != "E0901" for d in result.diagnostics), result.render()


@pytest.mark.parametrize("kind", frontend_fuzz.KINDS)
def test_sources_that_nobody_would_write(kind: str) -> None:
    frontend_fuzz.run(kind, 2000, seed=1)


@pytest.mark.parametrize(
    "source",
    [
        "double f() { return " + "(" * 300 + "1" + ")" * 300 + "; }",
        "double f() { return " + "-" * 300 + "1; }".replace("-", "- "),
        "double f() { return " + " + ".join(["1"] * 5000) + "; }",
        "double f() " + "{" * 300 + "}" * 300,
        "double f() { " + "if (true) " * 300 + "return 1; return 0; }",
        "double f() { if (true) return 1; " + "else if (true) return 1; " * 300 + "return 0; }",
        "\n".join(f"double f{i}() {{ return {f'f{i - 1}() + f{i - 1}()' if i else '1'}; }}" for i in range(900)),
        "\n".join([f"int g{i}();" for i in range(900)] + [f"int g{i}() {{ return g{i + 1}(); }}" for i in range(899)]),
    ],
    ids=["parentheses", "minus", "sum", "blocks", "ifs", "else-ifs", "doubling-calls", "prototypes-only"],
)
def test_deep_or_explosive_programs_are_rejected_cleanly(source: str) -> None:
    result = anvil.check(source)
    assert not result.ok
    assert all(d.code != "E0901" for d in result.diagnostics), result.render()


def test_large_source() -> None:
    result = anvil.check("// " + "x" * 70_000)
    assert [d.code for d in result.diagnostics] == ["E0105"]


def test_at_most_ten_findings_in_order() -> None:
    source = "double f() {\n" + "".join(f"  double v{i} = u{i};\n" for i in range(30)) + "  return 1;\n}\n"
    found = anvil.check(source).diagnostics
    assert [d.span.line for d in found] == list(range(2, 12))


# ------------------------------------------------------------------------------------------------ templates


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E0601"),
        ("double score_fn(double x);", "E0601"),
        ('constexpr vulcan::object_signal<int> n{"n"};\ndouble f(const vulcan::store& fs);', "E0601"),
        ("double f(const vulcan::store& fs) { return 1; }", "E0601"),
        ("double f(const vulcan::store& fs", "E0111"),
    ],
)
def test_broken_templates(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "template.anv"
    path.write_text(text)
    with pytest.raises(anvil.Rejected) as caught:
        anvil.load_interface(path)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_missing_template(tmp_path: Path) -> None:
    with pytest.raises(anvil.Rejected) as caught:
        anvil.load_interface(tmp_path / "none.anv")
    assert caught.value.diagnostics[0].code == "E0602"
