"""The command line `vulcan`.

Exit codes: 0 done, 1 rejected or failed, 2 wrong usage, 130 interrupted. Results go to standard output, progress and
errors to standard error. Heavy imports wait until a command needs them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from synth.errors import FAILED, UsageError, UserError, closest

if TYPE_CHECKING:
    from synth.task import Task

_USAGE = """usage: vulcan COMMAND ...

Search for instance-specialised heuristics, each one proved safe to run.

commands:
  tasks                    list the tasks that are installed
  synth TASK               search for a heuristic
  eval TASK FILE...        score heuristics on an instance
  baselines TASK           score the task's baselines on an instance
  report RUN               show a run and write its report again

`vulcan COMMAND --help` and `vulcan COMMAND TASK --help` say more.
"""


class Parser(argparse.ArgumentParser):
    """Raises UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"`{self.prog} --help` lists the options")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    try:
        return _dispatch(list(sys.argv[1:] if arguments is None else arguments))
    except UserError as error:
        print(f"error: {error.message}", file=sys.stderr)
        if error.help:
            print(f"help: {error.help}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get("VULCAN_TRACEBACK"):
            raise
        print(f"error: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("help: please report this; VULCAN_TRACEBACK=1 shows where it happened", file=sys.stderr)
        return FAILED


def _dispatch(arguments: list[str]) -> int:
    if not arguments:
        print(_USAGE, end="", file=sys.stderr)
        return 2
    command, rest = arguments[0], arguments[1:]
    if command in ("-h", "--help", "help"):
        print(_USAGE, end="")
        return 0
    if command == "--version":
        from importlib.metadata import version

        print(f"vulcan {version('vulcan-heuristics')}")
        return 0
    commands: dict[str, Callable[[list[str]], int]] = {
        "tasks": _tasks,
        "report": _report,
        "synth": lambda rest: _with_task("synth", rest),
        "eval": lambda rest: _with_task("eval", rest),
        "baselines": lambda rest: _with_task("baselines", rest),
    }
    if command not in commands:
        raise UsageError(
            f"unknown command `{command}`{closest(command, list(commands))}", "`vulcan --help` lists the commands"
        )
    return _parsed(commands[command], rest)


def _parsed(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Run a command; --help ends it with 0."""
    try:
        return command(arguments)
    except SystemExit as end:  # argparse after --help
        return int(end.code or 0)


def _with_task(command: str, arguments: list[str]) -> int:
    """Commands whose options depend on the task, which therefore comes first."""
    from synth import commands
    from synth.task import find_task, task_names

    if not arguments or arguments[0].startswith("-"):
        names = ", ".join(task_names()) or "none is installed"
        if arguments and arguments[0] in ("-h", "--help"):
            print(f"usage: vulcan {command} TASK ...\n\ntasks: {names}")
            print(f"`vulcan {command} TASK --help` lists the options of a task.")
            return 0
        raise UsageError(f"`vulcan {command}` needs a task first", f"tasks: {names}")
    task: Task = find_task(arguments[0])
    parser = Parser(prog=f"vulcan {command} {task.name}", description=task.summary, allow_abbrev=False)
    run = {
        "synth": commands.add_synth,
        "eval": commands.add_eval,
        "baselines": commands.add_baselines,
    }[command](parser)
    task.add_arguments(parser.add_argument_group("instance"))  # type: ignore[arg-type]
    return run(task, parser.parse_args(arguments[1:]))


def _tasks(arguments: list[str]) -> int:
    from synth.task import find_task, task_names

    parser = Parser(prog="vulcan tasks", description="List the tasks that are installed.", allow_abbrev=False)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    found = [find_task(name) for name in task_names()]
    if options.format == "json":
        import json

        print(json.dumps([{"name": task.name, "summary": task.summary} for task in found], indent=2))
        return 0
    for task in found:
        print(f"{task.name:<12} {task.summary}")
    return 0


def _report(arguments: list[str]) -> int:
    from synth import commands

    parser = Parser(prog="vulcan report", description="Show a run and write its report again.", allow_abbrev=False)
    parser.add_argument("run", metavar="RUN", help="directory of the run")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return commands.report(parser.parse_args(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
