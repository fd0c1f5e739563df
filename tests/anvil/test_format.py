"""The formatter: its style, and that it changes nothing but white space."""

from __future__ import annotations

import stat
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import anvil
from anvil.diagnostics import Rejected
from anvil.format import FormatError, format_source, layout
from anvil.format.compare import same_tree
from anvil.format.regions import regions
from anvil.format.tokens import significant
from anvil.frontend import typed
from anvil.frontend.parser import parse
from anvil.frontend.printer import print_module
from synth.gp.listeners import attach
from synth.gp.operators import Parent, Workshop, fresh
from synth.gp.vocabulary import Vocabulary
from tests.anvil.conformance import cases

STUDY = Path(__file__).resolve().parents[2] / "studies" / "cache"


def _parses(source: str) -> bool:
    try:
        parse(source)
    except Rejected:
        return False
    return True


SOURCES = {f"{c.path.parent.name}/{c.path.stem}": c.source for c in cases() if _parses(c.source)}
SOURCES |= {path.stem: path.read_text() for path in sorted(STUDY.rglob("*.anv"))}


def _faithful(source: str) -> str:
    """The formatted text, after checking all that a formatter promises."""
    formatted = format_source(source)
    assert same_tree(parse(formatted), parse(source))
    assert significant(formatted) == significant(source)
    assert format_source(formatted) == formatted
    for region in regions(formatted):
        if region.code:  # what stands around EVOLVE-BLOCK markers is kept to the letter
            assert all(line == line.rstrip() for line in region.text.splitlines())
            assert "\n\n\n" not in region.text and not region.text.startswith("\n")
    return formatted


@pytest.mark.parametrize("name", SOURCES)
def test_conformance_cases(name: str) -> None:
    _faithful(SOURCES[name])


WHITE = st.sampled_from(
    ["", " ", "\n", "\n\n\n", "\t", "\r\n", "  // note\n", " /* a */ ", "\n/* a\n * b */\n", "\n// own\n"]
)


@settings(max_examples=150)
@given(st.sampled_from(sorted(SOURCES.values())), st.integers(0, 2**32), st.lists(WHITE, min_size=1, max_size=12))
def test_white_space_and_comments_anywhere(source: str, seed: int, choices: list[str]) -> None:
    random = Random(seed)
    pieces = significant(source)
    mutated = ""
    for left, right in zip(pieces, [*pieces[1:], ""], strict=True):
        space = random.choice(choices)
        if left.startswith(("//", "#")):
            space = "\n"
        elif right.startswith("#"):
            space = f"{space}\n"
        elif significant(left + right) != [left, right, ""] or right.startswith("/"):
            space = space or " "
        mutated += left + space
    if _parses(mutated):  # a space inside `std::int64_t` makes another token of it
        _faithful(mutated)


def test_white_space_alone_does_not_matter() -> None:
    uncommented = [source for source in SOURCES.values() if "//" not in source.partition("\n\n")[2]]
    for source in uncommented:
        code = [piece for piece in significant(source) if not piece.startswith(("//", "/*"))]
        assert layout("\n".join(code)) == layout("\n \t".join(code))


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_programs_of_the_genetic_search(seed: int) -> None:
    module = _seed_module()
    assert module.interface is not None
    random = Random(seed)
    vocabulary = Vocabulary(module.interface, module.entries[0])
    parent = Parent(module, module.functions[-1])
    function = fresh(Workshop(vocabulary, random), parent, parent)
    assert function is not None
    module = replace(module, functions=(*module.functions[:-1], function))
    _faithful(print_module(attach(module)))


@cache
def _seed_module() -> typed.Module:
    result = anvil.check((STUDY / "policies" / "msr.anv").read_text(), anvil.load_interface(STUDY / "template.anv"))
    assert result.module is not None, result.render()
    return result.module


# ------------------------------------------------------------------------------------------------------- style


def _lines(source: str) -> str:
    return layout(source).rstrip("\n")


def test_statements() -> None:
    assert (
        _lines("int f(int x){int64_t s=0;for(int i=0;i<9;++i){if(x>i)s+=-i;else{s--;}}while(s<3&&!x)s++;return s;}")
        == """\
int f(int x) {
    int64_t s = 0;
    for (int i = 0; i < 9; ++i) {
        if (x > i)
            s += -i;
        else {
            s--;
        }
    }
    while (s < 3 && !x) s++;
    return s;
}"""
    )


def test_else_chain_and_short_function() -> None:
    text = "int g(){return 1;}\n\n\n\nint f(int x){if(x){return 1;}\nelse if(x>1){return 2;}\nelse{return 3;}}"
    assert (
        _lines(text)
        == """\
int g() { return 1; }

int f(int x) {
    if (x) {
        return 1;
    } else if (x > 1) {
        return 2;
    } else {
        return 3;
    }
}"""
    )


def test_long_expressions_break_after_operators_and_align() -> None:
    terms = " + ".join(f"fs.get_latest(last_access, obj_id_{k})" for k in range(5))
    lines = _lines(f"double f() {{ return {terms}; }}").splitlines()
    assert all(len(line) <= 120 for line in lines)
    assert lines[1].endswith(" +") and lines[2].startswith(" " * 11 + "fs.")
    call = _lines(f"double f() {{ double x = anvil::min({terms.replace(' + ', ', ')}); return x; }}").splitlines()
    assert all(len(line) <= 120 for line in call)
    assert call[2].index("fs.") == call[1].index("fs.")


def test_ternary_breaks_before_its_marks() -> None:
    arm = "fs.get_ewma(last_access, obj_id, 0.25) * 1000.0"
    lines = _lines(f"void f() {{ double q = {arm} > 1 ? {arm} : {arm}; x; }}").splitlines()
    assert lines[2].strip().startswith("? ") and lines[3].strip().startswith(": ")


def test_comments_keep_their_places() -> None:
    text = """\
// head

double f() {  // why
    int a = 1;      // one
    int bb = 22;    // two
    // own

    /* block
     * stars */
    return a + /* inner */ bb;
    // last
}
"""
    assert layout(text) == text.replace("int a = 1;      //", "int a = 1;    //").replace("22;    //", "22;  //")


def test_references_casts_and_signs() -> None:
    assert (
        _lines("double f(const vulcan :: store &fs,int a){return (int)-a*- -a&(a<<2)|~a;}")
        == "double f(const vulcan::store& fs, int a) { return (int)-a * - -a & (a << 2) | ~a; }"
    )
    assert _lines("int x=a&b;") == "int x = a & b;"
    assert _lines("const T&r=m(a&b);") == "const T& r = m(a & b);"
    assert _lines("int64_t a=static_cast<int64_t>(b)<c;") == "int64_t a = static_cast<int64_t>(b) < c;"


def test_policy_blocks_and_lambdas() -> None:
    text = """\
// EVOLVE-BLOCK-START
store_cfg.add_listeners(accesses,{vulcan::listeners::object::EWMA({0.25})});
rank_config.set_scoring_fn([&](const vulcan::feature_store&fs,int64_t obj_id)->double{
double x=1;return x;});
auto f=[=](double x)->double{return x;};
// EVOLVE-BLOCK-END
"""
    assert (
        layout(text)
        == """\
// EVOLVE-BLOCK-START
store_cfg.add_listeners(accesses, {vulcan::listeners::object::EWMA({0.25})});
rank_config.set_scoring_fn([&](const vulcan::feature_store& fs, int64_t obj_id) -> double {
    double x = 1;
    return x;
});
auto f = [=](double x) -> double { return x; };
// EVOLVE-BLOCK-END
"""
    )


def test_classes_enums_and_switch() -> None:
    text = """\
enum Mode{kA,kB=2};
class Foo{public:Foo(int a):x_(a),y_{2.0}{}double get()const{return x_;}
private:int x_=0;};
int g(Mode m){switch(m){case kA:return 1;case Mode::kB:{int z=1;return z;}default:break;}return this->x;}
"""
    assert (
        layout(text)
        == """\
enum Mode { kA, kB = 2 };
class Foo {
public:
    Foo(int a) : x_(a), y_{2.0} {}
    double get() const { return x_; }
private:
    int x_ = 0;
};
int g(Mode m) {
    switch (m) {
        case kA:
            return 1;
        case Mode::kB: {
            int z = 1;
            return z;
        }
        default:
            break;
    }
    return this->x;
}
"""
    )


def test_deepest_nesting() -> None:
    deep = "(" * 190 + "1" + ")" * 190
    _faithful(f"int f() {{ return {deep}; }}")
    _faithful("int f(int x) { " + "if (x) { " * 95 + "x = 1;" + " }" * 95 + " return x; }")


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(Rejected):
        format_source("double f( { return 1; }")


def test_a_fault_of_the_formatter_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anvil.format.layout", lambda source: "double f() { return 2; }\n")
    with pytest.raises(FormatError, match="tokens"):
        format_source("double f() { return 1; }\n")


# ------------------------------------------------------------------------------------------------ command line


def _fmt(*args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "anvil.cli", "fmt", *args], input=stdin, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    return done


UGLY, PRETTY = "double f(){return 1;}", "double f() { return 1; }\n"


def test_command_formats_in_place_and_checks(tmp_path: Path) -> None:
    ugly, good = tmp_path / "ugly.anv", tmp_path / "good.anv"
    ugly.write_text(UGLY)
    ugly.chmod(0o640)
    good.write_text(PRETTY)
    done = _fmt("--check", str(ugly), str(good))
    assert done.returncode == 1 and b"ugly.anv" in done.stdout and b"good.anv" not in done.stdout
    assert ugly.read_text() == UGLY
    assert _fmt(str(ugly), str(good)).returncode == 0
    assert ugly.read_text() == PRETTY and stat.S_IMODE(ugly.stat().st_mode) == 0o640
    assert _fmt("--check", str(ugly)).returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["good.anv", "ugly.anv"]


def test_command_reads_the_standard_input() -> None:
    done = _fmt("-", stdin=UGLY.encode())
    assert (done.returncode, done.stdout) == (0, PRETTY.encode())


def test_command_refuses_and_goes_on(tmp_path: Path) -> None:
    bad, ugly = tmp_path / "bad.anv", tmp_path / "ugly.anv"
    bad.write_text("double f( {")
    ugly.write_text(UGLY)
    done = _fmt(str(bad), str(tmp_path / "none.anv"), str(ugly))
    assert done.returncode == 1
    assert b"E0110" in done.stderr and b"none.anv" in done.stderr
    assert bad.read_text() == "double f( {" and ugly.read_text() == PRETTY


def test_trees_that_differ_are_told_apart() -> None:
    one, other = "double f() { return 1 + 2; }", "double f() { return 1 + 3; }"
    assert same_tree(parse(one), parse(f"\n\n{one}"))
    assert not same_tree(parse(one), parse(other))
    assert not same_tree(parse(one), parse(f"{one} {one.replace('f()', 'g()')}"))


def test_text_around_a_policy_block_stays_as_it_is() -> None:
    text = """\
template<typename T>   void  host( {  // not Anvil ' at all
    // EVOLVE-BLOCK-START

auto score_fn = [&](const vulcan::feature_store& fs, int64_t obj_id)->double{double x=1.0;return x;};
    // EVOLVE-BLOCK-END
  more   text
"""
    assert (
        format_source(text)
        == """\
template<typename T>   void  host( {  // not Anvil ' at all
    // EVOLVE-BLOCK-START
    auto score_fn = [&](const vulcan::feature_store& fs, int64_t obj_id) -> double {
        double x = 1.0;
        return x;
    };
    // EVOLVE-BLOCK-END
  more   text
"""
    )


def test_for_without_parts() -> None:
    assert _lines("void f() { for (;;) { x; } }").splitlines()[1] == "    for (;;) {"


def test_a_text_that_would_grow_too_large_is_refused() -> None:
    statements = "a=a;" * 12_000
    with pytest.raises(Rejected, match="limit is 65536"):
        format_source(f"int f(int a){{{{{{{statements}}}}} return a;}}")
