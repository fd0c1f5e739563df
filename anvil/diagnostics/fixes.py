"""Repairs: the edits that follow from a finding and its source, and their application."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from anvil.diagnostics.advice import OPERATORS, replacement
from anvil.diagnostics.model import Diagnostic, Edit
from anvil.diagnostics.text import Word, closing, words

Edits = tuple[Edit, ...]


def with_edits(found: Diagnostic, source: str) -> Diagnostic:
    """The finding with the edits that repair it, where the repair is certain."""
    if found.edits or not found.span.line or found.span.end > len(source):
        return found
    derive = _DERIVED.get(found.code, _nothing)
    edits = _closest_name(found, source) or derive(found, source)
    return replace(found, edits=edits) if edits else found


def chosen(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings whose edits can be made together: none touches another."""
    taken: list[Edit] = []
    found: list[Diagnostic] = []
    for item in diagnostics:
        if item.edits and not any(_touch(one, other) for one in item.edits for other in taken):
            taken += item.edits
            found.append(item)
    return found


def apply(source: str, edits: Iterable[Edit]) -> str:
    """The source after edits that do not touch each other."""
    for edit in sorted(edits, key=lambda e: e.start, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


def _touch(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


# ------------------------------------------------------------------------------------------- one for a code


def _nothing(found: Diagnostic, source: str) -> Edits:
    return ()


def _whole(found: Diagnostic, text: str) -> Edits:
    return (Edit(found.span.start, found.span.end, text),)


def _closest_name(found: Diagnostic, source: str) -> Edits:
    """ "did you mean `b`?" about the last `a` of the place."""
    close = re.fullmatch(r"did you mean `([\w:]+)`\?", found.help)
    place = source[found.span.start : found.span.end]
    wrong = re.search(r"there is no listener `(\w+)`", found.message)
    name = wrong[1] if wrong else str(found.values.get("name", found.values.get("method", "")))
    if close is None or not name or (at := place.rfind(name)) < 0:
        return ()
    start = found.span.start + at
    return (Edit(start, start + len(name), close[1]),)


def _name(found: Diagnostic, source: str) -> Edits:
    better, name = replacement(found.code, found.values["name"]), str(found.values["name"])
    at = source.find(name, found.span.start, found.span.end)
    return (Edit(at, at + len(name), better),) if better and at >= 0 else ()


def _number(found: Diagnostic, source: str) -> Edits:
    text = str(found.values["text"])
    if written := re.fullmatch(r"write `([^`]+)`", found.help):
        return _whole(found, written[1])
    if "leading 0" in found.message:
        return _whole(found, text.lstrip("0'") or "0")
    if re.fullmatch(r"[^uU]+[uU]", text):
        return _whole(found, f"{text[:-1]}ULL")
    return ()


def _preprocessor(found: Diagnostic, source: str) -> Edits:
    end = source.find("\n", found.span.start)
    end = len(source) if end < 0 else end
    line = source[found.span.start : end].rstrip()
    constant = re.fullmatch(r"#\s*define\s+(\w+)\s+\(?(-?[\w.']+)\)?(\s*//.*)?", line)
    if constant:
        text = f"constexpr auto {constant[1]} = {constant[2]};{constant[3] or ''}"
        return (Edit(found.span.start, found.span.start + len(line), text),)
    if re.match(r"#\s*pragma\b", line):
        return (Edit(found.span.start, min(end + 1, len(source)), ""),)
    return ()


def _construct(found: Diagnostic, source: str) -> Edits:
    """`static` before a function; an operator spelled as a word; a type of C++ used as a function."""
    text = source[found.span.start : found.span.end]
    if text == "static" and "functions need no" in found.help:
        return (Edit(found.span.start, found.span.end + len(re.match(r"\s*", source[found.span.end :])[0]), ""),)  # type: ignore[index]
    better = OPERATORS.get(text) or replacement("E0301", text)
    return _whole(found, better) if better else ()


def _one_type(found: Diagnostic, source: str) -> Edits:
    at = found.span.start
    return (Edit(at, at + 3, "anvil"),) if source.startswith("std::", at) and "anvil::" in found.help else ()


def _listener(found: Diagnostic, source: str) -> Edits:
    """`EWMA({0.2})` without its namespace, `vulcan::EWMA(0.2)` without its braces."""
    start, end = found.span.start, found.span.end
    if re.match(r"[A-Z]\w*\s*\(", source[start:end]):
        return (Edit(start, start, "vulcan::"),)
    arguments = re.fullmatch(r"vulcan\s*::\s*\w+\s*\(([^(){}]+)\)", source[start:end])
    if arguments and "({" in found.help:
        first, last = arguments.span(1)
        return (Edit(start + first, start + first, "{"), Edit(start + last, start + last, "}"))
    return ()


def _quoted_signal(found: Diagnostic, source: str) -> Edits:
    text = source[found.span.start : found.span.end].strip('"')
    return _whole(found, text) if re.search(rf"signal: .*\b{re.escape(text)}\b", found.help) and text else ()


def _store_reference(found: Diagnostic, source: str) -> Edits:
    if found.values.get("form") != "const vulcan::store& fs":
        return ()
    written = re.fullmatch(r"(?:const\s+)?(vulcan::\w+)\s*&?\s*\b(\w+)", source[found.span.start : found.span.end])
    return _whole(found, f"const {written[1]}& {written[2]}") if written else ()


def _attach(found: Diagnostic, source: str) -> Edits:
    """One more statement of `configure`, or a `configure` above the first function."""
    call = f"add_listeners({found.values['signal']}, {{{found.values['example']}}});"
    tokens = words(source)
    known = _attachment(tokens) or _configure_body(tokens)
    if known is not None:
        config, last = known
        return (Edit(last.end, last.end, f"\n    {config}.{call}"),)
    start = None if "EVOLVE-BLOCK" in source else _first_function(tokens, source)
    text = f"void configure(vulcan::config& config) {{\n    config.{call}\n}}\n\n"
    return () if start is None else (Edit(start, start, text),)


def _attachment(tokens: list[Word]) -> tuple[str, Word] | None:
    """The configuration object of the last `add_listeners`, and the `;` of that statement."""
    for index in range(len(tokens) - 4, -1, -1):
        name, dot, method, opening = tokens[index : index + 4]
        if (dot.text, method.text, opening.text) == (".", "add_listeners", "("):
            end = closing(tokens, index + 3)
            if end is not None and end + 1 < len(tokens) and tokens[end + 1].text == ";":
                return name.text, tokens[end + 1]
    return None


def _configure_body(tokens: list[Word]) -> tuple[str, Word] | None:
    """The parameter of `configure`, and the token after which its body can go on."""
    head = ["void", "configure", "(", "vulcan", "::", "config", "&"]
    for index in range(len(tokens) - len(head) - 3):
        if [t.text for t in tokens[index : index + len(head)]] != head:
            continue
        name, parenthesis, brace = tokens[index + len(head) : index + len(head) + 3]
        end = closing(tokens, index + len(head) + 2)
        if (parenthesis.text, brace.text) == (")", "{") and end is not None:
            return name.text, tokens[end - 1]
    return None


def _first_function(tokens: list[Word], source: str) -> int | None:
    """Where the first function begins, the comment above it included."""
    start = 0
    for index, token in enumerate(tokens):
        if token.text in (";", "}"):
            start = index + 1
        elif token.text == "{":
            line = source.rfind("\n", 0, tokens[start].start) + 1
            while line and source[source.rfind("\n", 0, line - 1) + 1 : line].lstrip().startswith("//"):
                line = source.rfind("\n", 0, line - 1) + 1
            return tokens[start].start if source[line : tokens[start].start].strip().startswith("}") else line
    return None


def _add_element(found: Diagnostic, source: str) -> Edits:
    """One more value for a listener that is attached: `EWMA({0.2})` becomes `EWMA({0.2, 0.5})`."""
    listener, signal = str(found.values["listener"]), str(found.values["signal"])
    attached = re.search(
        rf"\.\s*add_listeners\s*\(\s*{re.escape(signal)}\s*,[^;]*?\b{re.escape(listener)}\s*\(\s*\{{[^{{}};]*(?=\}})",
        source,
    )
    return (Edit(attached.end(), attached.end(), f", {found.values['value']}"),) if attached else ()


def _cast(found: Diagnostic, source: str) -> Edits:
    cast = re.fullmatch(r"write `(static_cast<\w+>)\(\.\.\.\)`", found.help)
    return _whole(found, f"{cast[1]}({source[found.span.start : found.span.end]})") if cast else ()


def _capture(found: Diagnostic, source: str) -> Edits:
    name = re.match(r"`(\w+)` is used in the lambda", found.message)
    captures = re.match(r"\[([^\]=&]*)\]", source[found.span.start : found.span.end])
    if name is None or captures is None:
        return ()
    end = found.span.start + captures.end() - 1
    return (Edit(end, end, f", {name[1]}" if captures[1].strip() else name[1]),)


def _rename(found: Diagnostic, source: str) -> Edits:
    """Another name for whatever has this one; not where the host or text around the program may use it."""
    name, better = str(found.values["name"]), str(found.values["better"])
    tokens = words(source)
    if found.values["linked"] or "EVOLVE-BLOCK" in source or better in (word.text for word in tokens):
        return ()
    return tuple(Edit(word.start, word.end, better) for word in tokens if word.text == name)


_DERIVED: dict[str, Callable[[Diagnostic, str], Edits]] = {
    "E0102": _number,
    "E0104": _preprocessor,
    "E0114": _construct,
    "E0201": _name,
    "E0205": _name,
    "E0207": _rename,
    "E0301": _name,
    "E0304": _one_type,
    "E0315": _cast,
    "E0318": _capture,
    "E0401": _quoted_signal,
    "E0402": _attach,
    "E0405": _add_element,
    "E0406": _listener,
    "E0421": _store_reference,
}
