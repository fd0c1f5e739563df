"""Evaluates heuristics and baselines on one instance: a trace, a cache size, a way to rank.

The first part of the trace is for training, simulated alone from an empty cache; on the rest, a policy is measured in a
cache that it has warmed by running the first part.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from studies.cache import _sim
from studies.cache.errors import PolicyError
from studies.cache.sizes import parse_size
from studies.cache.traces import Trace, read_trace

Part = Literal["train", "heldout", "all"]
Mode = Literal["incremental", "sample"]

BASELINES = ("fifo", "lru", "sieve", "s3fifo", "gdsf")
"""Names that `CacheInstance.baseline` takes; it also takes `lfu`, an exact oracle for tests."""


class Code(Protocol):
    """Machine code of a heuristic, as both back ends of the compiler make it."""

    @property
    def slots(self) -> list[dict[str, Any]]: ...
    @property
    def entries(self) -> dict[str, dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one simulation counted."""

    requests: int
    misses: int
    bytes: int
    missed_bytes: int
    cache_size: int
    uniform: bool

    @property
    def object_miss_ratio(self) -> float:
        return self.misses / self.requests if self.requests else 0.0

    @property
    def byte_miss_ratio(self) -> float:
        return self.missed_bytes / self.bytes if self.bytes else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data for tables and JSON; `cache_size_unit` says what `cache_size` counts."""
        return {
            "object_miss_ratio": self.object_miss_ratio,
            "byte_miss_ratio": self.byte_miss_ratio,
            "requests": self.requests,
            "misses": self.misses,
            "bytes": self.bytes,
            "missed_bytes": self.missed_bytes,
            "cache_size": self.cache_size,
            "cache_size_unit": "objects" if self.uniform else "bytes",
        }


@dataclass(frozen=True, eq=False)
class CacheInstance:
    """One instance of the task.

    `capacity` is in bytes, in objects when `uniform`. `mode` "incremental" keeps all objects ranked by the score of
    their last insertion or access; "sample" scores `n_sample` random ones at each eviction. `split` is the share of the
    requests that is for training. `max_seconds` stops a heuristic that is too slow; `memory_budget` (bytes) refuses
    one whose listeners need too much.
    """

    trace: Trace
    capacity: int
    uniform: bool = False
    mode: Mode = "incremental"
    split: float = 0.6
    n_sample: int = 32
    seed: int = 1
    max_seconds: float = 0.0
    memory_budget: int = 2 << 30

    @staticmethod
    def open(path: str | Path, size: str = "10%", uniform: bool = False, mode: Mode = "incremental") -> CacheInstance:
        """Reads the trace at `path`; `size` as in `parse_size`. Raises TraceError, SizeError."""
        wanted = parse_size(size)
        trace = read_trace(path)
        return CacheInstance(trace, wanted.capacity(trace, uniform), uniform, mode)

    def baseline(self, name: str, part: Part = "all") -> Outcome:
        """One of BASELINES, on a part of the trace. ValueError for an unknown name."""
        end, measure_from = self._bounds(part)
        trace = self.trace
        tally = _sim.simulate(
            trace.dense[:end],
            trace.sizes[:end],
            trace.n_objects,
            name,
            self.capacity,
            uniform=self.uniform,
            measure_from=measure_from,
        )
        return self._outcome(tally)

    def evaluate(self, code: Code, part: Part = "all", entry: str = "score_fn") -> Outcome:
        """A compiled heuristic, on a part of the trace. PolicyError when it is too slow or needs too much memory."""
        end, measure_from = self._bounds(part)
        trace = self.trace
        try:
            tally = _sim.simulate_policy(
                trace.dense[:end],
                trace.sizes[:end],
                trace.object_ids,
                code,
                self.capacity,
                uniform=self.uniform,
                measure_from=measure_from,
                mode=self.mode,
                n_sample=self.n_sample,
                seed=self.seed,
                entry=entry,
                max_seconds=self.max_seconds,
                memory_budget=self.memory_budget,
            )
        except (_sim.SchemaError, _sim.TimeLimit) as error:
            raise PolicyError(str(error)) from None
        return self._outcome(tally)

    @property
    def n_train(self) -> int:
        """Requests of the training part."""
        return int(self.split * len(self.trace))

    def _bounds(self, part: Part) -> tuple[int, int]:
        """End of the simulated requests, and the first one measured."""
        if part == "train":
            return self.n_train, 0
        if part == "heldout":
            return len(self.trace), self.n_train
        if part == "all":
            return len(self.trace), 0
        raise ValueError(f"unknown part `{part}`; known are train, heldout, all")

    def _outcome(self, tally: _sim.Tally) -> Outcome:
        return Outcome(tally.requests, tally.misses, tally.bytes, tally.missed_bytes, self.capacity, self.uniform)
