"""What the editor shows about the thing under the pointer, in Markdown."""

from __future__ import annotations

from anvil.builtins import BUILTINS
from anvil.interface import Interface, Listener, Query, Signal
from anvil.lsp.analysis import Analysis
from anvil.lsp.outline import Word
from anvil.verify.cost import QUERY_COST


def hover(analysis: Analysis, offset: int) -> tuple[str, int, int] | None:
    """The text, and the range that it is about; None where there is nothing to say."""
    word = analysis.word(offset)
    if word is not None:
        text = _word(analysis, word)
        if text:
            return text, word.start, word.end
    found = analysis.type_at(offset)
    if found is None:
        return None
    kind, span = found
    return _code(kind), span.start, span.end


def _code(text: str) -> str:
    return f"```cpp\n{text}\n```"


def _word(analysis: Analysis, word: Word) -> str:
    if word.text in ("for", "while"):
        return _loop(analysis, word)
    interface, previous = analysis.interface, analysis.before(word, 2)
    declared = analysis.declaration(word)
    if declared is not None and declared.kind in ("function", "prototype"):
        return _function(analysis, word.text, declared.type)
    if declared is not None:
        return f"{_code(f'{analysis.type_of(declared)} {declared.name}')}\n{declared.kind}"
    if interface is not None:
        if previous.endswith("."):
            return query_text(interface.queries_named(word.text), interface)
        if word.text in interface.signals:
            return signal_text(interface.signals[word.text])
        if word.text in interface.listeners and "::" in previous:
            return listener_text(interface.listeners[word.text])
    if word.text in BUILTINS and not previous.endswith("."):
        return builtin_text(word.text)
    return ""


def _loop(analysis: Analysis, word: Word) -> str:
    report = analysis.result.report
    for loop in report.loops.values() if report else ():
        if loop.span.start == word.start:
            return f"at most {loop.trips:,} iterations, {loop.bound.steps:,} steps, cost {loop.bound.cost:,} (proved)"
    return ""


def _function(analysis: Analysis, name: str, result: str) -> str:
    text = _code(f"{result} {name}(...)")
    report = analysis.result.report
    bound = report.functions.get(name) if report else None
    return text if bound is None else f"{text}\nat most {bound.steps:,} steps, cost {bound.cost:,} (proved)"


def signal_text(signal: Signal) -> str:
    """A signal: type, scope, unit, range and what it means."""
    lines = [_code(f"vulcan::{signal.scope}_signal<{signal.type.value}> {signal.name}"), signal.doc, ""]
    lines.append(f"- scope: {'one value for each object' if signal.scope == 'object' else 'one value for the system'}")
    if signal.unit:
        lines.append(f"- unit: {signal.unit}")
    if signal.low is not None and signal.high is not None:
        lines.append(f"- range: [{signal.low:.15g}, {signal.high:.15g}]")
    return "\n".join(lines)


def query_form(query: Query) -> str:
    """`T get_kth(signal, int64_t object, int64_t k)`."""
    params = [f"{query.scope}_signal<T>", *(["int64_t object"] if query.by_object else [])]
    params += [f"{param.type.value} {param.name}" for param in query.params]
    return f"{query.result.value if query.result else 'T'} {query.method}({', '.join(params)})"


def query_text(queries: tuple[Query, ...], interface: Interface) -> str:
    """The overloads of a query, each with what it means, needs and costs."""
    parts = []
    for query in queries:
        cost = QUERY_COST.get(query.symbol)
        needs = "" if query.listener == "Latest" else f"needs `{listener_form(interface.listeners[query.listener])}`; "
        parts.append(f"{_code(query_form(query))}\n{query.doc}\n\n{needs}cost {cost if cost is not None else '?'}")
    return "\n\n---\n\n".join(parts)


def listener_form(listener: Listener) -> str:
    """`vulcan::EWMA({alphas})`."""
    inner = f"{{{listener.param}}}" if listener.is_list else listener.param
    return f"vulcan::{listener.name}({inner})"


def listener_text(listener: Listener) -> str:
    """A listener: what it keeps and the bytes that it takes."""
    size = str(listener.fixed_bytes)
    if listener.bytes_each:
        each = f"element of {listener.param}" if listener.is_list else listener.param
        size += f" + {listener.bytes_each} for each {each}"
    return f"{_code(listener_form(listener))}\n{listener.doc}\n\n{size} bytes of state"


def builtin_text(name: str) -> str:
    """A built-in: form, meaning, cost."""
    builtin = BUILTINS[name]
    kind = {"common": "T", "test": "bool"}.get(builtin.kind, "double")
    argument = "T" if builtin.kind == "common" else "double"
    form = f"{kind} anvil::{name}({', '.join([argument] * builtin.arity)})"
    return f"{_code(form)}\n{builtin.meaning}\n\ncost {builtin.cost}"
