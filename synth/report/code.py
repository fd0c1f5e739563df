"""Source text and differences, as HTML."""

from __future__ import annotations

import difflib
import re
from html import escape

_TOKENS = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<directive>^[ \t]*\#[^\n]*)"
    r"|(?P<keyword>\b(?:if|else|for|while|switch|case|default|break|continue|return|const|constexpr|static_cast|auto)\b)"
    r"|(?P<type>\b(?:double|int|int64_t|uint64_t|bool|void|vulcan|anvil|std)\b)"
    r"|(?P<number>\b\d[\w.]*(?:[eE][+-]?\d+)?)"
    r"|(?P<call>\b[A-Za-z_]\w*(?=\s*\())",
    re.MULTILINE | re.DOTALL,
)


_WORDS = re.compile(r"[\w.]+|[ \t]+|\n|.")


def highlight(source: str) -> str:
    """The source as HTML with a span a token class."""
    parts, position = [], 0
    for match in _TOKENS.finditer(source):
        parts.append(escape(source[position : match.start()]))
        parts.append(f'<span class="{match.lastgroup}">{escape(match.group())}</span>')
        position = match.end()
    return "".join(parts) + escape(source[position:])


def difference(old: str, new: str) -> str:
    """The new source as HTML, with what was taken out and what was put in marked word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    parts = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        removed, added = escape("".join(before[i:j])), escape("".join(after[k:m]))
        if kind == "equal":
            parts.append(added)
            continue
        parts.append(f"<del>{removed}</del>" if removed else "")
        parts.append(f"<ins>{added}</ins>" if added else "")
    return "".join(parts)
