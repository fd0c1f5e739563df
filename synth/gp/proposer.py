"""The genetic proposer: which parents, which operators, and what becomes of their offspring."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import TYPE_CHECKING

from anvil.frontend import typed as t
from synth.archive import SCORED, Candidate
from synth.candidate import Anvil, proof_of
from synth.gp import operators as ops
from synth.gp.islands import Islands
from synth.gp.listeners import attach, is_ambiguous
from synth.gp.operators import Parent, Workshop
from synth.gp.simplify import simplify, spelled_out
from synth.gp.tree import size, walk
from synth.gp.vocabulary import Vocabulary
from synth.proposer import History, Proposal

if TYPE_CHECKING:
    from anvil.driver import CheckResult

MAX_SIZE = 80
_TRIES = 12
_TUNE = "tune"
_OPERATORS: dict[str, tuple[float, ops.Operator]] = {
    "fresh": (0.6, ops.fresh),
    "subtree": (3.0, ops.subtree),
    "point": (1.2, ops.point),
    "constants": (2.0, ops.constants),
    "crossover": (2.5, ops.crossover),
    "combine": (1.5, ops.combine),
    "guard": (0.8, ops.guard),
    "local": (0.5, ops.local),
    "shrink": (1.0, ops.shrink),
    "listener": (0.8, ops.listener),
}
_WEIGHTS = {name: weight for name, (weight, _) in _OPERATORS.items()} | {_TUNE: 2.0}
_EARLY = 3
"""Generations in which new random programs are common."""


class GeneticProposer:
    """Evolves the entry function of Anvil programs; everything it proposes has passed the compiler."""

    name = "gp"

    def __init__(self, language: Anvil, elites: int = 16) -> None:
        """`elites` is how many of the best behaviours of an island can become parents."""
        self._language = language
        self._elites = elites
        self._parents: dict[int, Parent] = {}
        (self._entry, *_) = language.interface.entries
        self._vocabulary = Vocabulary(language.interface, self._entry)

    def propose(self, history: History, generation: int, count: int, random: Random) -> list[Proposal]:
        islands = Islands(history, self._elites)
        keys = set(history.keys)
        proposals: list[Proposal] = []
        shop = Workshop(self._vocabulary, random)
        sigmas = step_sizes(history)
        for _ in range(count * _TRIES):
            if len(proposals) == count:
                break
            proposal = self._offspring(shop, islands, len(proposals), sigmas, generation)
            if proposal is not None and proposal.proof.key not in keys:
                keys.add(proposal.proof.key)
                proposals.append(proposal)
        return proposals

    def _offspring(
        self, shop: Workshop, islands: Islands, turn: int, sigmas: dict[int, float], generation: int
    ) -> Proposal | None:
        random = shop.random
        mother, father = islands.pair(turn, random)
        name = random.choices(list(_WEIGHTS), _weights(generation))[0]
        if name == _TUNE:
            mother = random.choice(islands.leaders)
            function = ops.tune(shop, self._parent(mother), sigmas.get(mother.id, _SIGMA))
        else:
            function = _OPERATORS[name][1](shop, self._parent(mother), self._parent(father))
        if function is None:
            return None
        parents = {"fresh": (), "crossover": (mother.id, father.id), "combine": (mother.id, father.id)}
        return self._finish(self._parent(mother), function, name, parents.get(name, (mother.id,)))

    def _finish(self, parent: Parent, function: t.Function, operator: str, parents: tuple[int, ...]) -> Proposal | None:
        """The changed function in its module, checked and printed; None if it is too large or unchanged."""
        import anvil
        from anvil.frontend.printer import print_module

        function = simplify(function)
        if function == parent.function or size(function) > MAX_SIZE:
            return None
        module = replaced(parent, function)
        if is_ambiguous(module):
            return None
        checked = anvil.check_module(module, budget=self._language.budget)
        if not checked.ok:
            return None
        return Proposal(print_module(module), operator, parents, proof_of(checked))

    def _parent(self, candidate: Candidate) -> Parent:
        """The candidate taken apart; always from its source, so that a resumed run sees the same tree."""
        if candidate.id not in self._parents:
            checked: CheckResult = self._language.result(candidate.source)
            assert checked.module is not None
            function = next(f for f in checked.module.functions if f.name == self._entry.name)
            self._parents[candidate.id] = Parent(checked.module, spelled_out(function))
        return self._parents[candidate.id]


def _weights(generation: int) -> list[float]:
    return [weight * (12.0 if name == "fresh" and generation <= _EARLY else 1.0) for name, weight in _WEIGHTS.items()]


def replaced(parent: Parent, function: t.Function) -> t.Module:
    """The parent's module with its entry function changed, unused helpers dropped, and listeners attached."""
    functions = tuple(function if f.name == function.name else f for f in parent.module.functions)
    entries = {entry.name for entry in parent.module.entries}
    # Callees stand first, so going backwards sees every caller before its callees.
    kept: list[t.Function] = []
    used = set(entries)
    for candidate in reversed(functions):
        if candidate.name in used:
            kept.append(candidate)
            used |= {node.name for node in walk(candidate) if isinstance(node, t.FunctionCall)}
    kept.reverse()
    named = {node.name for f in kept for node in walk(f) if isinstance(node, t.Name)}
    constants = tuple(constant for constant in parent.module.constants if constant.name in named)
    return attach(dataclasses.replace(parent.module, functions=tuple(kept), constants=constants))


_SIGMA = 0.3
_UP = 1.5
_DOWN = _UP**-0.25


def step_sizes(history: History) -> dict[int, float]:
    """The tuning step of each candidate, by the one-fifth rule: larger after a success, smaller after a failure.

    A child that improves on its parent inherits the parent's enlarged step.
    """
    sigmas: dict[int, float] = {}
    scores = {candidate.id: candidate for candidate in history.candidates}
    for child in history.candidates:
        if child.operator != _TUNE:
            continue
        parent = scores[child.parents[0]]
        sigma = sigmas.get(parent.id, _SIGMA)
        if child.verdict == SCORED and history.order(child) < history.order(parent):
            sigmas[child.id] = min(1.0, sigma * _UP)
        sigmas[parent.id] = max(0.005, sigma * _DOWN)
    return sigmas
