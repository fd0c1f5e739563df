"""The command line: verdicts, forms, values, exit codes, and never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.anvil.conformance import ROOT

SOURCE = """double halve(int x) { return x / 2.0; }
int64_t total(int n) { int64_t s = 0; for (int i = 0; i < 50; ++i) { if (i < n) s += i; } return s; }
"""
TEMPLATE = ROOT / "template.anv"


def anvilc(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "anvil.cli", *args]
    done = subprocess.run(command, capture_output=True, text=True, input=stdin, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.anv"
    path.write_text(SOURCE)
    return str(path)


def test_check_accepts(program: str) -> None:
    done = anvilc("check", program)
    assert done.returncode == 0
    assert "accepted" in done.stdout and "at most 50 iterations" in done.stdout


def test_check_rejects_with_place_cause_and_fix(tmp_path: Path) -> None:
    path = tmp_path / "bad.anv"
    path.write_text("double f() {\n    while (true) { }\n    return 1;\n}\n")
    done = anvilc("check", str(path))
    assert done.returncode == 1
    assert "bad.anv:2:12" in done.stderr and "E0501" in done.stderr and "help:" in done.stderr


def test_check_json(program: str) -> None:
    data = json.loads(anvilc("check", program, "--format", "json").stdout)
    assert data["accepted"] is True
    assert data["report"]["loops"] == [
        {"line": 2, "trips": 50, "steps": 201, "cost": data["report"]["loops"][0]["cost"], "proof": "intervals"}
    ]
    done = anvilc("check", "-", "--format", "json", stdin="double f() { return x; }")
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert done.returncode == 1
    (span,) = found["spans"]
    assert (found["code"]["code"], found["rule"], found["level"]) == ("E0201", "name.unknown", "error")
    assert (span["line_start"], span["column_start"], span["column_end"]) == (1, 21, 22)


@pytest.mark.parametrize("executor", ["interp", "jit", "c"])
def test_run(program: str, executor: str) -> None:
    assert anvilc("run", program, "halve", "--executor", executor, "--", "-7").stdout == "-3.5\n"
    assert anvilc("run", program, "total", "--executor", executor, "--", "10").stdout == "45\n"


@pytest.mark.parametrize("target", ["ast", "typed", "core", "c", "llvm", "asm"])
def test_emit_text(program: str, target: str) -> None:
    done = anvilc("emit", program, "--target", target)
    assert done.returncode == 0
    assert "halve" in done.stdout


@pytest.mark.parametrize("target", ["obj", "so"])
def test_emit_binary(program: str, target: str, tmp_path: Path) -> None:
    out = tmp_path / "out.bin"
    assert anvilc("emit", program, "--target", target, "-o", str(out)).returncode == 0
    assert out.read_bytes().startswith(b"\x7fELF")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["check", "nowhere.anv"], "cannot read `nowhere.anv`"),
        (["run", "PROGRAM", "third"], "there is no function `third`"),
        (["run", "PROGRAM", "halve"], "takes 1 argument"),
        (["run", "PROGRAM", "halve", "--", "x"], "`x` is not a int"),
        (["run", "PROGRAM", "halve", "--", "3000000000"], "does not fit into int"),
        (["run", "PROGRAM", "halve", "--update", "size:1=2", "--", "1"], "does not query `size`"),
        (["emit", "PROGRAM", "--target", "fortran"], "invalid choice"),
        (["check", "PROGRAM", "--budget", "-1"], "positive"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage(program: str, args: list[str], message: str) -> None:
    done = anvilc(*[program if arg == "PROGRAM" else arg for arg in args])
    assert done.returncode == 2
    assert message in done.stderr


def test_unreadable_template_is_a_finding(program: str) -> None:
    done = anvilc("check", program, "--interface", "nowhere.anv")
    assert done.returncode == 1
    assert "cannot read `nowhere.anv`" in done.stderr


def test_binary_source(tmp_path: Path) -> None:
    path = tmp_path / "binary.anv"
    path.write_bytes(b"\xff\xfe\x00")
    done = anvilc("check", str(path))
    assert done.returncode == 2
    assert "not UTF-8" in done.stderr


def test_budget_option(program: str) -> None:
    done = anvilc("check", program, "--budget", "100")
    assert done.returncode == 1
    assert "exceeds the budget of 100 by factor 2.0" in done.stderr
