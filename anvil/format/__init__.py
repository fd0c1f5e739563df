"""The formatter of Anvil: Google's C++ style with 4 spaces and 120 columns, every token and comment kept."""

from __future__ import annotations

from anvil.format.compare import same_tree
from anvil.format.output import Output
from anvil.format.regions import Region, regions
from anvil.format.statements import write_body
from anvil.format.tokens import scan, significant
from anvil.format.tree import build
from anvil.recursion import deep_stack

__all__ = ["FormatError", "format_source", "layout"]


class FormatError(Exception):
    """The formatter would have changed the program; nothing was changed."""


def format_source(source: str, filename: str = "<source>") -> str:
    """The formatted text. Raises Rejected for a file that does not parse, FormatError for a fault of the formatter."""
    from anvil.diagnostics import Rejected
    from anvil.frontend.parser import parse

    with deep_stack():
        before = parse(source, filename)
        try:
            formatted = layout(source)
        except Exception as error:  # whatever goes wrong, the file is left alone
            raise FormatError(f"{type(error).__name__}: {error}") from error
        if _tokens(formatted) != _tokens(source):
            raise FormatError("tokens would change")
        try:
            after = parse(formatted, filename)
        except Rejected as rejected:
            if rejected.diagnostics[0].code == "E0105":
                raise  # indented, it is larger than a source may be
            raise FormatError(f"the result is rejected: {rejected.diagnostics[0].message}") from None
        if not same_tree(before, after):
            raise FormatError("the syntax tree would change")
    return formatted


def layout(source: str) -> str:
    """The text laid out anew, for any source whose brackets and comments balance; nothing is checked."""
    with deep_stack():
        return "".join(_region(region) for region in regions(source))


def _region(region: Region) -> str:
    if not region.code:
        return region.text
    body, _ = build(scan(region.text))
    out = Output()
    write_body(out, body, region.indent)
    return out.result().replace("\n", region.newline)


def _tokens(source: str) -> list[list[str]]:
    """What must stay: the tokens of the code, and the text around it to the letter."""
    return [significant(region.text) if region.code else [region.text] for region in regions(source)]
