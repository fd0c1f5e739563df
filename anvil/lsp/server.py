"""The protocol side of the language server, over pygls."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from anvil.diagnostics import Diagnostic, Rejected
from anvil.format import FormatError, format_source
from anvil.lsp.analysis import Analysis
from anvil.lsp.completion import completions
from anvil.lsp.hover import hover
from anvil.lsp.outline import Declaration
from anvil.lsp.templates import Templates
from anvil.span import Span

_COMPLETIONS = {
    "method": lsp.CompletionItemKind.Method,
    "class": lsp.CompletionItemKind.Class,
    "function": lsp.CompletionItemKind.Function,
    "variable": lsp.CompletionItemKind.Variable,
    "constant": lsp.CompletionItemKind.Constant,
    "signal": lsp.CompletionItemKind.Event,
    "keyword": lsp.CompletionItemKind.Keyword,
}
_SYMBOLS = {
    "function": lsp.SymbolKind.Function,
    "prototype": lsp.SymbolKind.Function,
    "method": lsp.SymbolKind.Method,
    "class": lsp.SymbolKind.Class,
    "enum": lsp.SymbolKind.Enum,
    "enumerator": lsp.SymbolKind.EnumMember,
    "field": lsp.SymbolKind.Field,
    "constant": lsp.SymbolKind.Constant,
}


def _version() -> str:
    try:
        return version("vulcan-heuristics")
    except PackageNotFoundError:
        return "unknown"


class AnvilServer(LanguageServer):
    """Keeps one analysis a document, made anew when its text changes."""

    def __init__(self, interface: str | None = None) -> None:
        super().__init__("anvil", _version())
        self.templates = Templates(Path(interface) if interface else None)
        self._analyses: dict[str, Analysis] = {}

    def document(self, uri: str) -> TextDocument:
        return self.workspace.get_text_document(uri)

    def analysis(self, uri: str, *, renew: bool = False) -> Analysis:
        """What is known about a document as it is now."""
        source = self.document(uri).source
        known = self._analyses.get(uri)
        if renew or known is None or known.source != source:
            path = uris.to_fs_path(uri)
            known = Analysis(source, Path(path) if path else None, self.templates)
            self._analyses[uri] = known
        return known

    def offset(self, uri: str, position: lsp.Position) -> int:
        return _offset(self.document(uri), position)

    def range(self, uri: str, start: int, end: int) -> lsp.Range:
        document = self.document(uri)
        return lsp.Range(_position(document, start), _position(document, end))

    def publish(self, uri: str, *, renew: bool = False) -> None:
        """Sends the findings of a document."""
        found = [self.diagnostic(uri, item) for item in self.analysis(uri, renew=renew).diagnostics]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, found, version=self.document(uri).version)
        )

    def diagnostic(self, uri: str, found: Diagnostic) -> lsp.Diagnostic:
        """A finding as the protocol has it."""
        help_text = f"\nhelp: {found.help}" if found.help else ""
        return lsp.Diagnostic(
            self.span(uri, found.span),
            found.message + help_text,
            severity=lsp.DiagnosticSeverity.Error if found.severity == "error" else lsp.DiagnosticSeverity.Warning,
            code=found.code,
            source="anvil",
            related_information=[
                lsp.DiagnosticRelatedInformation(lsp.Location(uri, self.span(uri, span)), text)
                for text, span in found.notes
            ],
            data={"rule": found.rule, "help": found.help},
        )

    def span(self, uri: str, span: Span) -> lsp.Range:
        return self.range(uri, span.start, max(span.end, span.start + 1) if span.line else 0)


_LINE_END = re.compile(r"\r\n|\n|\r")


def _offset(document: TextDocument, position: lsp.Position) -> int:
    """The character of a position, the last of its line where the position is past the end."""
    source, start = document.source, 0
    for _ in range(position.line):
        match = _LINE_END.search(source, start)
        if match is None:
            return len(source)
        start = match.end()
    match = _LINE_END.search(source, start)
    end, units = match.start() if match else len(source), 0
    while start < end and units < position.character:
        units += document.position_codec.client_num_units(source[start])
        start += 1
    return start


def _position(document: TextDocument, offset: int) -> lsp.Position:
    """Lines end where the protocol says (`\\n`, `\\r\\n`, `\\r`), columns count in the client's units."""
    before = document.source[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2]
    return lsp.Position(before.count("\n"), document.position_codec.client_num_units(line))


def create(interface: str | None = None) -> AnvilServer:
    """A server with all its features, not yet connected."""
    server = AnvilServer(interface)
    _register_documents(server)
    _register_reading(server)
    _register_changing(server)
    return server


def _register_documents(server: AnvilServer) -> None:
    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        options: Any = params.initialization_options
        path = options.get("interface") if isinstance(options, dict) else getattr(options, "interface", None)
        if path and server.templates.fixed is None:
            root = uris.to_fs_path(params.root_uri) if params.root_uri else None
            server.templates.fixed = Path(root or ".") / str(path)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        # another file may have this one as its template
        for uri in {params.text_document.uri, *server.workspace.text_documents}:
            server.publish(uri, renew=True)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))


def _register_reading(server: AnvilServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        uri = params.text_document.uri
        found = hover(server.analysis(uri), server.offset(uri, params.position))
        if found is None:
            return None
        text, start, end = found
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), server.range(uri, start, end))

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", ":"]))
    def completed(params: lsp.CompletionParams) -> lsp.CompletionList:
        uri = params.text_document.uri
        found = completions(server.analysis(uri), server.offset(uri, params.position))
        items = [
            lsp.CompletionItem(
                item.label,
                kind=_COMPLETIONS[item.kind],
                detail=item.detail or None,
                filter_text=item.label.rpartition("::")[2],
                documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.documentation)
                if item.documentation
                else None,
            )
            for item in found
        ]
        return lsp.CompletionList(is_incomplete=False, items=items)

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        uri = params.text_document.uri
        analysis = server.analysis(uri)
        word = analysis.word(server.offset(uri, params.position))
        declared = analysis.declaration(word) if word else None
        if declared is not None:
            return lsp.Location(uri, server.range(uri, declared.start, declared.start + len(declared.name)))
        signal = analysis.interface.signals.get(word.text) if word and analysis.interface else None
        if signal is None or analysis.template is None:
            return None
        target = uris.from_fs_path(str(analysis.template.resolve())) or uri
        return lsp.Location(target, server.span(target, signal.span))

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        uri = params.text_document.uri
        found = [d for d in server.analysis(uri).declarations if d.kind in _SYMBOLS]
        return [_symbol(server, uri, d, found) for d in found if not d.parent]


def _symbol(server: AnvilServer, uri: str, declared: Declaration, others: list[Declaration]) -> lsp.DocumentSymbol:
    name = server.range(uri, declared.start, declared.start + len(declared.name))
    members = [d for d in others if d.parent == declared.name and declared.kind in ("class", "enum")]
    return lsp.DocumentSymbol(
        declared.name,
        _SYMBOLS[declared.kind],
        server.range(uri, declared.start, declared.end),
        name,
        detail=declared.type,
        children=[_symbol(server, uri, member, []) for member in members],
    )


def _register_changing(server: AnvilServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        uri = params.text_document.uri
        source = server.document(uri).source
        try:
            text = format_source(source)
        except (Rejected, FormatError):
            return None  # the findings say why
        return [] if text == source else [lsp.TextEdit(server.range(uri, 0, len(source)), text)]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        low, high = server.offset(uri, params.range.start), server.offset(uri, params.range.end)
        found = server.analysis(uri).diagnostics
        return [
            _quick_fix(server, uri, item)
            for item in found
            if item.edits and item.span.start <= high and low <= max(item.span.end, item.span.start)
        ]


def _quick_fix(server: AnvilServer, uri: str, found: Diagnostic) -> lsp.CodeAction:
    edits = [lsp.TextEdit(server.range(uri, edit.start, edit.end), edit.text) for edit in found.edits]
    return lsp.CodeAction(
        found.help or "repair",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[server.diagnostic(uri, found)],
        edit=lsp.WorkspaceEdit(changes={uri: edits}),
        is_preferred=not getattr(found, "is_guess", False),
    )


def serve(interface: str | None = None) -> int:
    """Serves one editor on standard input and output until it says goodbye."""
    create(interface).start_io()
    return 0
