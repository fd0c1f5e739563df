"""A task without a compiler: a candidate is a line of numbers, its score the distance to (3, 1, 4)."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from synth.archive import Candidate, Result
from synth.candidate import Proof, Rejected
from synth.proposer import History, Proposal, Proposer
from synth.search import Plan
from synth.task import Instance, Part, Score
from synth.worker import Measured

GOAL = (3.0, 1.0, 4.0)


class ToyLanguage:
    def fingerprint(self) -> str:
        return "toy"

    def check(self, source: str) -> Proof:
        if source.startswith("bad"):
            raise Rejected("error[T1]: bad word", ({"code": "T1", "message": "bad word"},))
        return Proof(key=source.strip(), steps=len(source), cost=1)

    def compile(self, source: str, filename: str = "<source>") -> str:
        self.check(source)
        return source

    def tidy(self, source: str) -> str:
        return source

    def emit_c(self, source: str) -> str:
        return f"/* {source} */\n"


@dataclass
class ToyEvaluator:
    log: Path | None = None
    broken: bool = False

    def prepare(self) -> None:
        if self.broken:
            from synth.errors import UserError

            raise UserError("trace `toy` is empty", "choose another")

    def evaluate(self, compiled: Any) -> Score:
        if compiled == "hang":
            time.sleep(1000)
        if compiled == "die":
            os._exit(3)
        if compiled == "raise":
            raise ValueError("evaluator is unhappy")
        numbers = [float(word) for word in str(compiled).split()]
        if self.log is not None:
            with self.log.open("a") as stream:
                stream.write(f"{compiled}\n")
        value = sum((a - b) ** 2 for a, b in zip(numbers, GOAL, strict=True))
        return Score(value, {"numbers": float(len(numbers))})

    def report(self, compiled: Any, part: Part) -> Score:
        numbers = [float(word) for word in str(compiled).split()]
        return Score(sum(abs(a - b) for a, b in zip(numbers, GOAL, strict=True)))

    def baseline(self, name: str, part: Part) -> Score:
        return Score({"fifo": 20.0, "lru": 15.0}[name])


class ToyTask:
    name = "toy"
    summary = "numbers near (3, 1, 4)"
    goal: Literal["minimize", "maximize"] = "minimize"
    metric = "distance"
    baselines = ("fifo", "lru")
    reference = "fifo"
    prompt = "find them"

    def language(self) -> ToyLanguage:
        return ToyLanguage()

    def seeds(self) -> Mapping[str, str]:
        return {"zero": "0 0 0"}

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--log", type=Path)
        parser.add_argument("--flavour", default="plain")

    def from_arguments(self, arguments: argparse.Namespace) -> Instance:
        return Instance(ToyEvaluator(arguments.log), "the toy instance", "toy", {"flavour": arguments.flavour})


TASK = ToyTask()


class ToyProposer:
    name = "toy"

    def propose(self, history: History, generation: int, count: int, random: Random) -> list[Proposal]:
        best: list[Candidate] = history.best(4)
        proposals = []
        for _ in range(count):
            parent = random.choice(best)
            numbers = [float(word) + random.gauss(0, 0.5) for word in parent.source.split()]
            source = " ".join(f"{number:.4f}" for number in numbers)
            proposals.append(Proposal(source, "gauss", (parent.id,), Proof(source, 1, 1)))
        return proposals


class Quiet:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.results: list[Result] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def began(self, done: int, seconds: float) -> None: ...

    def measured(self, measured: Measured) -> None: ...

    def generation(self, number: int, history: History) -> None: ...

    def evaluated(self, result: Result) -> None:
        self.results.append(result)

    def ended(self, reason: str) -> None: ...


def toy_plan(evaluator: ToyEvaluator, *, proposer: Proposer | None = None, seed: int = 1, **settings: Any) -> Plan:
    instance = Instance(evaluator, "the toy instance", "toy", {"trace sha256": "00", **settings})
    return Plan(TASK, instance, proposer or ToyProposer(), seed, population=20)
