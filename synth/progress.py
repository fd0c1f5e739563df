"""What a running search shows: a live panel on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from synth.archive import SCORED, Result
from synth.proposer import History
from synth.task import Task, better
from synth.worker import BaselineJob, Measured

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

    from synth.search import Limits

_LINE_EVERY = 5.0
_SPARKS = "▁▂▃▄▅▆▇█"


class Progress:
    """An observer that prints. Use as a context manager, so that the live panel is taken down."""

    def __init__(self, console: Console, task: Task, limits: Limits) -> None:
        self._console = console
        self._task = task
        self._limits = limits
        self._live: Live | None = None
        self._start = self._last = time.monotonic()
        self._before = 0.0
        self._generation = 0
        self._resumed = 0
        self._done = 0
        self._bad = 0
        self._best: float | None = None
        self._curve: list[float] = []

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(console=self._console, refresh_per_second=5, transient=True, get_renderable=self._panel)
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    # ------------------------------------------------------------------------------------ told by the search

    def note(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False)

    def began(self, done: int, seconds: float) -> None:
        self._resumed = self._done = done
        self._before = seconds
        self._start = self._last = time.monotonic()
        if done:
            self.note(f"resuming after {done} evaluations and {seconds:.0f} s")

    def measured(self, measured: Measured) -> None:
        if isinstance(measured.job, BaselineJob) and measured.score is not None and measured.job.part == "search":
            self.note(f"  {measured.job.name:<24} {self._task.metric} {measured.score.value:.6f}")

    def generation(self, number: int, history: History) -> None:
        self._generation = number
        for candidate in history.best(1):
            assert candidate.score is not None
            self._offer(candidate.score)

    def evaluated(self, result: Result) -> None:
        self._done += 1
        if result.verdict == SCORED and result.score is not None:
            self._offer(result.score.value)
        else:
            self._bad += 1
        if self._best is not None:
            self._curve.append(self._best)
        if self._live is None and time.monotonic() - self._last >= _LINE_EVERY:
            self._last = time.monotonic()
            self.note(self._line())

    def ended(self, reason: str) -> None:
        if self._done > self._resumed:
            self.note(self._line())
        self.note(f"ended: {reason}")

    # ---------------------------------------------------------------------------------------------- drawing

    def _offer(self, value: float) -> None:
        if self._best is None or better(self._task, value, self._best):
            self._best = value

    def _rate(self) -> float:
        return (self._done - self._resumed) / max(1e-9, time.monotonic() - self._start)

    def _seconds(self) -> float:
        return self._before + time.monotonic() - self._start

    def _line(self) -> str:
        text = (
            f"[{self._seconds():6.1f} s] generation {self._generation},"
            f" {self._done} of {self._limits.max_evals} evaluated, {self._rate():.1f}/s"
        )
        return f"{text}, {self._standing()}"

    def _standing(self) -> str:
        best = "-" if self._best is None else f"{self._best:.6f}"
        return f"best {self._task.metric} {best}" + (f", {self._bad} not scored" if self._bad else "")

    def _panel(self) -> Any:
        from rich.text import Text

        width = max(10, min(60, self._console.width - 2))
        share = self._done / self._limits.max_evals
        if self._limits.max_time is not None:  # whichever cap is nearer
            share = max(share, self._seconds() / self._limits.max_time)
        full = round(width * min(1.0, share))
        head = (
            f"generation {self._generation}   {self._done} of {self._limits.max_evals} evaluated   {self._rate():.1f}/s"
        )
        return Text.assemble(
            ("━" * full, "green"), ("━" * (width - full), "bright_black"), f"  {self._seconds():.0f} s\n",
            head, "\n", self._standing(), "\n", (spark(self._curve, width), "green"),
            no_wrap=True, overflow="ellipsis",
        )  # fmt: skip


def spark(values: list[float], width: int) -> str:
    """A curve as one line of blocks."""
    if not values:
        return ""
    step = max(1, len(values) // width)
    points = values[::step][-width:]
    low, high = min(values), max(values)
    if high <= low:
        return _SPARKS[0] * len(points)
    return "".join(_SPARKS[int((len(_SPARKS) - 1) * (point - low) / (high - low))] for point in points)


def make_console() -> Console:
    """The console for progress: standard error, so that standard output can be piped."""
    from rich.console import Console

    return Console(file=sys.stderr, soft_wrap=True)
