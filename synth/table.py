"""Scores as a table, in plain text and for rich terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synth.results import Row, Summary
from synth.task import HELDOUT, TRAIN, Score

if TYPE_CHECKING:
    from rich.table import Table


def number_text(score: Score | None) -> str:
    """A score with six decimals, `-` when unknown."""
    return "-" if score is None else f"{score.value:.6f}"


def percent_text(fraction: float | None) -> str:
    return "-" if fraction is None else f"{100 * fraction:+.2f} %"


def cells(summary: Summary, row: Row) -> tuple[str, str, str, str, str]:
    """Name, then training and held-out score, each with its improvement; `*` marks the best."""
    marks = {part: " *" if summary.best_row(part) is row else "  " for part in (TRAIN, HELDOUT)}
    return (
        row.name,
        number_text(row.train) + marks[TRAIN],
        percent_text(summary.improvement(row.train, TRAIN)),
        number_text(row.heldout) + marks[HELDOUT],
        percent_text(summary.improvement(row.heldout, HELDOUT)),
    )


def result_table(summary: Summary) -> Table:
    """The result of a run: baselines, seeds and the best, on training and held-out part."""
    from rich import box
    from rich.table import Table

    reference = str(summary.settings["reference"])
    table = Table(box=box.SIMPLE_HEAD, title=summary.metric, title_justify="left", title_style="bold")
    table.add_column("")
    for part in ("training", "held out"):
        table.add_column(f"{part}  ", justify="right", no_wrap=True)
        table.add_column(f"over {reference}", justify="right", no_wrap=True)
    for row in summary.rows:
        style = {"best": "bold green", "seed": "cyan"}.get(row.kind)
        if row.kind == "best" and table.rows:
            table.add_section()
        table.add_row(*cells(summary, row), style=style)
    return table
