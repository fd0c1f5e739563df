"""The page of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path

from synth.archive import Candidate
from synth.candidate import Json, Proof
from synth.report.chart import score_chart
from synth.report.code import difference, highlight
from synth.results import Summary, seed_label
from synth.table import cells, number_text, percent_text
from synth.task import HELDOUT, TRAIN

_HIDDEN_SETTINGS = ("seeds", "baselines")


def write_report(summary: Summary, sources: Mapping[int, str], proof: Proof | None, path: Path) -> None:
    """Write the report of a run; `sources` are those of the champion and its ancestors by id, made readable; `proof` is
    what the compiler says of the champion's."""
    path.write_text(render(summary, sources, proof), encoding="utf-8")


def render(summary: Summary, sources: Mapping[int, str], proof: Proof | None) -> str:
    """The page as text."""
    title = f"{summary.settings['task']}: {summary.settings['instance']}"
    style = files("synth.report").joinpath("style.css").read_text(encoding="utf-8")
    body = "\n".join(section for section in _sections(summary, sources, proof) if section)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _sections(summary: Summary, sources: Mapping[int, str], proof: Proof | None) -> Iterator[str]:
    yield _header(summary)
    yield _facts(summary, proof)
    yield _section("Results", _table(summary))
    yield _section("Search", _charts(summary))
    champion = summary.champion
    if champion is not None:
        yield _section("Best heuristic", f"<pre class='code'>{highlight(sources[champion.id].strip())}</pre>")
        yield _section("What is proved", _proof(champion, proof))
        yield _section("How it came about", _lineage(summary, sources))
    yield _section("Not scored", _rejects(summary))
    yield _section("The run", _settings(summary))


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def _header(summary: Summary) -> str:
    task, instance = escape(str(summary.settings["task"])), escape(str(summary.settings["instance"]))
    ending = escape(summary.ending or "still running, or killed")
    return (
        f"<header>\n<p class='task'>vulcan synth {task}</p>\n<h1>{instance}</h1>\n"
        f"<p class='ending'>Ended: {ending}</p>\n</header>"
    )


def _facts(summary: Summary, proof: Proof | None) -> str:
    reference = escape(str(summary.settings["reference"]))
    best = next((row for row in summary.rows if row.kind == "best"), None)
    facts: list[tuple[str, str]] = []
    if best is not None:
        facts.append((f"{escape(summary.metric)}, training", number_text(best.train)))
        facts.append((f"{escape(summary.metric)}, held out", number_text(best.heldout)))
        facts.append((f"over {reference}, training", percent_text(summary.improvement(best.train, TRAIN))))
        facts.append((f"over {reference}, held out", percent_text(summary.improvement(best.heldout, HELDOUT))))
    facts.append(("candidates evaluated", f"{summary.evaluated:,}"))
    facts.append(("wall time", _duration(summary.seconds)))
    if summary.champion is not None:
        facts.append(("steps a call, proved", f"≤ {(proof or summary.champion).steps:,}"))
    if proof is not None and proof.slots:
        facts.append(("bytes an object", f"{_object_bytes(proof):,}"))
    cards = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f"<dl class='facts'>{cards}</dl>"


def _table(summary: Summary) -> str:
    reference = escape(str(summary.settings["reference"]))
    titles = ("", "training", f"over {reference}", "held out", f"over {reference}")
    head = f"<tr>{''.join(f'<th>{title}</th>' for title in titles)}</tr>"
    rows = []
    for row in summary.rows:
        name, *numbers = (escape(cell) for cell in cells(summary, row))
        marked = (f"<td class='top'>{n[:-2]}</td>" if n.endswith(" *") else f"<td>{n.strip()}</td>" for n in numbers)
        rows.append(f"<tr class='{row.kind}'><th>{name}</th>{''.join(marked)}</tr>")
    goal = "lower" if summary.minimize else "higher"
    note = (
        f"{escape(summary.metric[:1].upper() + summary.metric[1:])}; {goal} is better, the best of a column is"
        " underlined. Candidates were scored on the first piece of the training part, the best of them compared on"
        " the rest of it; the held-out part played no role in either."
    )
    body = "".join(rows)
    table = f"<table class='results'><thead>{head}</thead><tbody>{body}</tbody></table>"
    return f"<div class='scroll'>{table}</div><p class='note'>{note}</p>"


def _charts(summary: Summary) -> str:
    wide, narrow = score_chart(summary, 920, 380, "wide"), score_chart(summary, 380, 300, "narrow")
    note = "Dots are candidates, the line is the best so far, dashed lines are baselines, all on the search part."
    return f"{wide}{narrow}<p class='note'>{note}</p>"


def _proof(champion: Candidate, proof: Proof | None) -> str:
    bound = proof or champion
    text = (
        f"<p>Every call ends after at most <strong>{bound.steps:,}</strong> steps (cost bound {bound.cost:,}),"
        " whatever the input; it allocates nothing and writes nothing.</p>"
    )
    if proof is None or not proof.slots:
        return text
    rows = "".join(_slot_row(slot) for slot in proof.slots)
    head = "<tr><th>signal</th><th>listener</th><th>scope</th><th>bytes</th></tr>"
    total = (
        f"<p class='note'>{_object_bytes(proof):,} bytes for each object; population listeners add a shared tree.</p>"
    )
    return f"{text}<div class='scroll'><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>{total}"


def _slot_row(slot: Json) -> str:
    params = ", ".join(f"{value:g}" for value in slot["params"])
    name = f"{slot['listener']}({params})" if params else slot["listener"]
    cells = "".join(f"<td>{escape(str(value))}</td>" for value in (name, slot["scope"], slot["bytes"]))
    return f"<tr><th>{escape(slot['signal'])}</th>{cells}</tr>"


def _object_bytes(proof: Proof) -> int:
    return sum(int(slot["bytes"]) for slot in proof.slots if slot["scope"] == "object")


def _lineage(summary: Summary, sources: Mapping[int, str]) -> str:
    """The champion's ancestors along first parents, newest first."""
    items = []
    line = summary.lineage
    for index in range(len(line) - 1, -1, -1):
        candidate = line[index]
        before = line[index - 1] if index else None
        items.append(_ancestor(candidate, before, sources, opened=index == len(line) - 1, minimize=summary.minimize))
    return f"<ol class='lineage'>{''.join(items)}</ol>"


def _ancestor(
    candidate: Candidate, before: Candidate | None, sources: Mapping[int, str], *, opened: bool, minimize: bool
) -> str:
    made = seed_label(candidate.name) if candidate.name else candidate.operator
    others = ", ".join(f"#{id}" for id in candidate.parents[1:])
    origin = f"{made} with {others}" if others else made
    score = "-" if candidate.score is None else f"{candidate.score:.6f}"
    source = sources[candidate.id].strip()
    body = difference(sources[before.id].strip(), source) if before is not None else highlight(source)
    kind = "diff" if before is not None else "code"
    change = ""
    if before is not None and before.score is not None and candidate.score is not None:
        moved = candidate.score - before.score
        kind_of_change = "better" if (moved < 0) is minimize and moved else "other"
        change = f"<span class='change {kind_of_change}'>{moved:+.6f}</span>"
    return (
        f"<li><details{' open' if opened else ''}><summary><b>#{candidate.id}</b> <span>{escape(origin)}</span>"
        f" <span class='generation'>generation {candidate.generation}</span> <code>{score}</code> {change}</summary>"
        f"<pre class='{kind}'>{body}</pre></details></li>"
    )


def _rejects(summary: Summary) -> str:
    if not summary.rejects:
        return "<p>Every candidate passed the compiler and was scored.</p>"
    rows = "".join(
        f"<tr><th>{escape(code)}</th><td>{count:,}</td><td class='text'>{escape(_example(summary, code))}</td></tr>"
        for code, count in sorted(summary.rejects.items(), key=lambda item: -item[1])
    )
    head = "<tr><th>code</th><th>candidates</th><th class='text'>for example</th></tr>"
    return f"<div class='scroll'><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>"


def _example(summary: Summary, code: str) -> str:
    for candidate in summary.candidates:
        for diagnostic in candidate.diagnostics:
            if str(diagnostic.get("code", "?")) == code:
                return str(diagnostic.get("message", ""))
    return ""


def _settings(summary: Summary) -> str:
    shown = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in summary.settings.items()
        if key not in _HIDDEN_SETTINGS
    }
    rows = "".join(
        f"<tr><th>{escape(key)}</th><td class='text'>{escape(value)}</td></tr>" for key, value in shown.items()
    )
    return f"<div class='scroll'><table><tbody>{rows}</tbody></table></div>"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
