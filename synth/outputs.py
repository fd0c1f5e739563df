"""The files that a run leaves beside its archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synth.candidate import Language, Proof, Rejected
from synth.report import write_report
from synth.results import Summary, summarize


@dataclass(frozen=True, slots=True)
class Outputs:
    """Paths of what was written; `anv` and `c` are None when no candidate was scored."""

    summary: Summary
    proof: Proof | None
    anv: Path | None
    c: Path | None
    report: Path
    archive: Path


def write_outputs(directory: Path, language: Language) -> Outputs:
    """Write the champion as Anvil and as C, and the report."""
    summary = summarize(directory)
    champion = summary.champion
    sources = {candidate.id: _readable(candidate.source, language) for candidate in summary.lineage}
    proof: Proof | None = None
    anv: Path | None = None
    c: Path | None = None
    if champion is not None:
        anv, c = directory / "best.anv", directory / "best.c"
        source = _heading(summary) + sources[champion.id].strip() + "\n"
        anv.write_text(source, encoding="utf-8")
        try:
            proof = language.check(source)
            c.write_text(language.emit_c(source), encoding="utf-8")
        except Rejected:  # the compiler has changed since the run
            c = None
    report = directory / "report.html"
    write_report(summary, sources, proof, report)
    return Outputs(summary, proof, anv, c, report, directory / "archive.sqlite")


def _readable(source: str, language: Language) -> str:
    try:
        return language.tidy(source)
    except Rejected:  # the compiler has changed since the run
        return source


def _heading(summary: Summary) -> str:
    best = next(row for row in summary.rows if row.kind == "best")
    scores = {"training": best.train, "held-out": best.heldout}
    known = [f"{score.value:.6f} on the {part} part" for part, score in scores.items() if score is not None]
    lines = [
        f"Found by `vulcan synth {summary.settings['task']}` on {summary.settings['instance']}.",
        f"{summary.metric}: {', '.join(known)}.",
    ]
    # A comment that ended in a backslash would go on in the next line.
    return "".join(f"// {' '.join(line.split()).rstrip(chr(92))}\n" for line in lines)
