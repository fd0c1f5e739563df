"""Guards that are proved needless are not in the emitted code; the others are."""

from __future__ import annotations

import anvil
from anvil.backend_llvm import emit_llvm

PROVED = """\
int f(int a, int b) {
    int n = anvil::clamp(a, 0, 1000);
    int d = anvil::clamp(b, 1, 31);
    double x = n * 0.5;
    return n / d + n % d + (n >> d) + int(x) + (n + d) * 3 - n;
}
"""

GUARDED = """\
int f(int a, int b, double x) { return a / b + a % b + (a >> b) + int(x) + (a + b) * 3 - a; }
"""

C_GUARDS = [f"anvil_{name}(" for name in ("div_i32", "rem_i32", "shr_i32", "i32_from_f64", "add_i32", "mul_i32")]


def test_c_without_guards() -> None:
    body = anvil.compile(PROVED).c_source().split("anvil_f_f", 2)[-1]
    assert not [guard for guard in C_GUARDS if guard in body]
    assert "/ v_d" in body and "% v_d" in body and ">> v_d" in body


def test_c_with_guards() -> None:
    body = anvil.compile(GUARDED).c_source().split("anvil_f_f", 2)[-1]
    assert [guard for guard in C_GUARDS if guard in body] == C_GUARDS


def test_llvm_without_guards() -> None:
    text = emit_llvm(anvil.compile(PROVED).program)
    assert "fptosi double" in text and "llvm.fptosi.sat" not in text and "add nsw i32" in text
    assert text.count("sdiv") == 1 and "icmp eq i32 %v_d, 0" not in text


def test_llvm_with_guards() -> None:
    text = emit_llvm(anvil.compile(GUARDED).program)
    assert "llvm.fptosi.sat" in text and "nsw" not in text and "and i32" in text


def test_the_report_counts_them() -> None:
    assert anvil.compile(PROVED).report.guards == ()
    assert anvil.compile(PROVED).report.guards_dropped >= 8
    assert len(anvil.compile(GUARDED).report.guards) >= 7
