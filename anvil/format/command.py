"""`anvilc fmt`: formats files in place, or says which would change."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from anvil.diagnostics import Rejected
from anvil.format import FormatError, format_source


def run(names: list[str], check_only: bool) -> int:
    """Formats the files; 0 when all is well, 1 when a file is rejected or (with `check_only`) would change."""
    done = [_file(name, check_only) for name in names]
    return max(done, default=0)


def _file(name: str, check_only: bool) -> int:
    shown = "<stdin>" if name == "-" else name
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        source = data.decode("utf-8")
        formatted = format_source(source, shown)
    except OSError as error:
        return _failed(f"error: cannot read `{shown}`: {error.strerror}")
    except UnicodeDecodeError as error:
        return _failed(f"error: cannot read `{shown}`: byte {error.start} is not UTF-8 text")
    except Rejected as rejected:
        return _failed(str(rejected))
    except FormatError as error:
        return _failed(f"{shown}: internal error of the formatter: {error}; the file is unchanged, please report it")
    if check_only:
        if formatted != source:
            print(f"{shown}: would be reformatted")
        return int(formatted != source)
    if name == "-":
        sys.stdout.buffer.write(formatted.encode())
    elif formatted != source:
        return _replace(Path(name), formatted)
    return 0


def _failed(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _replace(path: Path, text: str) -> int:
    """Writes a file so that a reader sees either the old or the new text."""
    target = path.resolve()
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode())
        os.chmod(temporary, target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        return _failed(f"error: cannot write `{path}`: {error.strerror}")
    return 0
