"""The genetic proposer: what it proposes is accepted, reads back the same, is new, and follows from the seed."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import anvil
from anvil.frontend.printer import print_module
from anvil.types import Type
from synth.archive import Candidate
from synth.candidate import Anvil, proof_of
from synth.gp.listeners import attach
from synth.gp.operators import Parent, Workshop, tune
from synth.gp.proposer import GeneticProposer, step_sizes
from synth.gp.simplify import constant, simplify
from synth.gp.tree import sites, walk
from synth.proposer import History, Proposal

ROOT = Path(__file__).parents[2]
LANGUAGE = Anvil(ROOT / "studies" / "cache" / "template.anv")

PLAIN = """\
double score_fn(const vulcan::store& fs, int64_t obj_id) {
    return fs.get_latest(count, obj_id) / static_cast<double>(fs.get_latest(size, obj_id));
}
"""
RICH = """\
constexpr double weight = 0.3;
void configure(vulcan::config& config) {
    config.add_listeners(last_access, {vulcan::RollingWindow(4), vulcan::EWMA({0.95, 0.35})});
}
double helper(double x) { return x > -2 ? std::sqrt(x) : -1.5; }
double score_fn(const vulcan::store& fs, int64_t obj_id) {
    int64_t age = fs.get_latest(now) - fs.get_latest(insert_time, obj_id);
    double gap = age - fs.get_kth(last_access, obj_id, 1);
    double s = 0;
    for (int i = 0; i < 3; i++) { s += fs.get_kth(last_access, obj_id, i) * weight; }
    if (age > 100 && fs.get_latest(count, obj_id) > 2) {
        return gap * helper(3) + fs.get_ewma(last_access, obj_id, 0.35);
    }
    return std::max(gap, s) / (1 + fs.get_latest(size, obj_id));
}
"""


def candidate(id: int, source: str, score: float, operator: str = "seed", parents: tuple[int, ...] = ()) -> Candidate:
    proof = LANGUAGE.check(source)
    generation = 0 if operator == "seed" else 1
    return Candidate(
        id,
        generation,
        parents,
        operator,
        "",
        source,
        proof.key,
        "scored",
        (),
        proof.steps,
        proof.cost,
        score,
        {},
        0.0,
        0.0,
    )


def history_of(*sources: str) -> History:
    history = History(minimize=True)
    history.add([candidate(index, source, float(index)) for index, source in enumerate(sources, start=1)])
    return history


def evolve(seed: int, generations: int, count: int) -> list[Proposal]:
    """Generations under a made-up score, so that offspring have offspring."""
    proposer, history = GeneticProposer(LANGUAGE), history_of(PLAIN, RICH)
    made: list[Proposal] = []
    for generation in range(1, generations + 1):
        proposals = proposer.propose(history, generation, count, Random(f"{seed}/{generation}"))
        history.add(
            [
                candidate(100 * generation + index, p.source, Random(p.source).random() * 3, p.operator, p.parents)
                for index, p in enumerate(proposals)
            ]
        )
        made += proposals
    return made


def test_five_hundred_proposals_are_accepted_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    check_module = anvil.check_module
    refused: list[str] = []

    def watched(*arguments: object, **options: object) -> object:
        result = check_module(*arguments, **options)  # type: ignore[arg-type]
        refused.extend(found.message for found in result.diagnostics)
        return result

    monkeypatch.setattr(anvil, "check_module", watched)
    proposals = evolve(1, 13, 40)
    assert len(proposals) >= 500
    assert refused == []
    assert len({proposal.proof.key for proposal in proposals}) == len(proposals)
    assert len({proposal.operator for proposal in proposals}) >= 10
    for proposal in proposals:
        checked = anvil.check(proposal.source, LANGUAGE.interface)
        assert checked.ok, checked.render()
        assert checked.module is not None
        assert print_module(checked.module) == proposal.source
        assert proof_of(checked) == proposal.proof


@settings(max_examples=5)
@given(st.integers(0, 2**32))
def test_any_seed_gives_accepted_proposals_and_the_same_ones_again(seed: int) -> None:
    first = evolve(seed, 2, 10)
    assert [p.source for p in first] == [p.source for p in evolve(seed, 2, 10)]
    for proposal in first:
        assert LANGUAGE.check(proposal.source).key == proposal.proof.key


def test_listeners_are_what_the_queries_need() -> None:
    checked = LANGUAGE.result(
        RICH.replace("RollingWindow(4)", "RollingWindow(9)").replace("fs.get_kth(last_access, obj_id, i)", "weight")
    )
    assert checked.module is not None
    found = [(item.signal, item.listener, item.params) for item in attach(checked.module).listeners]
    assert found == [("last_access", "EWMA", (0.35,)), ("last_access", "RollingWindow", (2.0,))]


@pytest.mark.parametrize(
    ("expression", "simple"),
    [
        ("(x * 1.0 + 0.0) / 1.0", "x"),
        ("2.0 * 3.0 + x", "6.0 + x"),
        ("-(-x)", "x"),
        ("x - x", "0.0"),
        ("1.0 < 2.0 ? x : 5.0", "x"),
        ("x > 3.0 ? x : x", "x"),
        ("anvil::min(x, x)", "x"),
        ("anvil::pow(x, 1.0)", "x"),
    ],
)
def test_no_ops_are_dropped(expression: str, simple: str) -> None:
    shape = (
        "double score_fn(const vulcan::store& fs, int64_t obj_id) {{ double unused = 3.0; "
        "double x = static_cast<double>(fs.get_latest(size, obj_id)); return {}; }}"
    )
    before, after = (LANGUAGE.result(shape.format(text)).module for text in (expression, simple))
    assert before is not None
    assert after is not None
    assert simplify(before.functions[0]) == simplify(after.functions[0])
    assert len(simplify(before.functions[0]).body) < 3


def test_tidying_names_what_is_used_twice_and_is_done_once() -> None:
    source = LANGUAGE.tidy(
        "double score_fn(const vulcan::store& fs, int64_t obj_id) { double a = fs.get_latest(size, obj_id); "
        "return a * fs.get_latest(size, obj_id) + (fs.get_latest(now) - fs.get_latest(last_access, obj_id)); }"
    )
    assert "const double size_value = static_cast<double>(fs.get_latest(size, obj_id));" in source
    assert source.count("get_latest(size") == 1
    assert LANGUAGE.tidy(source) == source


def test_tuning_moves_every_constant_and_nothing_else() -> None:
    module = LANGUAGE.result(RICH).module
    assert module is not None
    parent = Parent(module, module.functions[-1])
    proposer = GeneticProposer(LANGUAGE)
    tuned = tune(Workshop(proposer._vocabulary, Random(1)), parent, 0.3)
    assert tuned is not None
    shapes = [
        [type(node) for node in walk(function) if getattr(node, "type", None) is not Type.DOUBLE]
        for function in (parent.function, tuned)
    ]
    assert shapes[0] == shapes[1]
    before, after = ([constant(site.expr) for site in sites(function)] for function in (parent.function, tuned))
    assert all(a != b for a, b in zip(before, after, strict=True) if a)


def test_the_tuning_step_follows_success() -> None:
    history = history_of(PLAIN)
    history.add([candidate(2, PLAIN, 0.5, "tune", (1,)), candidate(3, PLAIN, 9.0, "tune", (1,))])
    steps = step_sizes(history)
    assert steps[1] < 0.3 < steps[2]
