"""The search on the toy task: it improves, stops, resumes, and refuses what it must."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from toy import Quiet, ToyEvaluator, ToyProposer, toy_plan

from synth.archive import ARCHIVE_NAME, PENDING, Archive, Candidate, Result
from synth.candidate import Proof
from synth.errors import UserError
from synth.lock import RunLock
from synth.proposer import History, Proposal
from synth.results import summarize
from synth.search import Limits, run

SCRIPT = Path(__file__).with_name("run_toy.py")


def candidates(directory: Path) -> list[Candidate]:
    archive = Archive.open(directory / ARCHIVE_NAME)
    try:
        return archive.candidates()
    finally:
        archive.close()


def run_script(directory: Path, log: Path, evaluations: int, *, dies_after: float | None = None) -> int:
    extra = [] if dies_after is None else [str(dies_after)]
    command = [sys.executable, str(SCRIPT), str(directory), str(log), str(evaluations), *extra]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, check=False, timeout=60).returncode


def test_improves_over_the_seed_and_over_the_baselines(tmp_path: Path) -> None:
    observer = Quiet()
    assert run(toy_plan(ToyEvaluator()), tmp_path, Limits(max_evals=300), observer) == "300 evaluations"
    summary = summarize(tmp_path)
    assert summary.champion is not None
    assert summary.champion.score is not None
    assert summary.champion.score < 1.0 < 15.0
    assert summary.evaluated == len(observer.results) == 300
    assert [row.kind for row in summary.rows] == ["baseline", "baseline", "seed", "best"]
    assert all(row.heldout is not None for row in summary.rows)
    assert summary.lineage[0].name == "zero"
    assert summary.lineage[-1] == summary.champion


def test_killed_at_random_points_it_ends_as_if_undisturbed(tmp_path: Path) -> None:
    calm, calm_log = tmp_path / "calm", tmp_path / "calm.log"
    assert run_script(calm, calm_log, 400) == 0
    rough, rough_log = tmp_path / "rough", tmp_path / "rough.log"
    random = Random(7)
    deaths = sum(run_script(rough, rough_log, 400, dies_after=random.uniform(0.15, 0.6)) != 0 for _ in range(8))
    assert run_script(rough, rough_log, 400) == 0
    assert deaths > 0
    evaluated = rough_log.read_text().splitlines()
    assert len(evaluated) == len(set(evaluated)), "something was evaluated twice"
    assert set(evaluated) == set(calm_log.read_text().splitlines())
    plain = [(c.id, c.generation, c.parents, c.source, c.verdict, c.score) for c in candidates(rough)]
    assert plain == [(c.id, c.generation, c.parents, c.source, c.verdict, c.score) for c in candidates(calm)]


def test_a_raised_cap_goes_on_as_if_it_had_been_that_high(tmp_path: Path) -> None:
    run(toy_plan(ToyEvaluator()), tmp_path / "a", Limits(max_evals=90), Quiet())
    run(toy_plan(ToyEvaluator()), tmp_path / "b", Limits(max_evals=33), Quiet())
    run(toy_plan(ToyEvaluator()), tmp_path / "b", Limits(max_evals=90), Quiet())
    done = [[c.source for c in candidates(tmp_path / name) if c.verdict != PENDING] for name in "ab"]
    assert done[0] == done[1]
    assert len(done[0]) == 90


class Impatient(Quiet):
    """Presses Ctrl-C after 45 evaluations."""

    def evaluated(self, result: Result) -> None:
        super().evaluated(result)
        if len(self.results) == 45:
            raise KeyboardInterrupt


def test_interrupted_it_saves_and_goes_on(tmp_path: Path) -> None:
    assert run(toy_plan(ToyEvaluator()), tmp_path / "a", Limits(max_evals=90), Impatient()) == "interrupted"
    assert 45 <= summarize(tmp_path / "a").evaluated < 90
    run(toy_plan(ToyEvaluator()), tmp_path / "a", Limits(max_evals=90), Quiet())
    run(toy_plan(ToyEvaluator()), tmp_path / "b", Limits(max_evals=90), Quiet())
    done = [[c.source for c in candidates(tmp_path / name) if c.verdict != PENDING] for name in "ab"]
    assert done[0] == done[1]


def test_same_seed_same_run_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(toy_plan(ToyEvaluator(), seed=seed), tmp_path / name, Limits(max_evals=60), Quiet())
    sources = [[c.source for c in candidates(tmp_path / name)] for name in "abc"]
    assert sources[0] == sources[1] != sources[2]


def test_other_settings_are_refused_and_named(tmp_path: Path) -> None:
    run(toy_plan(ToyEvaluator()), tmp_path, Limits(max_evals=5), Quiet())
    with pytest.raises(UserError) as caught:
        run(toy_plan(ToyEvaluator(), seed=2, size="5%"), tmp_path, Limits(max_evals=5), Quiet())
    assert "seed: 1 there, 2 now" in caught.value.message
    assert 'size: nothing there, "5%" now' in caught.value.message
    assert "proposer" not in caught.value.message
    assert "--run" in caught.value.help


def test_two_processes_on_one_run_are_refused(tmp_path: Path) -> None:
    lock = RunLock(tmp_path / "lock", 0.0)
    with pytest.raises(UserError, match=f"in use by process {os.getpid()}"):
        run(toy_plan(ToyEvaluator()), tmp_path, Limits(), Quiet())
    lock.close()


def test_an_unusable_instance_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="trace `toy` is empty"):
        run(toy_plan(ToyEvaluator(broken=True)), tmp_path, Limits(), Quiet())


def test_stops_on_a_plateau_and_on_time(tmp_path: Path) -> None:
    reason = run(toy_plan(ToyEvaluator()), tmp_path / "a", Limits(max_evals=10_000, plateau=60), Quiet())
    assert reason.startswith("plateau: ")
    reason = run(toy_plan(ToyEvaluator()), tmp_path / "b", Limits(max_evals=10_000, max_time=0.3), Quiet())
    assert reason == "0.3 seconds"


class Troublemaker(ToyProposer):
    """Adds candidates that go wrong to its first generation."""

    def propose(self, history: History, generation: int, count: int, random: Random) -> list[Proposal]:
        good = super().propose(history, generation, count, random)
        bad = [
            Proposal(word, "bad", (1,), Proof(word, 1, 1)) for word in ("hang", "die", "raise", "bad word", "nan 0 0")
        ]
        return [*bad, *good] if generation == 1 else good


def test_candidates_that_hang_die_or_raise_are_marked_and_the_run_goes_on(tmp_path: Path) -> None:
    limits = Limits(max_evals=60, candidate_time=0.3)
    assert run(toy_plan(ToyEvaluator(), proposer=Troublemaker()), tmp_path, limits, Quiet()) == "60 evaluations"
    verdicts = {c.source: c.verdict for c in candidates(tmp_path)}
    assert verdicts["hang"] == "timeout"
    assert verdicts["die"] == "crashed"
    assert verdicts["raise"] == "failed"
    assert verdicts["bad word"] == "rejected"
    assert sum(verdict == "scored" for verdict in verdicts.values()) >= 55
    summary = summarize(tmp_path)
    assert summary.rejects == {"timeout": 1, "crashed": 1, "evaluator": 1, "T1": 1}
    assert summary.champion is not None
    assert summary.champion.score == summary.champion.score
