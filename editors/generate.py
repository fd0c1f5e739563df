"""Writes the editor files that follow from the compiler: TextMate grammar, shell completions, man page.

python editors/generate.py            writes them
python editors/generate.py --check    exits 1 when one of them is out of date
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from anvil import highlight
from anvil.cli import _parser

HERE = Path(__file__).resolve().parent

# ------------------------------------------------------------------------------------------------ TextMate


def _any_of(names: tuple[str, ...]) -> str:
    return rf"\b(?:{'|'.join(names)})\b"


def textmate() -> str:
    """The grammar that VS Code and other editors colour by."""
    rules: list[dict[str, Any]] = [
        {
            "name": "comment.line.double-slash.anvil",
            "match": r"(//)\s*(EVOLVE-BLOCK-(?:START|END)\b)?.*$",
            "captures": {"2": {"name": "keyword.other.marker.anvil"}},
        },
        {"name": "comment.block.anvil", "begin": r"/\*", "end": r"\*/"},
        {"name": "meta.preprocessor.include.anvil", "match": r"^\s*#.*$"},
        {"name": "string.quoted.double.anvil", "match": r'"(?:[^"\\]|\\.)*"'},
        {"name": "constant.numeric.anvil", "match": rf"(?<!\w){highlight.NUMBER}"},
        {"name": "entity.other.attribute-name.anvil", "match": _any_of(highlight.ATTRIBUTES)},
        {"name": "keyword.control.anvil", "match": _any_of(highlight.CONTROL)},
        {"name": "storage.modifier.anvil", "match": _any_of(highlight.DECLARATIONS)},
        {"name": "storage.type.anvil", "match": _any_of(highlight.TYPES)},
        {"name": "constant.language.anvil", "match": _any_of(highlight.CONSTANTS)},
        {"name": "entity.name.namespace.anvil", "match": rf"{_any_of(highlight.LIBRARIES)}(?=\s*::)"},
        {"name": "support.function.anvil", "match": rf"{_any_of(highlight.builtin_names())}(?=\s*[(<])"},
        {"name": "entity.name.function.anvil", "match": r"\b[A-Za-z_]\w*(?=\s*\()"},
        {"name": "keyword.operator.anvil", "match": r"->|::|\+\+|--|&&|\|\||<<|>>|[-+*/%<>=!&|^~?:]+"},
    ]
    head = {"name": "Anvil", "scopeName": "source.anvil", "fileTypes": ["anv"], "patterns": rules}
    return json.dumps(head, indent=2) + "\n"


# ------------------------------------------------------------------------------------------- command line


def _commands() -> dict[str, tuple[str, argparse.ArgumentParser]]:
    """Name, summary and parser of every command."""
    found = {}
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            found = {name: (summaries.get(name, ""), sub) for name, sub in action.choices.items()}
    return found


def _options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if action.option_strings]


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = action.help or ""
    return text % (vars(action) | {"prog": parser.prog})


def _choices(action: argparse.Action) -> list[str]:
    return [str(choice) for choice in action.choices or ()]


def bash() -> str:
    """Completion for bash."""
    lines = ["# bash completion of anvilc; install as /usr/share/bash-completion/completions/anvilc", "", "_anvilc() {"]
    lines += ['    local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}" options=""']
    commands = _commands()
    lines += [
        "    if ((COMP_CWORD == 1)); then",
        f'        COMPREPLY=($(compgen -W "{" ".join(commands)}" -- "$word"))',
    ]
    lines += ["        return", "    fi", '    case "${COMP_WORDS[1]}:$previous" in']
    for name, (_, parser) in commands.items():
        for action in _options(parser):
            if action.choices:
                pattern = " | ".join(f"{name}:{text}" for text in action.option_strings)
                words = " ".join(_choices(action))
                lines += [f"        {pattern})", f'            COMPREPLY=($(compgen -W "{words}" -- "$word"))']
                lines += ["            return", "            ;;"]
    lines += ["    esac", '    case "${COMP_WORDS[1]}" in']
    for name, (_, parser) in commands.items():
        words = " ".join(text for action in _options(parser) for text in action.option_strings)
        lines += [f'        {name}) options="{words}" ;;']
    lines += ["    esac", '    if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); fi', "}", ""]
    return "\n".join([*lines, "complete -o default -F _anvilc anvilc", ""])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _plain(text: str) -> str:
    """Without the characters that have a meaning in a specification of zsh."""
    return text.translate(str.maketrans("[]:", "() "))


def zsh() -> str:
    """Completion for zsh."""
    lines = ["#compdef anvilc", "", "_anvilc() {", "    local -a commands", "    commands=("]
    commands = _commands()
    lines += [f"        {_quoted(f'{name}:{summary}')}" for name, (summary, _) in commands.items()]
    lines += [
        "    )",
        "    if ((CURRENT == 2)); then",
        "        _describe 'command' commands",
        "        return",
        "    fi",
    ]
    lines += ["    local command=$words[2]", "    shift words", "    ((CURRENT--))", "    case $command in"]
    for name, (_, parser) in commands.items():
        lines += [f"        {name})", "            _arguments \\"]
        for action in _options(parser):
            text = _plain(_help(parser, action))
            choices = f"({' '.join(_choices(action))})" if action.choices else "_files"
            value = "" if action.nargs == 0 else f":{_plain(str(action.metavar or action.dest))}:{choices}"
            repeat = "*" if isinstance(action, argparse._AppendAction) else ""
            lines += [f"                {_quoted(f'{repeat}{o}[{text}]{value}')} \\" for o in action.option_strings]
        lines += ["                '*:file:_files'", "            ;;"]
    return "\n".join([*lines, "    esac", "}", "", '_anvilc "$@"', ""])


def fish() -> str:
    """Completion for fish."""
    lines = ["# fish completion of anvilc; install as ~/.config/fish/completions/anvilc.fish", ""]
    for name, (summary, parser) in _commands().items():
        lines.append(f"complete -c anvilc -n __fish_use_subcommand -a {name} -d {_quoted(summary)}")
        for action in _options(parser):
            parts = [f"complete -c anvilc -n '__fish_seen_subcommand_from {name}'"]
            parts += [f"-l {o[2:]}" if o.startswith("--") else f"-s {o[1:]}" for o in action.option_strings]
            if action.nargs != 0:
                parts.append(f"-x -a {_quoted(' '.join(_choices(action)))}" if action.choices else "-r")
            parts.append(f"-d {_quoted(_help(parser, action))}")
            lines.append(" ".join(parts))
    return "\n".join([*lines, ""])


# ------------------------------------------------------------------------------------------------ man page


def _roff(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("\n.", "\n\\&.")


def man() -> str:
    """The man page anvilc(1)."""
    parser = _parser()
    lines = ['.TH ANVILC 1 "" "Vulcan" "User Commands"', ".SH NAME", "anvilc \\- the compiler of Anvil", ".SH SYNOPSIS"]
    lines += [
        ".B anvilc",
        ".I COMMAND",
        "[options]",
        ".SH DESCRIPTION",
        _roff(parser.description or ""),
        ".SH COMMANDS",
    ]
    for name, (summary, sub) in _commands().items():
        usage = " ".join(sub.format_usage().removeprefix("usage:").split())
        lines += [f".SS {name}", _roff(summary[:1].upper() + summary[1:]) + ".", ".PP", f".B {_roff(usage)}"]
        for action in sub._actions:
            if isinstance(action, argparse._HelpAction):
                continue
            value = "" if action.nargs == 0 else str(action.metavar or "{" + ",".join(_choices(action)) + "}")
            label = ", ".join(action.option_strings) + (" " if action.option_strings and value else "") + value
            lines += [".TP", f".B {_roff(label)}", _roff(_help(sub, action))]
    lines += [".SH EXIT STATUS", ".TP", ".B 0", "Accepted, or done.", ".TP", ".B 1", "Rejected, or failed."]
    lines += [
        ".TP",
        ".B 2",
        "Wrong usage.",
        ".SH SEE ALSO",
        "The language: spec/anvil.md and docs/anvil\\-for\\-llms.md.",
    ]
    return "\n".join([*lines, ""])


FILES = {
    "vscode/syntaxes/anvil.tmLanguage.json": textmate,
    "completions/anvilc.bash": bash,
    "completions/_anvilc": zsh,
    "completions/anvilc.fish": fish,
    "man/anvilc.1": man,
}


def main(argv: list[str]) -> int:
    """Writes all files, or checks them."""
    stale = 0
    for name, make in FILES.items():
        path, text = HERE / name, make()
        if argv == ["--check"]:
            if not path.is_file() or path.read_text() != text:
                print(f"{path}: out of date; run python editors/generate.py")
                stale = 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
