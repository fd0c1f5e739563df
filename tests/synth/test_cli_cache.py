"""`vulcan` on the cache task: a user's mistakes get one clear message each, and a short search runs to its end."""

from __future__ import annotations

import importlib.metadata
import json
import struct
from importlib.metadata import EntryPoint
from pathlib import Path
from random import Random

import pytest

from synth.cli import main

pytest.importorskip("studies.cache._sim", reason="the cache simulator is not built")


@pytest.fixture(autouse=True)
def in_an_empty_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    points = [EntryPoint("cache", "studies.cache.task:TASK", "vulcan.tasks")]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    monkeypatch.chdir(tmp_path)


def write_trace(name: str, requests: int = 20_000) -> str:
    """A skewed trace of 2,000 objects in oracleGeneral."""
    random = Random(1)
    objects = [min(1999, int(random.paretovariate(0.6))) for _ in range(requests)]
    records = (struct.pack("<IQIq", i, id, 100 + id % 900, -1) for i, id in enumerate(objects))
    Path(name).write_bytes(b"".join(records))
    return name


GOOD = "double score_fn(const vulcan::store& fs, int64_t obj_id) { return fs.get_latest(last_access, obj_id); }\n"
TRACE = "t.oracleGeneral"

MISTAKES = [
    ([], 2, "task `cache` needs a trace"),
    (["--trace", "none.csv"], 1, "there is no trace `none.csv`"),
    (["--trace", "."], 1, "`.` is a directory"),
    (["--trace", "empty.oracleGeneral"], 1, "the trace is empty"),
    (["--trace", "cut.oracleGeneral"], 1, "the trace is truncated"),
    (["--trace", TRACE, "--size", "0"], 2, "a cache of size 0 holds nothing"),
    (["--trace", TRACE, "--size", "ten"], 2, "cache size `ten`"),
    (["--trace", TRACE, "--split", "1"], 2, "`1` is not a share between 0 and 1"),
    (["--trace", TRACE, "--train-requests", "0"], 2, "`0` is not a whole number from 1"),
]


@pytest.mark.parametrize("command", [["eval", "cache", "good.anv"], ["synth", "cache"], ["baselines", "cache"]])
@pytest.mark.parametrize(("options", "code", "message"), MISTAKES, ids=lambda value: str(value))
def test_a_wrong_instance(
    command: list[str], options: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_trace(TRACE, 100)
    Path("empty.oracleGeneral").touch()
    Path("cut.oracleGeneral").write_bytes(Path(TRACE).read_bytes()[:-5])
    Path("good.anv").write_text(GOOD)
    assert main([*command, *options]) == code
    error = capsys.readouterr().err
    assert error.count("error: ") == 1
    assert message in error
    assert "Traceback" not in error


BODIES = {
    "syntax": "return fs.get_latest(count, obj_id",
    "type": "return fs.get_latest(count, 0.5) + nothing;",
    "endless": "while (true) { } return 0.0;",
    "recursion": "return score_fn(fs, obj_id);",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_heuristic(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("h.anv").write_text(f"double score_fn(const vulcan::store& fs, int64_t obj_id) {{\n    {BODIES[name]}\n}}\n")
    assert main(["eval", "cache", "h.anv", "--trace", write_trace(TRACE, 100)]) == 1
    output = capsys.readouterr()
    assert "error[E" in output.err
    assert "--> h.anv:" in output.err
    assert output.out == ""
    assert "Traceback" not in output.err


def test_eval_agrees_with_the_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    Path("good.anv").write_text(GOOD)
    options = ["--trace", write_trace(TRACE), "--format", "json"]
    assert main(["eval", "cache", "good.anv", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert main(["baselines", "cache", *options]) == 0
    lru = next(row for row in json.loads(capsys.readouterr().out) if row["baseline"] == "lru")
    assert found["misses"] == lru["misses"]
    assert found["requests"] == 20_000
    assert 0.0 < found["object_miss_ratio"] < 1.0
    assert 0.0 < found["byte_miss_ratio"] < 1.0
    assert found["cache_size"] > 0


def test_a_short_search(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["synth", "cache", "--trace", write_trace(TRACE), "--run", "r", "--population", "20", "--max-evals", "60"]
    assert main([*command, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = {row["kind"]: row for row in found["rows"]}
    assert rows["best"]["train"]["score"] <= rows["seed"]["train"]["score"]
    assert found["steps"] > 0
    assert main(["eval", "cache", "r/best.anv", "--trace", TRACE, "--part", "train", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == rows["best"]["train"]["score"]
    assert "double" in Path("r/best.c").read_text()
    write_trace(TRACE, 10_000)
    assert main(command) == 1
    assert "trace sha256: " in capsys.readouterr().err
