"""Diagnostics: golden renderings, repairs, explanations, and the formats for other tools.

The golden files are programs and, beside each, all that `check` says about it. After a change of wording write them
anew with `UPDATE_GOLDEN=1 pytest tests/anvil/test_diagnostics.py`, and read the difference. The first comment lines of
a program may hold directives: `interface: FILE`, `budget: N`, `as: template`, `pad: BYTES`, `break: parse`.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import stat
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import anvil
from anvil import driver
from anvil.diagnostics import CATALOGUE, Edit, diagnostic
from anvil.diagnostics.advice import CONTAINERS, OPERATORS, TYPES, VALUES
from anvil.diagnostics.explanations import EXPLANATIONS, Explanation
from anvil.diagnostics.fixes import apply, chosen
from anvil.diagnostics.formats import rustc, sarif
from anvil.diagnostics.render import MAX_EXCERPT
from anvil.diagnostics.text import span_of, words
from anvil.frontend.mistake_table import MISTAKES
from anvil.repair import MAX_ROUNDS, repair, write
from anvil.span import Span
from tests.anvil.conformance import ROOT, cases

GOLDEN = Path(__file__).with_name("golden")
PROGRAMS = sorted(path for path in GOLDEN.glob("*.anv") if path.name != "template.anv")
CACHE_TEMPLATE = ROOT.parents[1] / "studies" / "cache" / "template.anv"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


@cache
def _interface(path: Path) -> anvil.Interface:
    return anvil.load_interface(path)


# -------------------------------------------------------------------------------------------- golden files


def _directives(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"// (interface|budget|as|pad|break|options): (.+)", line)
        if match is None:
            break
        found[match[1]] = match[2]
    return found


def _rejection(path: Path, monkeypatch: pytest.MonkeyPatch) -> anvil.Rejected:
    """What is said about a golden file; it is not accepted."""
    text = path.read_text(encoding="utf-8")
    options = _directives(text)
    monkeypatch.chdir(GOLDEN)
    if "pad" in options:
        text += "// " + "x" * int(options["pad"]) + "\n"
    if "break" in options:

        def broken(*_: object) -> None:
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr(driver, options["break"], broken)
    try:
        if options.get("as") == "template":
            anvil.load_interface(path.name)
        interface = anvil.load_interface(options["interface"]) if "interface" in options else None
    except anvil.Rejected as rejected:
        return rejected
    budget = int(options.get("budget", driver.DEFAULT_BUDGET))
    strict = options.get("options") == "strict"
    result = anvil.check(text, interface, filename=path.name, budget=budget, strict=strict)
    assert not result.ok
    return anvil.Rejected(result.diagnostics, result.source, result.filename)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_golden(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected = _rejection(path, monkeypatch)
    expected = path.with_suffix(".err")
    rendered = f"{rejected}\n"
    if UPDATE:
        expected.write_text(rendered, encoding="utf-8")
    assert rendered == expected.read_text(encoding="utf-8")
    if re.match(r"e\d{4}-", path.stem):
        assert path.stem[:5].upper() in {d.code for d in rejected.diagnostics}


def test_every_code_has_a_golden_file() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.err"))
    assert set(re.findall(r"^error\[(E\d{4})\]", shown, re.MULTILINE)) == set(CATALOGUE)


def test_every_golden_file_has_a_program() -> None:
    assert {path.stem for path in GOLDEN.glob("*.err")} == {path.stem for path in PROGRAMS}


def test_every_named_mistake_has_a_golden_file() -> None:
    rendered = "\n".join(path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.err"))
    for mistake in MISTAKES:
        help_pattern = re.sub(r"\\\\g<\w+>", ".+", re.escape(mistake.fix))
        assert re.search(rf"help: {help_pattern}$", rendered, re.MULTILINE), mistake.what


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.err")), ids=lambda p: p.stem)
def test_style_of_messages(path: Path) -> None:
    """Lower case, no full stop, a rule, a help, and no placeholder left."""
    text = path.read_text(encoding="utf-8")
    heads = re.findall(r"^error\[E\d{4}\]: (.+)$", text, re.MULTILINE)
    assert heads
    helps = re.findall(r"= help: (.+)$", text, re.MULTILINE)
    assert len(helps) == len(heads) == len(re.findall(r"= rule: \[[\w.]+\]$", text, re.MULTILINE))
    for line in heads + helps:
        assert not line.endswith((".", "!")), line
        assert not re.search(r"\{\w*\}|\\g<|@", line.replace("`@`", "").replace("`{}`", "")), line
        assert not re.match(r"[A-Z][a-z]+ ", line.replace("Anvil", "anvil").replace("C++", "")), line
    assert all(len(line) <= MAX_EXCERPT + 60 for line in text.splitlines() if re.match(r"\s*\d* \|", line))


# ------------------------------------------------------------------------------------------------ rendering


def _render(source: str, start: int, end: int, *notes: tuple[str, int, int], label: str = "") -> str:
    secondary = [(text, span_of(source, first, last)) for text, first, last in notes]
    found = diagnostic("E0201", span_of(source, start, end), notes=secondary, label=label, name="x", fix="y")
    return "\n".join(found.render(source, "f.anv").split("\n")[2:-3])


def test_several_places_on_one_line() -> None:
    source = "f(aa, bb, cc);\n"
    assert _render(source, 6, 8, ("first", 2, 4), ("third", 10, 12), label="second") == "\n".join(
        [
            "  |",
            "1 | f(aa, bb, cc);",
            "  |   --  ^^  -- third",
            "  |   |   |",
            "  |   |   second",
            "  |   |",
            "  |   first",
        ]
    )


def test_context_and_distant_places() -> None:
    source = "".join(f"line {i};\n" for i in range(1, 31))
    start = source.index("line 20")
    assert _render(source, start, start + 4, ("here", 0, 4)) == "\n".join(
        [
            "   |",
            " 1 | line 1;",
            "   | ---- here",
            "...",
            "18 | line 18;",
            "19 | line 19;",
            "20 | line 20;",
            "   | ^^^^",
        ]
    )


def test_tabs_wide_and_control_characters() -> None:
    assert _render("\ta\tb", 3, 4) == "  |\n1 |     a   b\n  |         ^"
    assert _render("漢 b", 2, 3) == "  |\n1 | 漢 b\n  |    ^"
    assert _render("\x1b[2J b", 5, 6) == "  |\n1 | \N{REPLACEMENT CHARACTER}[2J b\n  |      ^"


def test_form_feed_is_no_line_break() -> None:
    result = anvil.check("double f() {\x0c\n    return y;\n}\n")
    assert result.diagnostics[0].span.line == 2
    assert "2 |     return y;" in result.render()


def test_long_line_is_cut_around_the_place() -> None:
    source = "a" * 500 + " bad " + "b" * 500
    shown = _render(source, 501, 504).split("\n")
    assert len(shown[1]) <= MAX_EXCERPT + 10
    assert shown[1][shown[2].index("^") :].startswith("bad")


def test_color_only_when_asked_for() -> None:
    found = anvil.check("double f() { return y; }").diagnostics[0]
    plain, colored = (found.render("double f() { return y; }", "f.anv", color=c) for c in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[" in colored and re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


@settings(max_examples=300)
@given(st.text(max_size=300), st.lists(st.tuples(st.integers(0, 310), st.integers(0, 40)), min_size=1, max_size=4))
def test_any_places_render(source: str, places: list[tuple[int, int]]) -> None:
    spans = [span_of(source, start, start + width) for start, width in places]
    found = diagnostic("E0201", spans[0], notes=[("note", s) for s in spans[1:]], name="x", fix="y")
    rendered = found.render(source, "f.anv", color=False)
    assert "\x1b" not in rendered
    assert diagnostic("E0201", Span(), name="x", fix="y").render(source, "f.anv").count("\n") == 3


@given(st.text(max_size=300))
def test_tokens_cover_the_source(source: str) -> None:
    found = words(source)
    assert all(source[word.start : word.end] == word.text for word in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


# -------------------------------------------------------------------------------------------------- repairs


def _repaired(source: str, interface: anvil.Interface | None = None) -> anvil.CheckResult:
    def again(text: str) -> anvil.CheckResult:
        return anvil.check(text, interface)

    return repair(again(source), again)[0]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("float y = x; return y;", "double y = x; return y;"),
        ("long y = 1; return y;", "int64_t y = 1; return y;"),
        ("unsigned y = 1; return y;", "uint64_t y = 1; return y;"),
        ("long long y = 1; return y;", "int64_t y = 1; return y;"),
        ("unsigned long int y = 1; return y;", "uint64_t y = 1; return y;"),
        ("std::size_t y = 1; return y;", "uint64_t y = 1; return y;"),
        ("return float(x);", "return double(x);"),
        ("double y = x\n return y;", "double y = x;\n return y;"),
        ("return 1.5f + 010 + 0'17;", "return 1.5 + 10 + 17;"),
        ("return 0xFFFFFFFF;", "return 0xFFFFFFFFLL;"),
        ("return 5u;", "return 5ULL;"),
        ("return std::max(1, 2.5);", "return anvil::max(1, 2.5);"),
        ("if (x = 2) return 1; return 0;", "if (x == 2) return 1; return 0;"),
        ("if (x > 2 { return 1; } return 0;", "if (x > 2) { return 1; } return 0;"),
        ("return (x + 1;", "return (x + 1);"),
        ("return x + 1);", "return x + 1;"),
        ("bool a = True; return a and not False;", "bool a = true; return a && ! false;"),
        ("return x ** 2;", "return anvil::pow(x, 2);"),
        ("return fabs(x) + std::sqrtf(x);", "return anvil::abs(x) + anvil::sqrt(x);"),
        ("const y = x; return y;", "const auto y = x; return y;"),
        ("int total = 1; return totl;", "int total = 1; return total;"),
        ("if (x > 1) { return 1; } elif (x > 0) { return 0; } return 2;",
         "if (x > 1) { return 1; } else if (x > 0) { return 0; } return 2;"),
        ("for (int i = 0, i < 9, ++i) { } return x;", "for (int i = 0; i < 9; ++i) { } return x;"),
        ("if (x > 1); { x = 1; } else { x = 2; } return x;", "if (x > 1) { x = 1; } else { x = 2; } return x;"),
        ("return x × 2;", "return x * 2;"),
        ("auto g = []() { return x * 2; }; return g();", "auto g = [x]() { return x * 2; }; return g();"),
        ("double NAN = x; return NAN * NAN;", "double NAN_ = x; return NAN_ * NAN_;"),
    ],
)  # fmt: skip
def test_repair(wrong: str, right: str) -> None:
    result = _repaired(f"double f(double x) {{ {wrong} }}")
    assert result.source == f"double f(double x) {{ {right} }}"
    assert result.ok, result.render()


def test_repair_of_directives_and_functions() -> None:
    source = "#pragma once\n#define K 0.5 // weight\nstatic double f(double x) { return K * x; }\n"
    result = _repaired(source)
    assert result.source == "constexpr auto K = 0.5; // weight\ndouble f(double x) { return K * x; }\n"
    assert result.ok


def test_repair_attaches_listeners() -> None:
    source = (
        "#include <vulcan/anvil.hpp>\n\n// The score.\n"
        "double score_fn(const vulcan::store* fs, int64_t obj_id) {\n"
        "    return fs->get_ewma(size, obj_id, 0.5) + fs.get_ewma(size, obj_id, 0.2) + fs.get_avg(size, obj_id);\n}\n"
    )
    result = _repaired(source, _interface(GOLDEN / "template.anv"))
    assert result.ok, result.render()
    assert result.source.startswith(
        "#include <vulcan/anvil.hpp>\n\nvoid configure(vulcan::config& config) {\n"
        "    config.add_listeners(size, {vulcan::EWMA({0.5, 0.2})});\n"
        "    config.add_listeners(size, {vulcan::Average()});\n}\n\n// The score.\n"
    )


def test_repair_adds_to_the_listeners_that_are_there() -> None:
    source = (
        "void configure(vulcan::config& c) { c.add_listeners(size, {EWMA(0.5)}); }\n"
        'double score_fn(const vulcan::store& fs, int64_t obj_id) { return fs.get_avg("size", obj_id); }\n'
    )
    result = _repaired(source, _interface(GOLDEN / "template.anv"))
    assert result.ok, result.render()
    assert result.source == (
        "void configure(vulcan::config& c) { c.add_listeners(size, {vulcan::EWMA({0.5})});\n"
        "    c.add_listeners(size, {vulcan::Average()}); }\n"
        "double score_fn(const vulcan::store& fs, int64_t obj_id) { return fs.get_avg(size, obj_id); }\n"
    )


def test_repair_of_classes_and_enums() -> None:
    source = (
        "enum class Kind { Hot, Cold };\nstruct p { double pp; };\n"
        "double f(double x) { p q{x}; Kind k = 1; return k == Kind::Colt ? q.p : 0; }\n"
    )
    result = _repaired(source)
    assert "Kind k = static_cast<Kind>(1); return k == Kind::Cold ? q.pp : 0;" in result.source
    assert result.ok, result.render()


def test_repair_renames_what_has_a_name_of_the_c_library() -> None:
    source = (
        "enum Kind { link };  // link\nconstexpr double gamma = 2;\n"
        "double index(double x) { double gamma = x; return gamma * link; }\ndouble f() { return index(gamma); }\n"
    )
    result = _repaired(source)
    assert result.source == (
        "enum Kind { link_ };  // link\nconstexpr double gamma_ = 2;\n"
        "double index_(double x) { double gamma_ = x; return gamma_ * link_; }\ndouble f() { return index_(gamma_); }\n"
    )
    assert result.ok, result.render()


@pytest.mark.parametrize(
    "source",
    [
        "extern double y0(double x);\ndouble f(double x) { return y0(x); }\n",
        "double f(double __x) { double x_ = __x; return x_; }\n",
        "// EVOLVE-BLOCK-START\ndouble gamma(double x) { return x; }\n// EVOLVE-BLOCK-END\n",
    ],
    ids=["of the host", "the new name is taken", "in a larger text"],
)
def test_repair_renames_only_what_it_may(source: str) -> None:
    assert _repaired(source).source == source


def test_repair_of_a_policy_block() -> None:
    source = (
        "constexpr double WEIGHT = 2;\n"
        "rank_config.set_scoring_fn([](const vulcan::store& fs, int64_t obj_id) -> double {\n"
        "    return WEIGHT * fs.get_latest(size, obj_id);\n});\n"
    )
    result = _repaired(source, _interface(GOLDEN / "template.anv"))
    assert result.source == source.replace("[]", "[WEIGHT]")
    assert result.ok, result.render()


def test_repair_of_what_has_none_changes_nothing() -> None:
    source = "double f(double x) { return recency; }"
    assert _repaired(source).source == source


def test_edits_that_touch_are_made_one_after_another() -> None:
    first, second, third = (
        diagnostic("E0201", span_of("abc", 0, 1), edits=[edit], name="x", fix="y")
        for edit in (Edit(0, 2, "x"), Edit(2, 3, "y"), Edit(4, 5, "z"))
    )
    assert chosen([first, second, third]) == [first, third]
    assert apply("abcdef", [*first.edits, *third.edits]) == "xcdzf"


_WRONG = [case.source for case in cases() if case.verdict == "reject"] + [
    path.read_text(encoding="utf-8") for path in PROGRAMS
]


@settings(max_examples=200)
@given(st.sampled_from(_WRONG), st.randoms(use_true_random=False))
def test_repair_of_mutated_programs(source: str, rng: random.Random) -> None:
    tokens = re.findall(r"\s+|\w+|[^\s\w]", source)
    for _ in range(rng.randint(0, 3)):
        place = rng.randrange(len(tokens))
        tokens[place : place + rng.randint(0, 1)] = [rng.choice(tokens), rng.choice(["", " "])]
    interface = _interface(GOLDEN / "template.anv")
    checks = 0

    def again(text: str) -> anvil.CheckResult:
        nonlocal checks
        checks += 1
        return anvil.check(text, interface)

    before = again("".join(tokens))
    result, repaired = repair(before, again)
    assert all(d.code != "E0901" for d in result.diagnostics), result.render()
    assert (result.source == before.source) is (not repaired)
    assert checks <= MAX_ROUNDS * 11
    for item in result.diagnostics:
        assert all(0 <= e.start <= e.end <= len(result.source) for e in item.edits)
    sarif([("f.anv", result.source, result.diagnostics)])


# ---------------------------------------------------------------------------------------------- explanations


def _codes(about: Explanation, source: str, tmp_path: Path) -> set[str]:
    if about.is_template:
        path = tmp_path / "template.anv"
        path.write_text(source)
        try:
            anvil.load_interface(path)
        except anvil.Rejected as rejected:
            return {d.code for d in rejected.diagnostics}
        return set()
    needs_template = "vulcan::" in about.wrong + about.right and about is not EXPLANATIONS["E0408"]
    interface = _interface(CACHE_TEMPLATE) if needs_template and "vulcan::" in source else None
    result = anvil.check(source, interface, strict=about.strict)
    return {d.code for d in result.diagnostics}


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_explanation(code: str, tmp_path: Path) -> None:
    about = EXPLANATIONS[code]
    assert len(about.cause) > 60 and about.cause.endswith(".")
    if code in ("E0105", "E0602", "E0901"):  # no file of a few lines shows them
        assert not about.wrong
        return
    assert _codes(about, about.wrong, tmp_path) == {code}
    assert _codes(about, about.right, tmp_path) == set()


def test_explanations_are_of_known_codes() -> None:
    assert set(EXPLANATIONS) == set(CATALOGUE)


def test_advice_is_about_other_languages_only() -> None:
    known = {"bool", "int", "int64_t", "uint64_t", "double", "auto"}
    assert not known & (set(TYPES) | set(VALUES) | CONTAINERS | set(OPERATORS))
    assert set(TYPES.values()) <= known | {"vulcan::store", "vulcan::config"}
    for value in VALUES.values():
        assert anvil.check(f"double f() {{ return {value}; }}").ok


# -------------------------------------------------------------------------------------------------- formats

SOURCE = "// größe\ndouble f(double x) {\n    float y = x;\n    return z;\n}\n"


def test_rustc_json() -> None:
    first, second = anvil.check(SOURCE).diagnostics
    data = rustc(first, SOURCE, "f.anv")
    json.dumps(data)
    (span,) = data["spans"]
    start = SOURCE.encode().index(b"float")
    assert span == {
        "file_name": "f.anv",
        "byte_start": start,
        "byte_end": start + 5,
        "line_start": 3,
        "line_end": 3,
        "column_start": 5,
        "column_end": 10,
        "is_primary": True,
        "label": "not a type of Anvil",
        "suggested_replacement": None,
        "suggestion_applicability": None,
    }
    (child,) = data["children"]
    assert (child["level"], child["message"]) == ("help", "write `double`")
    assert child["spans"][0]["suggested_replacement"] == "double"
    assert child["spans"][0]["suggestion_applicability"] == "MachineApplicable"
    assert data["level"] == "error" and data["code"]["code"] == "E0301" and data["code"]["explanation"]
    assert data["rendered"] == first.render(SOURCE, "f.anv")
    assert rustc(second, SOURCE, "f.anv")["message"] == "unknown name `z`"


def test_similar_names_are_marked_as_guesses() -> None:
    source = "double f(double total) { return totl; }"
    (found,) = anvil.check(source).diagnostics
    assert rustc(found, source, "f")["children"][0]["spans"][0]["suggestion_applicability"] == "MaybeIncorrect"


def test_sarif() -> None:
    log = sarif([("a b.anv", SOURCE, anvil.check(SOURCE).diagnostics), ("ok.anv", "", ())])
    (run,) = json.loads(json.dumps(log))["runs"]
    assert log["version"] == "2.1.0" and run["tool"]["driver"]["name"] == "anvilc"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(CATALOGUE)
    first, second = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "E0301"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.anv"
    start = SOURCE.index("float")
    region = {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 10, "charOffset": start, "charLength": 5}
    assert place["region"] == region
    (replacement,) = first["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement == {"deletedRegion": region, "insertedContent": {"text": "double"}}
    assert "fixes" not in second and len(run["artifacts"]) == 2


def test_at_most_ten_findings_in_the_order_of_their_places() -> None:
    body = " ".join(f"double a{i} = b{i};" for i in range(15))
    source = f"double f() {{ {body} return 1; }}"
    found = anvil.check(source).diagnostics
    assert [d.message for d in found] == [f"unknown name `b{i}`" for i in range(10)]
    assert found == anvil.check(source).diagnostics


# --------------------------------------------------------------------------------------------- command line


def anvilc(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "anvil.cli", *args]
    done = subprocess.run(command, capture_output=True, text=True, input=stdin, check=False)
    assert "Traceback" not in done.stderr
    return done


def test_fix_rewrites_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "p.anv"
    path.write_bytes(b"float f(float x) {\r\n    return x\r\n}\r\n")
    path.chmod(0o640)
    done = anvilc("check", "--fix", str(path))
    assert done.returncode == 0
    assert path.read_bytes() == b"double f(double x) {\r\n    return x;\r\n}\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "fixed E0110" in done.stdout and "fixed E0301" in done.stdout and "accepted" in done.stdout
    assert list(tmp_path.iterdir()) == [path]


def test_fix_of_an_accepted_file_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.anv"
    path.write_text("double f(double x) { return x; }\n")
    before = path.stat()
    assert anvilc("check", "--fix", str(path)).returncode == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_fix_that_cannot_be_written_leaves_the_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.anv"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write(path, "after")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError):
        write(path, "after")
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_fix_of_standard_input_is_wrong_usage() -> None:
    done = anvilc("check", "--fix", "-", stdin="float f() { return 1; }")
    assert done.returncode == 2 and "standard input" in done.stderr


def test_several_files(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.anv", tmp_path / "bad.anv"
    good.write_text("double f() { return 1; }\n")
    bad.write_text("double f() { return y; }\n")
    done = anvilc("check", str(good), str(bad))
    assert done.returncode == 1 and "good.anv: accepted" in done.stdout and "bad.anv: rejected" in done.stderr
    data = json.loads(anvilc("check", str(good), str(bad), "--format", "json").stdout)
    assert not data["accepted"] and [file["accepted"] for file in data["files"]] == [True, False]
    log = json.loads(anvilc("check", str(good), str(bad), "--format", "sarif").stdout)
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["E0201"]


def test_broken_template_is_reported_in_the_format_asked_for(tmp_path: Path) -> None:
    program, template = tmp_path / "p.anv", tmp_path / "t.anv"
    program.write_text("double f() { return 1; }\n")
    template.write_text("double score_fn(double x);\n")
    done = anvilc("check", str(program), "--interface", str(template), "--format", "json")
    data = json.loads(done.stdout)
    assert done.returncode == 1 and data["accepted"] is False and data["file"] == str(template)
    assert [d["code"]["code"] for d in data["diagnostics"]] == ["E0601"]


def test_color_option(tmp_path: Path) -> None:
    path = tmp_path / "p.anv"
    path.write_text("double f() { return y; }\n")
    assert "\x1b" not in anvilc("check", str(path)).stderr
    assert "\x1b[1;31m" in anvilc("check", "--color", "always", str(path)).stderr


def test_explain() -> None:
    done = anvilc("explain", "e0402")
    assert done.returncode == 0
    assert "config.add_listeners(size, {vulcan::EWMA({0.2})});" in done.stdout
    listing = anvilc("explain").stdout
    assert all(code in listing for code in CATALOGUE)
    unknown = anvilc("explain", "E0403x")
    assert unknown.returncode == 2 and "did you mean `E0403`" in unknown.stderr
