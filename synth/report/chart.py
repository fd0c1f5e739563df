"""Score against evaluations, as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from synth.archive import Candidate
from synth.results import Summary

_MAX_POINTS = 2500
_LABEL_GAP = 14.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """The plotted area: pixels, and the values at its edges."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    count: int
    low: float
    high: float

    def x(self, index: float) -> float:
        return self.left + (self.width - self.left - self.right) * index / max(1, self.count - 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.height - self.bottom - (self.height - self.top - self.bottom) * share


def score_chart(summary: Summary, width: int, height: int, css_class: str) -> str:
    """Every scored candidate a dot, the best so far a line, each baseline a labelled horizontal line."""
    scored = [candidate for candidate in summary.candidates if candidate.score is not None]
    values = [candidate.score for candidate in scored if candidate.score is not None and math.isfinite(candidate.score)]
    lines = [(row.name, row.search.value) for row in summary.rows if row.kind == "baseline" and row.search is not None]
    if not values:
        return "<p>No candidate was scored.</p>"
    low, high = _range(values, [value for _, value in lines], summary.minimize)
    frame = _Frame(width, height, 52, 82 if lines else 16, 12, 36, len(scored), low, high)
    parts = [
        f'<svg class="chart {css_class}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(summary.metric)} against evaluations">',
        *_grid(frame, width),
        *_baselines(frame, lines),
        *_dots(frame, scored),
        _best_line(frame, scored, summary.minimize),
        f'<text class="axis" x="{frame.x((frame.count - 1) / 2):.1f}" y="{height - 4}" text-anchor="middle">'
        "candidates scored</text></svg>",
    ]
    return "".join(parts)


def _range(values: list[float], lines: list[float], minimize: bool) -> tuple[float, float]:
    """From the best to the worst that matters: the baselines and the better half of the candidates."""
    ordered = sorted(values, reverse=not minimize)
    shown = [*lines, ordered[0], ordered[len(ordered) // 2]]
    low, high = min(shown), max(shown)
    margin = 0.06 * (high - low) or abs(high) * 0.05 or 1.0
    return low - margin, high + margin


def _grid(frame: _Frame, width: int) -> list[str]:
    parts = []
    for value in _ticks(frame.low, frame.high, 5):
        y = frame.y(value)
        parts.append(f'<line class="grid" x1="{frame.left}" x2="{width - frame.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{frame.left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.4g}</text>')
    for value in _ticks(0, frame.count - 1, 6 if width > 600 else 3):
        y_text = frame.height - frame.bottom + 16
        parts.append(
            f'<text class="tick" x="{frame.x(value):.1f}" y="{y_text}" text-anchor="middle">{value:,.0f}</text>'
        )
    return parts


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Round values between two bounds."""
    if high <= low:
        return [low]
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw)
    first = math.ceil(low / step)
    return [index * step for index in range(first, math.floor(high / step) + 1)]


def _baselines(frame: _Frame, lines: list[tuple[str, float]]) -> list[str]:
    """Labels that would overlap are pushed apart."""
    parts = []
    label = -math.inf
    edge = frame.width - frame.right
    placed = []
    for name, value in sorted(lines, key=lambda line: frame.y(line[1])):
        y = frame.y(value)
        label = max(y, label + _LABEL_GAP)
        placed.append((name, value, y, label))
    overflow = max(0.0, label - (frame.height - frame.bottom))
    for name, value, y, at in placed:
        at -= overflow
        parts.append(f'<line class="baseline" x1="{frame.left}" x2="{edge}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<path class="leader" d="M{edge} {y:.1f}L{edge + 8} {at:.1f}"/>')
        title = f"<title>{escape(name)}: {value:.6f}</title>"
        parts.append(f'<text class="label" x="{edge + 11}" y="{at + 4:.1f}">{escape(name)}{title}</text>')
    return parts


def _dots(frame: _Frame, scored: list[Candidate]) -> list[str]:
    step = max(1, len(scored) // _MAX_POINTS)
    parts = ['<g class="dots">']
    for index in range(0, len(scored), step):
        score = scored[index].score
        if score is not None and frame.low <= score <= frame.high:
            parts.append(f'<circle cx="{frame.x(index):.1f}" cy="{frame.y(score):.1f}" r="1.8"/>')
    return [*parts, "</g>"]


def _best_line(frame: _Frame, scored: list[Candidate], minimize: bool) -> str:
    """A step line; a value outside the frame is drawn at its edge."""
    best: float | None = None
    path = ""
    y = frame.top
    for index, candidate in enumerate(scored):
        score = candidate.score
        if score is None or score != score or (best is not None and (score >= best if minimize else score <= best)):
            continue
        best = score
        new = frame.y(min(max(best, frame.low), frame.high))
        path += f"M{frame.x(index):.1f} {new:.1f}" if not path else f"L{frame.x(index):.1f} {y:.1f}V{new:.1f}"
        y = new
    return f'<path class="best" d="{path}H{frame.x(frame.count - 1):.1f}"/>'
