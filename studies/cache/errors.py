"""What can go wrong with a user's input to the cache study. Every message has a place, a cause and a fix."""

from __future__ import annotations

from pathlib import Path


class StudyError(Exception):
    """Base of the errors that a command line shows to its user as one line, without a traceback."""


class TraceError(StudyError):
    """A trace that cannot be read.

    `offset` is a byte offset in the file (for a compressed file: in the compressed file), `line` a 1-based line.
    """

    def __init__(self, path: Path, cause: str, fix: str, *, offset: int | None = None, line: int | None = None) -> None:
        self.path = path
        self.cause = cause
        self.fix = fix
        self.offset = offset
        self.line = line
        place = f", line {line}" if line is not None else f", byte {offset:,}" if offset is not None else ""
        super().__init__(f"{path}{place}: {cause}; {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.path, self.cause, self.fix, self.offset, self.line))


def _rebuild(path: Path, cause: str, fix: str, offset: int | None, line: int | None) -> TraceError:
    return TraceError(path, cause, fix, offset=offset, line=line)


class SizeError(StudyError):
    """A cache size that is no size."""

    def __init__(self, text: str, cause: str, fix: str) -> None:
        self.text = text
        self.cause = cause
        self.fix = fix
        super().__init__(f"cache size `{text}`: {cause}; {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        return (SizeError, (self.text, self.cause, self.fix))


class PolicyError(StudyError):
    """A compiled heuristic that the simulator cannot run."""
