"""The names that <vulcan/anvil.hpp> brings into every program, found by asking g++.

`python -m tests.anvil.cxx_names > anvil/frontend/library_names.py` writes the compiler's table anew.
"""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import vulcan

STANDARDS = ("c++20", "gnu++20")
ALL = "vulcan/anvil.hpp"
# A name is said to be of the first of these that declares it, so headers come before those that include them.
HEADERS = """
stddef.h stdint.h limits.h ctype.h wctype.h strings.h string.h locale.h time.h sched.h errno.h alloca.h endian.h
sys/syscall.h sys/select.h sys/types.h stdlib.h math.h stdio.h wchar.h pthread.h unistd.h
""".split()

_USING = "namespace n{0} {{ using ::{1}; }}"

_HEAD = '''\
"""Names that stock C++ has taken before an Anvil file begins, by the header that declares them ([name.library]).

Data, written by `python -m tests.anvil.cxx_names` with g++ 12 and glibc 2.36: the names that `using ::name;` finds in
the global namespace after `#include <vulcan/anvil.hpp>`, and the macros then defined, each for -std=c++20 and
-std=gnu++20. Names that C++ reserves by their form (`__x`, `_X`) are left out; anvil/frontend/library.py refuses those.
"""

from __future__ import annotations

'''
_TAIL = '''
GLOBALS: dict[str, str] = {name: header for header, names in sorted(_GLOBALS.items()) for name in names.split()}
MACROS: dict[str, str] = {name: header for header, names in sorted(_MACROS.items()) for name in names.split()}
NAMES: frozenset[str] = frozenset(sorted(GLOBALS.keys() | MACROS.keys()))
"""Every name of the two tables."""
'''


def is_reserved(name: str) -> bool:
    """Whether the form of a name leaves it to the compiler and its headers."""
    return re.match(r"_[_A-Z]", name) is not None


def globals_of(header: str, standard: str, candidates: Iterable[str] | None = None) -> set[str]:
    """The names that a header puts in the global namespace; `candidates` are by default all words of its text."""
    if candidates is None:
        candidates = re.findall(r"\b[A-Za-z_]\w*", _preprocessed(header, standard))
    names = sorted({name for name in candidates if not is_reserved(name)})
    found = _accepted(header, standard, names, _USING)
    return found | _accepted(header, standard, sorted(set(names) - found), "namespace n{0} = ::{1};")


def macros_of(header: str, standard: str) -> set[str]:
    """The macros that are defined after a header, but those that stand for themselves."""
    defined = re.findall(r"^#define (\w+)(.*)$", _preprocessed(header, standard, "-dM"), re.MULTILINE)
    return {name for name, text in defined if text.strip() != name and not is_reserved(name)}


def tables() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The names in the global namespace and the macros, by header."""
    names = set().union(*(globals_of(ALL, standard) for standard in STANDARDS))
    macros = set().union(*(macros_of(ALL, standard) for standard in STANDARDS))
    owned: dict[str, list[str]] = {}
    defined: dict[str, list[str]] = {}
    for header in [*HEADERS, ALL]:
        owned[header] = sorted(_accepted(header, "gnu++20", sorted(names), _USING) if header != ALL else names)
        defined[header] = sorted(macros_of(header, "gnu++20") & macros if header != ALL else macros)
        names -= set(owned[header])
        macros -= set(defined[header])
    return owned, defined


def _preprocessed(header: str, standard: str, *options: str) -> str:
    return _gcc(f"#include <{header}>\n", f"-std={standard}", "-E", *options).stdout


def _accepted(header: str, standard: str, names: list[str], line: str) -> set[str]:
    """The names for which the compiler takes a line; `{0}` in it is a number, `{1}` the name."""
    lines = [f"#include <{header}>", *(line.format(i, name) for i, name in enumerate(names))]
    done = _gcc("\n".join(lines), f"-std={standard}", "-fsyntax-only", "-w", "-fmax-errors=0")
    wrong = {int(number) for number in re.findall(r"^\S*names\.cpp:(\d+):\d+: error", done.stderr, re.MULTILINE)}
    return {name for i, name in enumerate(names, 2) if i not in wrong}


def _gcc(source: str, *options: str) -> subprocess.CompletedProcess[str]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "names.cpp"
        path.write_text(source)
        command = ["g++", f"-I{vulcan.include_dir()}", *options, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


def _python(name: str, table: dict[str, list[str]]) -> str:
    blocks = [
        f'    "{header}": """\n{textwrap.fill(" ".join(names), 120)}\n""",' for header, names in table.items() if names
    ]
    return "\n".join([f"{name}: dict[str, str] = {{", *blocks, "}\n"])


if __name__ == "__main__":
    owned, defined = tables()
    print(_HEAD + _python("_GLOBALS", owned) + "\n" + _python("_MACROS", defined) + _TAIL, end="")
