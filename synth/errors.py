"""Errors that a user can act on: one sentence that says what is wrong, one that says what to do."""

from __future__ import annotations

FAILED = 1
WRONG_USAGE = 2


class UserError(Exception):
    """Shown as `error: message` and `help: ...`, never with a traceback; `code` is the exit code of the command."""

    def __init__(self, message: str, help: str = "", code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.code = code

    def __reduce__(self) -> tuple[type[UserError], tuple[str, str, int]]:
        return UserError, (self.message, self.help, self.code)


class UsageError(UserError):
    """A wrong argument on the command line."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message, help, WRONG_USAGE)


def closest(word: str, known: list[str]) -> str:
    """`; did you mean ...?` for a misspelt word, empty when nothing known is near."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
