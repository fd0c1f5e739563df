"""Editor files: their words are those of the compiler, and they are up to date."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number

from anvil import highlight
from anvil.builtins import BUILTINS
from tests.anvil.conformance import cases

ROOT = Path(__file__).resolve().parents[2]
EDITORS = ROOT / "editors"
GRAMMAR = (ROOT / "anvil" / "frontend" / "grammar.lark").read_text()


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", EDITORS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


def _words_of_the_grammar() -> set[str]:
    rules = "\n".join(line.split("//")[0] for line in GRAMMAR.splitlines())
    quoted = set(re.findall(r'"([a-z_]+)"', rules))
    terminals = re.findall(r"^[A-Z_]+\.3: /(.*)/", rules, re.MULTILINE)
    return quoted | {
        word for text in terminals for word in re.findall(r"(?<!\\)\b([a-z]\w+)", text.replace(r"\b", " "))
    }


def test_every_keyword_of_the_grammar_is_coloured() -> None:
    known = {*highlight.CONTROL, *highlight.DECLARATIONS, *highlight.TYPES, *highlight.CONSTANTS, *highlight.LIBRARIES}
    missing = _words_of_the_grammar() - known - {"include"}
    assert not missing


def test_builtins_are_those_of_the_table() -> None:
    grammar = json.loads((EDITORS / "vscode" / "syntaxes" / "anvil.tmLanguage.json").read_text())
    (rule,) = [rule for rule in grammar["patterns"] if rule["name"] == "support.function.anvil"]
    for name in BUILTINS:
        assert re.search(rule["match"], f"x = anvil::{name}(1)")


@pytest.mark.parametrize("name", GENERATOR.FILES)
def test_generated_files_are_up_to_date(name: str) -> None:
    assert (EDITORS / name).read_text() == GENERATOR.FILES[name](), "run python editors/generate.py"


def _commands_and_options() -> dict[str, list[str]]:
    return {
        name: [text for action in parser._actions for text in action.option_strings]
        for name, (_, parser) in GENERATOR._commands().items()
    }


@pytest.mark.parametrize("name", ["completions/anvilc.bash", "completions/_anvilc", "completions/anvilc.fish"])
def test_completions_know_every_command_and_option(name: str) -> None:
    text = (EDITORS / name).read_text()
    for command, options in _commands_and_options().items():
        assert re.search(rf"\b{command}\b", text)
        for option in options:
            assert option in text or f"-l {option[2:]}" in text or f"-s {option[1:]}" in text


def test_the_manual_knows_every_command_and_option() -> None:
    text = (EDITORS / "man" / "anvilc.1").read_text().replace("\\-", "-")
    for command, options in _commands_and_options().items():
        section = text.partition(f".SS {command}\n")[2].partition(".SS ")[0]
        assert section
        assert all(option in section for option in options if option not in ("-h", "--help"))


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes() -> None:
    def complete(*words: str) -> set[str]:
        line = " ".join(f"'{word}'" for word in words)
        script = f"source {EDITORS}/completions/anvilc.bash; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _anvilc"
        done = subprocess.run(
            ["bash", "-c", f'{script}; echo "${{COMPREPLY[@]}}"'], capture_output=True, text=True, check=True
        )
        return set(done.stdout.split())

    assert {"check", "fmt", "lsp"} <= complete("anvilc", "")
    assert complete("anvilc", "fmt", "--ch") == {"--check"}
    assert complete("anvilc", "run", "--executor", "") == {"interp", "c", "jit"}


def test_extension_names_files_that_exist() -> None:
    package: dict[str, Any] = json.loads((EDITORS / "vscode" / "package.json").read_text())
    contributes = package["contributes"]
    for path in (
        package["main"],
        contributes["languages"][0]["configuration"],
        contributes["grammars"][0]["path"],
    ):
        assert (EDITORS / "vscode" / path).is_file()
    json.loads((EDITORS / "vscode" / "language-configuration.json").read_text())
    assert package["license"] == "Apache-2.0"


@pytest.mark.parametrize("rule", json.loads(GENERATOR.textmate())["patterns"], ids=lambda rule: str(rule["name"]))
def test_patterns_compile(rule: dict[str, Any]) -> None:
    for key in ("match", "begin", "end"):
        re.compile(rule.get(key, ""))


def test_lexer_takes_every_accepted_case() -> None:
    lexer = highlight.AnvilLexer()
    for case in cases():
        tokens = list(lexer.get_tokens(case.source))
        assert "".join(text for _, text in tokens).strip() == case.source.strip()
        if case.verdict == "accept" and "EVOLVE" not in case.source:
            assert [text for kind, text in tokens if kind is Error] == []


def test_lexer_tells_words_apart() -> None:
    source = "// EVOLVE-BLOCK-START\nconst double x = anvil::min(0x1p3, 2); if (fs.get_avg(size)) return true;"
    kinds = {text: kind for kind, text in highlight.AnvilLexer().get_tokens(source)}
    assert kinds["EVOLVE-BLOCK-START"] is Comment.Special
    assert kinds["double"] is Keyword.Type and kinds["if"] is Keyword and kinds["true"] is Keyword.Constant
    assert kinds["anvil"] is Name.Namespace and kinds["min"] is Name.Builtin and kinds["get_avg"] is Name.Function
    assert kinds["0x1p3"] is Number and kinds["size"] is Name
