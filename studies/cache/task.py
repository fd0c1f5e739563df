"""The task `cache`: find the eviction heuristic for one trace and one cache size."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studies.cache.errors import StudyError, TraceError
from synth.candidate import Anvil
from synth.errors import UsageError, UserError
from synth.task import SEARCH, VALIDATION, Instance, Part, Score

if TYPE_CHECKING:
    from studies.cache.evaluator import CacheInstance, Outcome

_HERE = Path(__file__).resolve().parent
_PROMPT = """\
Write the scoring function of a cache. Whenever an object must go, the one with the lowest score is evicted. In mode
`incremental` an object is scored when it is inserted and whenever it is accessed, and keeps that score in between, so
`now - last_access` is 0 when it is scored: recency enters by the absolute time of the last access. The goal is the
lowest object miss ratio on the trace.
"""


@dataclass(frozen=True)
class CacheEvaluator:
    """Loads its trace once a process; the search uses the first `search_requests` of the training part,
    two thirds of it by default."""

    trace: Path
    size: str
    uniform: bool
    mode: Literal["incremental", "sample"]
    split: float
    search_requests: int | None

    def prepare(self) -> None:
        _ = self._instances

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_instances"}

    @cached_property
    def _instances(self) -> tuple[CacheInstance, CacheInstance, CacheInstance]:
        """The whole instance, the one that is searched on, and the training part cut after the latter."""
        try:
            from studies.cache.evaluator import CacheInstance
        except ImportError as error:
            raise UserError(
                f"the cache simulator is not built: {error}", "install the package with `pip install .`"
            ) from None
        try:
            whole = replace(CacheInstance.open(self.trace, self.size, self.uniform, self.mode), split=self.split)
        except TraceError as error:
            raise UserError(str(error).removesuffix(f"; {error.fix}"), error.fix) from None
        except StudyError as error:
            raise UserError(str(error)) from None
        requests = min(whole.n_train, self.search_requests or -(-whole.n_train // 2))
        if requests < 1 or (self.split < 1.0 and whole.n_train == len(whole.trace)):
            raise UserError(
                f"{self.trace}: {len(whole.trace)} requests cannot be split at {self.split:g}",
                "use a longer trace or another --split",
            )
        # A heuristic that never lets go of what was once popular looks good until the working set changes.
        searched = replace(whole, trace=whole.trace[:requests].then_again_with_new_objects(), split=1.0)
        return whole, searched, replace(whole, trace=whole.trace[: whole.n_train], split=requests / whole.n_train)

    def evaluate(self, compiled: Any) -> Score:
        return self.report(compiled, SEARCH)

    def report(self, compiled: Any, part: Part) -> Score:
        instance, known_as = self._of(part)
        return _score(instance.evaluate(compiled.jit(), known_as))

    def baseline(self, name: str, part: Part) -> Score:
        instance, known_as = self._of(part)
        return _score(instance.baseline(name, known_as))

    def _of(self, part: Part) -> tuple[CacheInstance, Literal["train", "heldout", "all"]]:
        whole, searched, training = self._instances
        if part == SEARCH:
            return searched, "all"
        if part == VALIDATION:
            return training, "heldout" if training.n_train < len(training.trace) else "all"
        return whole, part


def _score(outcome: Outcome) -> Score:
    metrics = outcome.to_dict()
    metrics.pop("cache_size_unit")
    return Score(outcome.object_miss_ratio, metrics)


class CacheTask:
    """Eviction by lowest score, as the template says."""

    name = "cache"
    summary = "cache eviction: keep what will be asked for again, on your own trace"
    goal: Literal["minimize", "maximize"] = "minimize"
    metric = "object miss ratio"
    baselines: tuple[str, ...] = ("fifo", "lru", "sieve", "s3fifo", "gdsf")
    reference = "fifo"
    prompt = _PROMPT

    def language(self) -> Anvil:
        return Anvil(_HERE / "template.anv")

    def seeds(self) -> Mapping[str, str]:
        return {name: (_HERE / "policies" / f"{name}.anv").read_text(encoding="utf-8") for name in ("seed", "capped")}

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--trace", type=Path, metavar="FILE", help="trace: oracleGeneral or csv, plain or zstd")
        parser.add_argument(
            "--size", default="10%", help="of the cache: 10%% of the trace's footprint (default), 64MiB, or a number"
        )
        parser.add_argument("--uniform", action="store_true", help="every object counts as one, whatever its size")
        parser.add_argument(
            "--mode", choices=("incremental", "sample"), default="incremental", help="how objects are ranked"
        )
        parser.add_argument(
            "--split", type=_share, default=0.6, metavar="S", help="share of the trace for training (default: 0.6)"
        )
        parser.add_argument(
            "--train-requests",
            type=_count,
            metavar="N",
            help="search on the first N requests of that part (default: 1/2)",
        )

    def from_arguments(self, arguments: argparse.Namespace) -> Instance:
        if arguments.trace is None:
            raise UsageError(
                "task `cache` needs a trace", "add --trace FILE, an oracleGeneral or csv file, plain or zstd"
            )
        _check_size(arguments.size)
        evaluator = CacheEvaluator(
            arguments.trace.absolute(),
            arguments.size,
            arguments.uniform,
            arguments.mode,
            arguments.split,
            arguments.train_requests,
        )
        kind = "uniform" if arguments.uniform else "sized"
        name = arguments.trace.name
        settings = {
            "trace sha256": _digest(arguments.trace),
            "size": arguments.size,
            "uniform": arguments.uniform,
            "mode": arguments.mode,
            "split": arguments.split,
            "train requests": arguments.train_requests,
        }
        slug = "-".join(
            filter(None, (name.split(".")[0], arguments.size.replace("%", "pct"), "uniform" * arguments.uniform))
        )
        slug = re.sub(r"[^\w.-]+", "_", slug)
        return Instance(evaluator, f"{name}, cache of {arguments.size}, {kind}, {arguments.mode}", slug, settings)


def _check_size(text: str) -> None:
    from studies.cache.sizes import parse_size

    try:
        parse_size(text)
    except StudyError as error:
        raise UsageError(str(error)) from None


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        raise UserError(f"there is no trace `{path}`", "check the path given with --trace") from None
    except IsADirectoryError:
        raise UserError(f"`{path}` is a directory", "name a trace file in it") from None
    except OSError as error:
        raise UserError(f"cannot read the trace `{path}`: {error.strerror}", "check its permissions") from None


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"`{text}` is not a share between 0 and 1")
    return value


def _count(text: str) -> int:
    if not re.fullmatch(r"\d+", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"`{text}` is not a whole number from 1")
    return int(text)


TASK = CacheTask()
