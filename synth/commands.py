"""What the commands of `vulcan` do, once their arguments are known."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import FAILED, UsageError, UserError
from synth.task import ALL, HELDOUT, SEARCH, TRAIN, VALIDATION, Score, Task, find_task

if TYPE_CHECKING:
    from synth.outputs import Outputs
    from synth.proposer import Proposer

INTERRUPTED = 130
_PARTS = (SEARCH, VALIDATION, TRAIN, HELDOUT, ALL)
Command = Callable[[Task, argparse.Namespace], int]

# ------------------------------------------------------------------------------------------------ arguments


def duration(text: str) -> float:
    """Seconds from `90`, `90s`, `5m` or `1.5h`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if match is None or float(match[1]) == 0.0:
        raise argparse.ArgumentTypeError(f"`{text}` is not a duration such as 90, 5m or 1h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def at_least(low: int) -> Callable[[str], int]:
    """A type for whole numbers from `low`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d+", text) or int(text) < low:
            raise argparse.ArgumentTypeError(f"`{text}` is not a whole number from {low}")
        return int(text)

    return parse


def add_synth(parser: argparse.ArgumentParser) -> Command:
    """The options of `vulcan synth`."""
    parser.add_argument(
        "--proposer", choices=("gp",), default="gp", help="what proposes candidates (default: gp, genetic)"
    )
    parser.add_argument("--run", type=Path, metavar="DIR", help="directory of the run (default: runs/TASK-INSTANCE)")
    parser.add_argument("--seed", type=at_least(0), default=1, help="seed of the search (default: 1)")
    parser.add_argument(
        "--population", type=at_least(1), default=40, metavar="N", help="candidates a generation (default: 40)"
    )
    parser.add_argument(
        "--max-evals", type=at_least(1), default=2000, metavar="N", help="evaluations at most (default: 2000)"
    )
    parser.add_argument(
        "--max-time", type=duration, metavar="T", help="wall time at most over all sessions, such as 90 or 5m"
    )
    parser.add_argument(
        "--plateau", type=at_least(0), default=0, metavar="N", help="stop after N evaluations without a better score"
    )
    parser.add_argument(
        "--candidate-time",
        type=duration,
        default=30.0,
        metavar="T",
        help="wall time a candidate may take (default: 30)",
    )
    parser.add_argument(
        "--workers", type=at_least(1), default=os.cpu_count() or 1, metavar="N", help="processes (default: one a CPU)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the result (default: text)")
    return synth


def add_eval(parser: argparse.ArgumentParser) -> Command:
    """The options of `vulcan eval`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="heuristics to score")
    parser.add_argument("--part", choices=_PARTS, default=ALL, help="part of the instance (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return evaluate


def add_baselines(parser: argparse.ArgumentParser) -> Command:
    """The options of `vulcan baselines`."""
    parser.add_argument("--part", choices=_PARTS, default=ALL, help="part of the instance (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return baselines


# ------------------------------------------------------------------------------------------------- commands


def synth(task: Task, options: argparse.Namespace) -> int:
    """Search, then show what was found."""
    from synth.outputs import write_outputs
    from synth.progress import Progress, make_console
    from synth.search import Limits, Plan, run

    instance = task.from_arguments(options)
    plan = Plan(task, instance, make_proposer(options.proposer, task), options.seed, options.population)
    limits = Limits(options.workers, options.max_evals, options.max_time, options.plateau, options.candidate_time)
    directory = options.run or Path("runs") / f"{task.name}-{instance.slug}"
    console = make_console()
    console.print(f"{task.name}: {instance.description}", highlight=False, markup=False)
    console.print(f"run directory: {directory}", highlight=False, markup=False)
    try:
        with Progress(console, task, limits) as progress:
            reason = run(plan, directory, limits, progress)
    except OSError as error:
        raise UserError(f"cannot work in `{directory}`: {error.strerror}", "choose another --run directory") from None
    show(write_outputs(directory, task.language()), options.format)
    if reason != "interrupted":
        return 0
    print("help: everything is saved; the same command goes on from here", file=sys.stderr)
    return INTERRUPTED


def make_proposer(name: str, task: Task) -> Proposer:
    """The proposer of that name for a task."""
    from synth.candidate import Anvil

    language = task.language()
    if not isinstance(language, Anvil):
        raise UsageError(f"proposer `{name}` works on Anvil programs, which task `{task.name}` has none of")
    from synth.gp.proposer import GeneticProposer

    return GeneticProposer(language)


def evaluate(task: Task, options: argparse.Namespace) -> int:
    """Score files; a rejected one is reported and the others are still scored."""
    from synth.candidate import Rejected

    sources = {path: read_source(path) for path in options.files}
    instance = task.from_arguments(options)
    language = task.language()
    compiled: dict[Path, Any] = {}
    for path, source in sources.items():
        try:
            compiled[path] = language.compile(source, str(path))
        except Rejected as error:
            print(error.rendered, file=sys.stderr)
    if compiled:
        instance.evaluator.prepare()
    scores = {path: instance.evaluator.report(code, options.part) for path, code in compiled.items()}
    _show_scores(task, instance.description, options, [("file", str(path), score) for path, score in scores.items()])
    return 0 if len(compiled) == len(sources) else FAILED


def baselines(task: Task, options: argparse.Namespace) -> int:
    """Score the baselines of a task."""
    instance = task.from_arguments(options)
    instance.evaluator.prepare()
    scores = [("baseline", name, instance.evaluator.baseline(name, options.part)) for name in task.baselines]
    _show_scores(task, instance.description, options, scores)
    return 0


def report(options: argparse.Namespace) -> int:
    """Write the report of a run again, and show its table."""
    from synth.outputs import write_outputs
    from synth.results import summarize

    directory = Path(options.run)
    task = find_task(str(summarize(directory).settings["task"]))
    show(write_outputs(directory, task.language()), options.format)
    return 0


# ------------------------------------------------------------------------------------------------- showing


def read_source(path: Path) -> str:
    """The text of a file; raises UserError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"`{path}` is not text: byte {error.start} is not UTF-8", "name an .anv file") from None
    except OSError as error:
        raise UserError(f"cannot read `{path}`: {error.strerror}", "check the path") from None


def _show_scores(
    task: Task, description: str, options: argparse.Namespace, scores: list[tuple[str, str, Score]]
) -> None:
    """Scores as a table, or as JSON: one object for one score, a list for more."""
    if options.format == "json":
        found = [
            {
                kind: name,
                "task": task.name,
                "instance": description,
                "part": options.part,
                "score": score.value,
                **score.metrics,
            }
            for kind, name, score in scores
        ]
        print(json.dumps(found[0] if len(found) == 1 else found, indent=2))
        return
    if not scores:
        return
    from rich import box
    from rich.table import Table

    metrics = list(dict.fromkeys(name for _, _, score in scores for name in score.metrics))
    table = Table(box=box.SIMPLE_HEAD, title=f"{description}, part {options.part}", title_justify="left")
    table.add_column("")
    for name in metrics or [task.metric]:
        table.add_column(name.replace("_", " "), justify="right")
    for _, name, score in scores:
        shown = [_metric_text(score.metrics.get(metric)) for metric in metrics] or [f"{score.value:.6f}"]
        table.add_row(name, *shown)
    _print_table(table)


def _metric_text(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.6f}"


def _print_table(table: Any) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160  # a pipe has no width to fit in
    console.print(table)


def show(outputs: Outputs, format: str) -> None:
    """The result of a run."""
    if format == "json":
        print(json.dumps(_as_json(outputs), indent=2))
        return
    from synth.table import result_table

    _print_table(result_table(outputs.summary))
    champion = outputs.summary.champion
    if champion is not None:
        print(f"best heuristic  {outputs.anv}")
        print(f"as C            {outputs.c or '-'}")
        print(f"step bound      {(outputs.proof or champion).steps:,} steps a call, proved")
    print(f"report          {outputs.report}")
    print(f"archive         {outputs.archive}")


def _as_json(outputs: Outputs) -> dict[str, Any]:
    summary = outputs.summary

    def score(value: Score | None) -> Any:
        return None if value is None else {"score": value.value, **value.metrics}

    champion = summary.champion
    return {
        "task": summary.settings["task"],
        "instance": summary.settings["instance"],
        "metric": summary.metric,
        "ended": summary.ending,
        "evaluated": summary.evaluated,
        "seconds": summary.seconds,
        "rows": [
            {
                "name": row.name,
                "kind": row.kind,
                "search": score(row.search),
                "train": score(row.train),
                "heldout": score(row.heldout),
            }
            for row in summary.rows
        ],
        "steps": None if champion is None else (outputs.proof or champion).steps,
        "heuristic": None if outputs.anv is None else str(outputs.anv),
        "c": None if outputs.c is None else str(outputs.c),
        "report": str(outputs.report),
        "archive": str(outputs.archive),
    }
