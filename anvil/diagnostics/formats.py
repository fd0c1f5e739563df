"""Findings for other tools: the shape of rustc's JSON diagnostics, and SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

from anvil.diagnostics.catalogue import CATALOGUE
from anvil.diagnostics.explanations import EXPLANATIONS
from anvil.diagnostics.model import Diagnostic, Edit
from anvil.diagnostics.text import span_of
from anvil.span import Span

Json = dict[str, object]


def rustc(found: Diagnostic, source: str, filename: str) -> Json:
    """One finding in the shape that rustc prints with `--error-format json`."""
    spans = [_rustc_span(found.span, source, filename, label=found.label, primary=True)] if found.span.line else []
    spans += [_rustc_span(span, source, filename, label=text) for text, span in found.notes]
    children = [_note(line) for line in found.witness.lines()] if found.witness else []
    return {
        "message": found.message,
        "code": {"code": found.code, "explanation": _cause(found.code)},
        "level": found.severity,
        "rule": found.rule,
        "spans": spans,
        "children": children + ([_help(found, source, filename)] if found.help else []),
        "rendered": found.render(source, filename),
        **({"counterexample": found.witness.to_json()} if found.witness else {}),
    }


def _note(text: str) -> Json:
    return {"message": text, "code": None, "level": "note", "spans": [], "children": [], "rendered": None}


def _cause(code: str) -> str | None:
    return EXPLANATIONS[code].cause if code in EXPLANATIONS else None


def _help(found: Diagnostic, source: str, filename: str) -> Json:
    applicability = "MaybeIncorrect" if found.is_guess else "MachineApplicable"
    spans = [
        _rustc_span(span_of(source, e.start, e.end), source, filename, edit=e, applicability=applicability)
        for e in found.edits
    ]
    return {"message": found.help, "code": None, "level": "help", "spans": spans, "children": [], "rendered": None}


def _rustc_span(
    span: Span,
    source: str,
    filename: str,
    *,
    label: str = "",
    primary: bool = False,
    edit: Edit | None = None,
    applicability: str | None = None,
) -> Json:
    end = span_of(source, span.end, span.end)
    return {
        "file_name": filename,
        "byte_start": _bytes(source, span.start),
        "byte_end": _bytes(source, span.end),
        "line_start": span.line,
        "line_end": end.line,
        "column_start": span.column,
        "column_end": end.column,
        "is_primary": primary or edit is not None,
        "label": label or None,
        "suggested_replacement": edit.text if edit else None,
        "suggestion_applicability": applicability,
    }


def _bytes(source: str, index: int) -> int:
    return len(source[:index].encode("utf-8", "surrogatepass"))


# ---------------------------------------------------------------------------------------------------- SARIF


def sarif(results: Sequence[tuple[str, str, Sequence[Diagnostic]]]) -> Json:
    """A SARIF log of the findings of several files, each given as its name, its source and its findings."""
    rules = [_sarif_rule(code) for code in CATALOGUE]
    found = [_sarif_result(item, source, name) for name, source, items in results for item in items]
    driver = {"name": "anvilc", "version": _version(), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(name)}} for name, _, _ in results],
        "results": found,
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _version() -> str:
    try:
        return metadata.version("vulcan-heuristics")
    except metadata.PackageNotFoundError:
        return "0"


def _sarif_rule(code: str) -> Json:
    kind = CATALOGUE[code]
    return {
        "id": code,
        "name": kind.rule,
        "shortDescription": {"text": kind.rule.replace(".", ": ").replace("_", " ")},
        "fullDescription": {"text": _cause(code) or kind.rule},
        "defaultConfiguration": {"level": "error"},
    }


def _sarif_result(found: Diagnostic, source: str, name: str) -> Json:
    text = f"{found.message}\nhelp: {found.help}" if found.help else found.message
    result: Json = {
        "ruleId": found.code,
        "ruleIndex": list(CATALOGUE).index(found.code),
        "level": found.severity,
        "message": {"text": text},
        "locations": [_location(found.span, source, name)],
    }
    if found.notes:
        related = [{**_location(span, source, name), "message": {"text": note}} for note, span in found.notes]
        result["relatedLocations"] = related
    if found.edits:
        result["fixes"] = [_sarif_fix(found, source, name)]
    return result


def _sarif_fix(found: Diagnostic, source: str, name: str) -> Json:
    replacements = [
        {"deletedRegion": _region(span_of(source, e.start, e.end), source), "insertedContent": {"text": e.text}}
        for e in found.edits
    ]
    change = {"artifactLocation": {"uri": _uri(name)}, "replacements": replacements}
    return {"description": {"text": found.help}, "artifactChanges": [change]}


def _location(span: Span, source: str, name: str) -> Json:
    place: Json = {"artifactLocation": {"uri": _uri(name)}}
    if span.line:
        place["region"] = _region(span, source)
    return {"physicalLocation": place}


def _region(span: Span, source: str) -> Json:
    end = span_of(source, span.end, span.end)
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": span.start,
        "charLength": max(0, span.end - span.start),
    }


def _uri(name: str) -> str:
    return Path(name).as_uri() if Path(name).is_absolute() else quote(name)
