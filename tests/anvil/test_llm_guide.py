"""The guide for language models: its programs compile or fail as it says, its tables are those of the compiler."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import anvil
from anvil.builtins import BUILTINS
from anvil.diagnostics import CATALOGUE
from anvil.format import format_source
from anvil.verify.cost import QUERY_COST

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "anvil-for-llms.md"
TEXT = GUIDE.read_text(encoding="utf-8")
RANK = ROOT / "studies" / "cache" / "template.anv"
HEAD, TAIL = "double score_fn(const vulcan::store& fs, int64_t obj_id) {\n", "}\n"


@dataclass(frozen=True)
class Block:
    line: int
    marks: tuple[str, ...]
    text: str

    @property
    def source(self) -> str:
        return HEAD + self.text + TAIL if "body" in self.marks else self.text

    @property
    def code(self) -> str:
        return self.marks[self.marks.index("reject") + 1] if "reject" in self.marks else ""


BLOCKS = [
    Block(TEXT.count("\n", 0, match.start()) + 1, tuple(match[1].split()), match[2])
    for match in re.finditer(r"^```cpp(.*)\n((?:(?!```).*\n)*)```$", TEXT, re.MULTILINE)
]
PROGRAMS = [block for block in BLOCKS if "template" not in block.marks]


@pytest.fixture(scope="session")
def value_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("guide") / "template.anv"
    path.write_text(next(block.text for block in BLOCKS if block.marks == ("template", "value")))
    return path


@cache
def _interface(path: Path) -> anvil.Interface:
    return anvil.load_interface(path)


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: f"line {block.line}")
def test_blocks(block: Block, value_template: Path) -> None:
    assert set(block.marks) <= {"value", "body", "reject", block.code}
    result = anvil.check(block.source, _interface(value_template if "value" in block.marks else RANK))
    if block.code:
        assert {found.code for found in result.diagnostics} == {block.code}, result.render()
    else:
        assert result.ok, result.render()
        assert format_source(block.source) == block.source or "body" in block.marks


def test_every_block_of_code_is_marked() -> None:
    fences = re.findall(r"^```(\S*)", TEXT, re.MULTILINE)
    assert set(fences[::2]) == {"cpp"} and set(fences[1::2]) == {""}
    assert len(BLOCKS) == len(fences) // 2 >= 20


def test_symptoms_are_what_the_compiler_says() -> None:
    """The words of each section's symptom stand in the message of its first example."""
    for section in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]:
        code = section[:5]
        assert code in CATALOGUE
        assert f"reject {code}" in section or code == "E0201"


def test_builtins_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| `anvil::(\w+)\((.*?)\)` \| (.*?) \| (\d+) \|$", TEXT, re.MULTILINE)
    found = {name: (args.count(",") + 1, meaning, int(cost)) for name, args, meaning, cost in rows}
    assert found == {b.name: (b.arity, b.meaning, b.cost) for b in BUILTINS.values()}


def test_queries_and_their_costs() -> None:
    rows = re.findall(r"^\| `fs\.(\w+)\((.*?)\)` \| (.*?) \| .* \| (\d+) \|$", TEXT, re.MULTILINE)
    interface = _interface(RANK)
    told = {(name, listener, int(cost)) for name, _, listeners, cost in rows for listener in _listeners(listeners)}
    true = {(query.method, query.listener, QUERY_COST[query.symbol]) for query in interface.queries}
    assert told == true
    for name, args, listeners, _ in rows:
        arities = {len(q.params) + q.by_object + 1 for q in interface.queries_named(name) if q.scope == "object"}
        assert args.count(",") + 1 in arities and _listeners(listeners) <= set(interface.listeners)


def _listeners(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z]\w+", text))


def test_listeners_and_their_bytes() -> None:
    rows = re.findall(r"^\| `vulcan::(\w+)\((.*?)\)` \| .*? \| (\d+)(?: \+ (\d+) each)? \|$", TEXT, re.MULTILINE)
    told = {name: (param.strip("{}"), int(fixed), int(each or 0)) for name, param, fixed, each in rows}
    listeners = _interface(RANK).listeners.values()
    assert told == {item.name: (item.param, item.fixed_bytes, item.bytes_each) for item in listeners}


def test_signals_are_those_of_the_template() -> None:
    sentence = TEXT.partition("The examples use")[2].partition("(all `int64_t`)")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == set(_interface(RANK).signals)


def test_it_stays_short() -> None:
    assert len(TEXT.split()) < 2500
