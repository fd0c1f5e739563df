"""Syntax colours: a Pygments lexer, and the word lists that the editor files in editors/ are made of."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

CONTROL = (
    *("if", "else", "for", "while", "do", "switch", "case", "default"),
    *("break", "continue", "return"),
)
DECLARATIONS = (
    *("class", "struct", "enum", "namespace", "using", "template", "const", "constexpr", "static", "inline"),
    *("extern", "explicit", "public", "private", "static_cast", "this"),
)
TYPES = ("bool", "int", "int64_t", "uint64_t", "double", "auto", "void")
CONSTANTS = ("true", "false")
ATTRIBUTES = tuple(f"anvil::{name}" for name in "bytes cost element post pre pure query range unit".split())
LIBRARIES = ("vulcan", "anvil", "std")

NUMBER = r"(?:\.\d|\d)(?:[eEpP][+-]|'\w|[\w.])*"


def builtin_names() -> tuple[str, ...]:
    """The mathematical functions of the language."""
    from anvil.builtins import BUILTINS

    return tuple(BUILTINS)


class AnvilLexer(RegexLexer):  # type: ignore[misc]
    """Anvil, for Pygments."""

    name = "Anvil"
    aliases: ClassVar[list[str]] = ["anvil"]
    filenames: ClassVar[list[str]] = ["*.anv"]
    mimetypes: ClassVar[list[str]] = ["text/x-anvil"]
    url = "https://en.cppreference.com/w/cpp/language"  # its syntax is a part of C++'s

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"(//[ \t]*)(EVOLVE-BLOCK-(?:START|END))(.*)", bygroups(Comment.Single, Comment.Special, Comment.Single)),
            (r"//.*", Comment.Single),
            (r"/\*[\s\S]*?(?:\*/|\Z)", Comment.Multiline),
            (r"#[ \t]*include\b.*", Comment.PreprocFile),
            (r"#.*", Comment.Preproc),
            (r'"(?:[^"\\\n]|\\.)*"?', String),
            (NUMBER, Number),
            (r"(\[\[)(\s*anvil::\w+)?", bygroups(Punctuation, Name.Decorator)),
            (words(CONTROL, prefix=r"\b", suffix=r"\b"), Keyword),
            (words(DECLARATIONS, prefix=r"\b", suffix=r"\b"), Keyword.Declaration),
            (words(TYPES, prefix=r"\b", suffix=r"\b"), Keyword.Type),
            (words(CONSTANTS, prefix=r"\b", suffix=r"\b"), Keyword.Constant),
            (rf"\b(?:{'|'.join(LIBRARIES)})\b(?=\s*::)", Name.Namespace),
            (words(builtin_names(), prefix=r"\b", suffix=r"\b(?=\s*[(<])"), Name.Builtin),
            (r"\b[A-Za-z_]\w*(?=\s*\()", Name.Function),
            (r"\b[A-Za-z_]\w*", Name),
            (r"->|::|[-+*/%<>=!&|^~?:]", Operator),
            (r"[\[\](){};,.]", Punctuation),
        ]
    }
