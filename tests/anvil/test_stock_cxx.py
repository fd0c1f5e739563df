"""Every accepted file is C++: g++ compiles it against libvulcan's headers, and it gives the same values."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
import vulcan

import anvil
from anvil.frontend import ast
from anvil.frontend.builder import RESERVED
from anvil.frontend.evolve import evolve_block
from anvil.frontend.library_names import GLOBALS, MACROS, NAMES
from anvil.frontend.parser import parse
from anvil.frontend.policy import is_block, only_in_body
from anvil.frontend.typecheck import check_file
from anvil.interface import Signal
from anvil.types import Type
from tests.anvil import cxx_names
from tests.anvil.conformance import Case, cases, same_value

ACCEPTED = [case for case in cases() if case.verdict == "accept"]
LIBRARY = Path(__file__).resolve().parents[2] / "libvulcan" / "src"

NEEDS_GXX = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")

# What C++ leaves undefined, and Anvil defines.
UNDEFINED_IN_CXX = {"expr.div", "expr.shift", "conv.double_int"}

SHOW = """
#include <cstdio>
inline void show(bool x) { std::puts(x ? "true" : "false"); }
inline void show(int x) { std::printf("%d\\n", x); }
inline void show(int64_t x) { std::printf("%lld\\n", static_cast<long long>(x)); }
inline void show(uint64_t x) { std::printf("%llu\\n", static_cast<unsigned long long>(x)); }
inline void show(double x) { std::printf("%.17g\\n", x); }
"""


# ------------------------------------------------------------------------------------------- files as C++


@cache
def _interface(path: Path) -> anvil.Interface:
    return anvil.load_interface(path)


def _of(case: Case) -> anvil.Interface | None:
    return None if case.interface is None else _interface(case.interface)


def _split(source: str, interface: anvil.Interface | None) -> tuple[str, str]:
    """What of a file stands at file scope in C++, and what in the body of a function ([policy.body])."""
    text = re.sub(r"^[ \t]*#[ \t]*include.*$", "", evolve_block(source), flags=re.MULTILINE)
    file = parse(source)
    if is_block(file, interface):
        return "", text
    spans = [item.span for item in parse(text).items if only_in_body(item, interface)]
    outside, end = [], 0
    for span in spans:
        outside.append(text[end : span.start])
        end = span.end
    return "".join([*outside, text[end:]]), "\n".join(text[span.start : span.end] for span in spans)


def _configs(source: str) -> dict[str, str]:
    """The configurations that a policy block names, each with its type."""
    kinds = {"add_listeners": "config", "set_value_fn": "value_config"}
    found: dict[str, set[str]] = {}
    for item in parse(source).items:
        if isinstance(item, ast.ExprStatement) and isinstance(item.value, ast.Call):
            assert isinstance(item.value.receiver, ast.Name)
            kind = kinds.get(item.value.callee.text, "rank_config")
            found.setdefault(item.value.receiver.text, set()).add(kind)
    return {
        name: found_kinds.pop() if len(found_kinds) == 1 else "policy_config" for name, found_kinds in found.items()
    }


def _namespace(number: int, case: Case) -> str:
    """The case in a namespace of its own, with a function `run` that shows the values of its calls."""
    outside, body = _split(case.source, _of(case))
    configs = _configs(case.source)
    params = "".join(f", [[maybe_unused]] vulcan::{kind}& {name}" for name, kind in configs.items())
    made = [
        f"vulcan::{kind} {name}{'' if kind in ('rank_config', 'value_config') else '(test_schema)'};"
        for name, kind in configs.items()
    ]
    return "\n".join(
        [
            f"namespace case_{number} {{",
            "" if case.interface is None else case.interface.read_text(),
            outside,
            f"void block([[maybe_unused]] vulcan::Schema& test_schema{params}) {{",
            body,
            *_calls(case, configs),
            "}",
            "void run() {",
            "vulcan::Schema test_schema;",
            *_attachments(case, outside),
            *made,
            f"block({', '.join(['test_schema', *configs])});",
            "}",
            "}",
        ]
    )


def _attachments(case: Case, outside: str) -> list[str]:
    """What the host does before it runs a heuristic: every signal has its last value."""
    if case.interface is None:
        return []
    signals = _interface(case.interface).signals
    own = "configure(test_config);" if re.search(r"\bvoid\s+configure\b", outside) else ""
    return [
        *(line for name in signals if (line := _declaration(signals[name]))),
        "vulcan::config test_config(test_schema);",
        *(f"test_config.add_listeners({name}, {{vulcan::Latest()}});" for name in signals),
        own,
    ]


def _declaration(signal: Signal) -> str:
    """The range of a signal, which the template's C++ does not tell the store."""
    if signal.low is None or signal.high is None:
        return ""
    kind = "i64" if signal.type is Type.INT64 else "f64"
    place = f"vulcan::Scope::{'object' if signal.scope == 'object' else 'global'}"
    return f'test_schema.declare({{"{signal.name}", {place}, vulcan::Type::{kind}, {signal.low!r}, {signal.high!r}}});'


def _calls(case: Case, configs: dict[str, str]) -> list[str]:
    if not case.runs or case.rule in UNDEFINED_IN_CXX:
        return []
    lines: list[str] = []
    interface = _of(case)
    if interface is not None:
        lines += ["vulcan::Store test_runtime(test_schema);", *_updates(case, interface)]
        lines += ["[[maybe_unused]] vulcan::store test_store(test_runtime);"]
    program = anvil.compile(case.source, interface)
    set_by = _setter(case.source, configs)
    for name, args, _ in case.runs:
        function = next(f for f in program.program.functions if f.name == name)
        store = ["test_store"] if function.takes_store else []
        entry = interface.entry(name) if interface else None
        callee = set_by[entry.kind] if entry is not None and entry.kind in set_by else name
        lines.append(f"show({callee}({', '.join([*store, *map(_cxx, args)])}));")
    return lines


def _setter(source: str, configs: dict[str, str]) -> dict[str, str]:
    """How to get at the functions that a policy block sets, by their kind."""
    found = {"rank": ("set_scoring_fn", "scoring_fn"), "value": ("set_value_fn", "value_fn")}
    text = evolve_block(source)
    return {
        kind: f"{name}.{getter}()"
        for kind, (setter, getter) in found.items()
        for name in configs
        if re.search(rf"\b{name}\s*\.\s*{setter}\b", text)
    }


def _updates(case: Case, interface: anvil.Interface) -> Iterable[str]:
    for update in case.updates:
        target, value = update.split("=")
        name, _, object_id = target.partition(":")
        signal = interface.signals[name]
        kind = "int64_t" if signal.type is Type.INT64 else "double"
        which = f'test_schema.signal("{name}")'
        place = f"update_id({which}, {object_id}, " if object_id else f"update_global({which}, "
        yield f"test_runtime.{place}{kind}{{{value}}});"


def _cxx(argument: str) -> str:
    special = {"nan": "NAN", "inf": "INFINITY", "-inf": "-INFINITY", "-9223372036854775808": "INT64_MIN"}
    return special.get(argument, argument)


def _compile(parts: list[str], folder: Path, *options: str) -> None:
    source = folder / "cases.cpp"
    source.write_text("\n".join(parts))
    # Signed overflow wraps, nothing is fused, and functions of constants are called, not folded ([math.runtime]).
    meaning = ["-fwrapv", "-ffp-contract=off", "-fno-builtin"]
    flags = ["-std=c++20", "-Wall", *meaning, f"-I{vulcan.include_dir()}", *options]
    done = subprocess.run(["g++", *flags, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]


# ------------------------------------------------------------------------------------------------- the cases


@NEEDS_GXX
def test_every_accepted_case_compiles(tmp_path: Path) -> None:
    spaces = [_namespace(number, case) for number, case in enumerate(ACCEPTED)]
    _compile(["#include <vulcan/anvil.hpp>", SHOW, *spaces], tmp_path, "-fsyntax-only")


@NEEDS_GXX
def test_values_are_the_same(tmp_path: Path) -> None:
    chosen = [case for case in ACCEPTED if case.runs and case.rule not in UNDEFINED_IN_CXX]
    spaces = [_namespace(number, case) for number, case in enumerate(chosen)]
    main = ["int main() {", *(f"case_{number}::run();" for number in range(len(chosen))), "}"]
    library = [str(path) for path in sorted(LIBRARY.glob("*.cpp"))]
    _compile(["#include <vulcan/anvil.hpp>", SHOW, *spaces, *main], tmp_path, *library, "-o", str(tmp_path / "cases"))
    printed = subprocess.run([tmp_path / "cases"], capture_output=True, text=True, check=True).stdout.splitlines()
    calls = [(case, *run) for case in chosen for run in case.runs]
    for (case, name, args, want), got in zip(calls, printed, strict=True):
        assert same_value(got, want), f"{case.path.stem}: {name}({', '.join(args)}) is {got} in C++, not {want}"


@NEEDS_GXX
@pytest.mark.parametrize("case", [c for c in ACCEPTED if c.rule.startswith("name.")], ids=lambda c: c.path.stem)
def test_names_at_file_scope_compile_there(case: Case, tmp_path: Path) -> None:
    template = "" if case.interface is None else case.interface.read_text()
    _compile(["#include <vulcan/anvil.hpp>", template, _split(case.source, _of(case))[0]], tmp_path, "-fsyntax-only")


# ------------------------------------------------------------------------------- names that C++ has taken

FORMS = {
    "function": "double {name}(double x) {{ return x; }}",
    "constant": "constexpr double {name} = 1;",
    "lambda": "auto {name} = [](double x) -> double {{ return x; }};",
    "class": "struct {name} {{ double x; }};",
    "enum": "enum class {name} {{ A }};",
    "enumerator": "enum E{number} {{ {name} }};",
}
LOCAL = "double f{number}(double x) {{ double {name} = x; return 1; }}"
NO_NAMES = RESERVED | {"int64_t", "uint64_t"}


def _refused(names: list[str], form: str) -> set[object]:
    """The names that are refused in declarations of that form, by the compiler's table or as built-ins."""
    found: set[object] = set()
    for start in range(0, len(names), 500):
        part = enumerate(names[start : start + 500])
        text = "\n".join(form.format(name=name, number=number) for number, name in part)
        found |= {d.values["name"] for d in check_file(parse(text), None)[1] if d.code in ("E0203", "E0207")}
    return found


@pytest.mark.parametrize("form", FORMS)
def test_no_name_of_the_table_is_declared_at_file_scope(form: str) -> None:
    names = sorted(NAMES - NO_NAMES)
    assert set(names) - _refused(names, FORMS[form]) == set()


def test_macros_are_declared_nowhere() -> None:
    names = sorted(NAMES - NO_NAMES)
    assert _refused(names, LOCAL) == MACROS.keys() - NO_NAMES
    assert set(names) == (GLOBALS.keys() | MACROS.keys()) - NO_NAMES


@pytest.mark.parametrize("name", sorted(NO_NAMES & NAMES))
def test_words_of_the_language_are_no_names(name: str) -> None:
    for form in [*FORMS.values(), LOCAL]:
        assert not anvil.check(form.format(name=name, number=0)).ok


@NEEDS_GXX
@pytest.mark.parametrize("standard", cxx_names.STANDARDS)
def test_the_table_holds_what_the_headers_declare(standard: str) -> None:
    version = subprocess.run(["g++", "-dumpversion"], capture_output=True, text=True, check=True).stdout
    if version.split(".")[0].strip() != "12":
        pytest.skip("the table is of g++ 12; write it anew with `python -m tests.anvil.cxx_names`")
    found = cxx_names.globals_of(cxx_names.ALL, standard) | cxx_names.macros_of(cxx_names.ALL, standard)
    assert found - NAMES == set()


@pytest.mark.parametrize("name", ["gamma", "index", "time"])
def test_a_template_leaves_the_names_of_c_alone(name: str, tmp_path: Path) -> None:
    signal = f'constexpr vulcan::object_signal<double> {name}{{"x"}};\ndouble score_fn(const vulcan::store& fs);\n'
    for number, text in enumerate([signal, f"double {name}(const vulcan::store& fs);\n"]):
        path = tmp_path / f"template{number}.anv"
        path.write_text(text)
        with pytest.raises(anvil.Rejected) as caught:
            anvil.load_interface(path)
        assert [d.code for d in caught.value.diagnostics] == ["E0207"]
