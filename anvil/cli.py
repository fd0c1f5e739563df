"""The command line `anvilc`: check, emit, run. Exit codes: 0 accepted or done, 1 rejected or failed, 2 wrong usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from anvil.diagnostics import Rejected
from anvil.driver import CheckResult, Compiled, check
from anvil.frontend.interface_file import load_interface
from anvil.interface import Interface
from anvil.verify import DEFAULT_BUDGET


class UsageError(Exception):
    """The command line itself is wrong; the message says what to write."""


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = sys.argv[1:] if argv is None else argv
    cut = words.index("--") if "--" in words else len(words)
    args = _parser().parse_args(words[:cut])
    args.args = words[cut + 1 :]
    command: Callable[[argparse.Namespace], int] = args.command
    try:
        return command(args)
    except Rejected as rejected:
        print(rejected, file=sys.stderr)
        return 1
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"error: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="anvilc", description="The compiler of Anvil, a strict C++ subset for heuristics."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.add_argument("file", metavar="FILE", help="an Anvil source (`-` reads the standard input)")
        sub.add_argument("--interface", metavar="I", help="the template that declares signals and entry points")
        sub.add_argument(
            "--budget", type=_positive, default=DEFAULT_BUDGET, help="steps a call may take (default %(default)s)"
        )
        sub.set_defaults(command=run)
        return sub

    checked = command("check", _check, "verify a program and print the verdict")
    checked.add_argument("more", metavar="FILE", nargs="*", help="more sources")
    checked.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    checked.add_argument("--fix", action="store_true", help="repair in the files what has a certain repair")
    checked.add_argument("--strict", action="store_true", help="reject what needs a guard at run time")
    checked.add_argument("--certificate", metavar="DIR", help="write the proofs there, for `anvilc recheck`")
    checked.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    explained = commands.add_parser("explain", help="say what a code means", description="Say what a code means.")
    explained.add_argument("codes", metavar="CODE", nargs="*", help="a code such as E0201 (default: list all)")
    explained.set_defaults(command=_explain)
    rechecked = commands.add_parser(
        "recheck",
        help="check a certificate with another solver",
        description="Check a certificate with another solver.",
    )
    rechecked.add_argument("folder", metavar="DIR", help="what `anvilc check --certificate DIR` wrote")
    rechecked.add_argument("--solver", choices=("cvc5", "z3"), default="cvc5")
    rechecked.set_defaults(command=_recheck)
    emitted = command("emit", _emit, "write a program in another form")
    emitted.add_argument("--target", required=True, choices=TARGETS)
    emitted.add_argument("-o", "--output", metavar="OUT", help="the file to write (default: standard output)")
    run = command("run", _run, "run one function and print its value: anvilc run FILE ENTRY -- ARG...")
    run.add_argument("entry", metavar="ENTRY", help="the function")
    run.add_argument("--executor", choices=("interp", "c", "jit"), default="interp")
    run.add_argument(
        "--update",
        metavar="SIGNAL[:OBJECT]=VALUE",
        action="append",
        default=[],
        help="an update of the feature store before the call; may be repeated",
    )
    _add_editor_commands(commands)
    return parser


def _add_editor_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    fmt = commands.add_parser("fmt", help="format sources in place", description="Format sources in place.")
    fmt.add_argument("files", metavar="FILE", nargs="+", help="a source (`-`: standard input to standard output)")
    fmt.add_argument("--check", action="store_true", help="change nothing; exit 1 and name the files that would change")
    fmt.set_defaults(command=_fmt)
    summary = "serve an editor: the language server, on standard input and output"
    lsp = commands.add_parser("lsp", help=summary, description=summary.capitalize() + ".")
    lsp.add_argument("--interface", metavar="I", help="the template of all files (default: the nearest template.anv)")
    lsp.set_defaults(command=_lsp)


def _positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("the budget is a positive number of steps")
    return value


# ------------------------------------------------------------------------------------------------- commands


def _read(args: argparse.Namespace) -> tuple[str, str, Interface | None]:
    """Source, its name, and the interface."""
    name = "<stdin>" if args.file == "-" else args.file
    try:
        data = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
        source = data.decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read `{name}`: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read `{name}`: byte {error.start} is not UTF-8 text") from None
    return source, name, load_interface(args.interface) if args.interface else None


def _checked(args: argparse.Namespace) -> CheckResult:
    source, name, interface = _read(args)
    return check(source, interface, filename=name, budget=args.budget)


def _compiled(args: argparse.Namespace) -> Compiled:
    result = _checked(args)
    if result.module is None or result.program is None or result.report is None:
        raise Rejected(result.diagnostics, result.source, result.filename)
    return Compiled(result.source, result.filename, result.module, result.program, result.report)


def _check(args: argparse.Namespace) -> int:
    from anvil.check_command import check_source, rejected, show

    names: list[str] = [args.file, *args.more]
    if args.fix and "-" in names:
        raise UsageError("`--fix` rewrites files; it cannot rewrite the standard input")
    results = []
    for name in names:
        args.file = name
        try:
            source, shown, interface = _read(args)
        except Rejected as template:
            return show([rejected(template)], args.format, args.color)
        results.append(check_source(source, shown, interface, args.budget, args.fix, args.strict))
    if args.certificate:
        from anvil.verify.certificate import write_certificate

        if len(results) > 1:
            raise UsageError("`--certificate` takes one FILE")
        write_certificate(results[0][0], Path(args.certificate))
    return show(results, args.format, args.color)


def _recheck(args: argparse.Namespace) -> int:
    from anvil.recheck_command import NoCertificate, recheck

    try:
        lines, good = recheck(Path(args.folder), args.solver)
    except NoCertificate as error:
        raise UsageError(str(error)) from None
    print("\n".join(lines))
    return 0 if good else 1


def _explain(args: argparse.Namespace) -> int:
    from anvil.explain_command import UnknownCode, explain, listing

    try:
        print("\n\n\n".join(map(explain, args.codes)) if args.codes else listing())
    except UnknownCode as error:
        raise UsageError(str(error)) from None
    return 0


def _emit(args: argparse.Namespace) -> int:
    from anvil.emit import emit

    content = emit(args.target, *_read(args), budget=args.budget)
    if args.output:
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(args.output, mode) as out:
            out.write(content)
    elif isinstance(content, bytes):
        if sys.stdout.isatty():
            raise UsageError(f"`--target {args.target}` is binary: name a file with -o")
        sys.stdout.buffer.write(content)
    else:
        sys.stdout.write(content)
    return 0


def _run(args: argparse.Namespace) -> int:
    from anvil.run import RunError, execute

    try:
        value = execute(_compiled(args), args.entry, args.args, args.update, args.executor)
    except RunError as error:
        raise UsageError(str(error)) from None
    print(value)
    return 0


def _fmt(args: argparse.Namespace) -> int:
    from anvil.format.command import run

    return run(args.files, args.check)


def _lsp(args: argparse.Namespace) -> int:
    from importlib.util import find_spec

    if find_spec("pygls") is None:
        raise UsageError("the language server needs pygls: pip install 'vulcan-heuristics[lsp]'")
    from anvil.lsp.server import serve

    return serve(args.interface)


TARGETS = ("ast", "typed", "core", "c", "llvm", "asm", "obj", "so")

if __name__ == "__main__":
    sys.exit(main())
