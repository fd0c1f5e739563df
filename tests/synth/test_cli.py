"""The command line on the toy task: results, messages, exit codes."""

from __future__ import annotations

import importlib.metadata
import json
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from toy import ToyProposer

from synth import commands
from synth.cli import main


@pytest.fixture(autouse=True)
def toy_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    points = [EntryPoint("toy", "toy:TASK", "vulcan.tasks"), EntryPoint("gone", "no_such_module:TASK", "vulcan.tasks")]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    monkeypatch.setattr(commands, "make_proposer", lambda name, task: ToyProposer())
    monkeypatch.chdir(tmp_path)


def heuristic(text: str, name: str = "h.toy") -> str:
    Path(name).write_text(text)
    return name


WRONG_USAGE = [
    ([], "usage: vulcan"),
    (["snth"], "error: unknown command `snth`; did you mean `synth`?"),
    (["synth"], "error: `vulcan synth` needs a task first"),
    (["synth", "toi"], "error: unknown task `toi`; did you mean `toy`?"),
    (["eval", "gone", "x"], "error: task `gone` cannot be loaded"),
    (["eval", "toy"], "the following arguments are required: FILE"),
    (["synth", "toy", "--max-evals", "0"], "`0` is not a whole number from 1"),
    (["synth", "toy", "--max-time", "soon"], "`soon` is not a duration"),
    (["synth", "toy", "--nonsense"], "unrecognized arguments: --nonsense"),
    (["report"], "the following arguments are required: RUN"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG_USAGE, ids=lambda value: " ".join(value) if value else "none")
def test_wrong_usage_is_exit_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""
    assert "Traceback" not in output.err


FAILURES = [
    (["eval", "toy", "missing.toy"], "error: cannot read `missing.toy`: No such file or directory"),
    (["eval", "toy", "binary.toy"], "error: `binary.toy` is not text"),
    (["eval", "toy", "bad.toy"], "error[T1]: bad word"),
    (["report", "nowhere"], "error: there is no run in `nowhere`"),
]


@pytest.mark.parametrize(("arguments", "message"), FAILURES, ids=lambda value: " ".join(value))
def test_failure_is_exit_1(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("binary.toy").write_bytes(b"\xff\xfe")
    heuristic("bad word", "bad.toy")
    assert main(arguments) == 1
    output = capsys.readouterr()
    assert message in output.err
    assert "Traceback" not in output.err


@pytest.mark.parametrize("arguments", [["--help"], ["synth", "--help"], ["eval", "toy", "--help"], ["report", "-h"]])
def test_help_is_exit_0(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "usage: vulcan" in capsys.readouterr().out


def test_eval_prints_one_object_for_one_file_and_a_list_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = heuristic("3 1 4"), heuristic("0 1 4", "two.toy")
    assert main(["eval", "toy", one, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 0.0
    assert main(["eval", "toy", one, two, "--format", "json"]) == 0
    assert [found["score"] for found in json.loads(capsys.readouterr().out)] == [0.0, 3.0]


def test_baselines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baselines", "toy", "--format", "json"]) == 0
    assert [found["score"] for found in json.loads(capsys.readouterr().out)] == [20.0, 15.0]
    assert main(["baselines", "toy"]) == 0
    assert "15.000000" in capsys.readouterr().out


def test_synth_report_and_resume(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["synth", "toy", "--max-evals", "60"]) == 0
    output = capsys.readouterr()
    assert "best found" in output.out
    assert "held out" in output.out
    assert "of 60 evaluated" in output.err
    for name in ("best.anv", "best.c", "report.html", "archive.sqlite"):
        assert f"runs/toy-toy/{name}" in output.out
        assert (Path("runs/toy-toy") / name).is_file()
    assert main(["synth", "toy", "--max-evals", "60"]) == 0
    assert "resuming after" in capsys.readouterr().err
    assert main(["synth", "toy", "--max-evals", "60", "--flavour", "other"]) == 1
    assert 'flavour: "plain" there, "other" now' in capsys.readouterr().err
    assert main(["report", "runs/toy-toy", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["evaluated"] == 60


def test_the_report_needs_no_network_and_no_script() -> None:
    assert main(["synth", "toy", "--max-evals", "60"]) == 0
    page = Path("runs/toy-toy/report.html").read_text()
    assert not re.search(r"https?:|//[a-z]+\.|url\(|@import|<script|<link|\ssrc=|\shref=", page)
    for part in ("Results", "Search", "Best heuristic", "What is proved", "How it came about", "The run"):
        assert f"<h2>{part}</h2>" in page


def test_tasks(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("toy", "toy:TASK", "vulcan.tasks")]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    assert main(["tasks"]) == 0
    assert capsys.readouterr().out == "toy          numbers near (3, 1, 4)\n"
