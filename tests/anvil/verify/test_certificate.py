"""Certificates: what another solver says of the proofs, and that nothing tampered with passes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import anvil
from anvil.recheck_command import SOLVERS, NoCertificate, recheck
from anvil.verify.certificate import REPORT, write_certificate
from tests.anvil.conformance import ROOT

NAMES = ["proof-measure", "proof-relation", "proof-interval", "proof-context", "extern-post"]


def _certificate(name: str, folder: Path) -> int:
    path = next(ROOT.glob(f"*/{name}.anv"))
    source = path.read_text()
    interface = anvil.load_interface(ROOT / "template.anv") if "interface:" in source else None
    return write_certificate(anvil.check(source, interface, filename=path.name), folder)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", NAMES)
def test_every_claim_is_confirmed(name: str, solver: str, tmp_path: Path) -> None:
    if solver == "cvc5":
        pytest.importorskip("cvc5", reason="needs cvc5")
    files = _certificate(name, tmp_path)
    lines, good = recheck(tmp_path, solver)
    assert good and files == len(lines) - 1 > 0
    assert all(line.startswith("unsat ") for line in lines[:-1])


def test_a_weakened_claim_is_found_out(tmp_path: Path) -> None:
    _certificate("proof-measure", tmp_path)
    path = next(path for path in sorted(tmp_path.glob("*.smt2")) if "at least 1" in path.read_text())
    lines = path.read_text().splitlines()
    last = max(place for place, line in enumerate(lines) if line.startswith("(assert"))
    path.write_text("\n".join([*lines[:last], "(check-sat)"]))
    shown, good = recheck(tmp_path, "z3")
    assert not good and any(line.startswith("sat ") and path.name in line for line in shown)


def test_the_report_names_every_claim(tmp_path: Path) -> None:
    _certificate("proof-relation", tmp_path)
    report = json.loads((tmp_path / REPORT).read_text())
    assert report["accepted"] and len(report["sha256"]) == 64
    assert {claim["kind"] for claim in report["claims"]} >= {"index", "loop"}
    assert {claim["file"] for claim in report["claims"] if claim["file"]} == {p.name for p in tmp_path.glob("*.smt2")}
    assert "get_kth: 0 <= k && k < 8" in {claim["claim"] for claim in report["claims"]}


def test_the_same_bytes_in_every_run(tmp_path: Path) -> None:
    made = []
    for seed in ("0", "1"):
        folder = tmp_path / seed
        source = ROOT / "accept" / "proof-measure.anv"
        command = [sys.executable, "-m", "anvil.cli", "check", str(source), "--certificate", str(folder)]
        subprocess.run(command, check=True, capture_output=True, env={"PYTHONHASHSEED": seed})
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1] and len(made[0]) > 3


def test_a_rejected_program_is_reported(tmp_path: Path) -> None:
    write_certificate(anvil.check("int f(int n) { while (n != 0) { } return 1; }"), tmp_path)
    report = json.loads((tmp_path / REPORT).read_text())
    assert not report["accepted"] and report["diagnostics"][0]["code"] == "E0501" and not report["claims"]
    assert recheck(tmp_path, "z3")[1] is False


def test_what_is_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(NoCertificate, match="--certificate DIR"):
        recheck(tmp_path, "z3")
    (tmp_path / REPORT).write_text("{")
    with pytest.raises(NoCertificate, match="not JSON"):
        recheck(tmp_path, "z3")
    (tmp_path / REPORT).write_text("[]")
    with pytest.raises(NoCertificate, match="not a report"):
        recheck(tmp_path, "z3")
