"""A task: what is searched for, on what it is scored, and where the search starts.

A package adds tasks by the entry point group `vulcan.tasks`; each entry point names a `Task`:

    [project.entry-points."vulcan.tasks"]
    cache = "studies.cache.task:TASK"
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from synth.errors import UsageError, closest

if TYPE_CHECKING:
    from synth.candidate import Language

GROUP = "vulcan.tasks"
Part = Literal["search", "validation", "train", "heldout", "all"]
"""Candidates are scored on `search`, the champion among the best of them is chosen on `validation`; the two make up
`train`. Nothing is chosen on `heldout`. What drifts, or was fitted to the first part, shows on the second."""
SEARCH: Final = "search"
VALIDATION: Final = "validation"
TRAIN: Final = "train"
HELDOUT: Final = "heldout"
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Score:
    """`value` is what is searched on; `metrics` are further numbers worth reporting, by name."""

    value: float
    metrics: Mapping[str, float] = field(default_factory=dict)


class Evaluator(Protocol):
    """Scores compiled candidates on one instance.

    It is pickled to the workers, so it carries names of files, not their content; `prepare` loads them, once a
    process. Equal candidates get equal scores.
    """

    def prepare(self) -> None:
        """Load what evaluating needs; raises UserError when the instance is unusable."""

    def evaluate(self, compiled: Any) -> Score:
        """The score on the part `search`."""

    def report(self, compiled: Any, part: Part) -> Score:
        """The score on any part; not called before the search has ended."""

    def baseline(self, name: str, part: Part) -> Score:
        """The score of a named baseline."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a task, as the arguments of the command line chose it.

    `settings` identify it: a run can be resumed only with equal ones, so they hold hashes of input files. `slug`
    names the default run directory, `description` goes into the report.
    """

    evaluator: Evaluator
    description: str
    slug: str
    settings: Mapping[str, Any]


class Task(Protocol):
    """What `vulcan` knows of a task. `baselines` stand in the order in which they are shown."""

    name: str
    summary: str
    goal: Literal["minimize", "maximize"]
    metric: str
    """The name of the score, such as `object miss ratio`."""
    baselines: tuple[str, ...]
    reference: str
    """The baseline that improvements are stated against."""
    prompt: str
    """The problem in words, for proposers that read."""

    def language(self) -> Language:
        """The language of candidates, with the task's template."""

    def seeds(self) -> Mapping[str, str]:
        """Sources by name from which the search starts; at least one."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options that choose an instance."""

    def from_arguments(self, arguments: argparse.Namespace) -> Instance:
        """The instance; raises UserError."""


def better(task: Task, left: float, right: float) -> bool:
    """Whether `left` is a strictly better score; NaN is never better."""
    return left < right if task.goal == "minimize" else left > right


def task_names() -> list[str]:
    """The names of all installed tasks, sorted."""
    from importlib.metadata import entry_points

    return sorted({point.name for point in entry_points(group=GROUP)})


def find_task(name: str) -> Task:
    """The installed task of that name; raises UsageError."""
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        known = ", ".join(sorted(points)) or "none is installed"
        raise UsageError(f"unknown task `{name}`{closest(name, list(points))}", f"tasks: {known}")
    try:
        task: Task = points[name].load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"task `{name}` cannot be loaded from `{points[name].value}`: {error}",
            "reinstall the package that brings it",
        ) from None
    return task
