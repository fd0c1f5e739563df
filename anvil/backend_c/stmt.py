"""Functions of Core as C functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anvil.backend_c.expr import PRIMARY, STORE_ARGS, ExprEmitter, Text
from anvil.backend_c.names import C_TYPE, prototype
from anvil.backend_c.scopes import Mentions, names_read
from anvil.core import (
    Assign,
    Block,
    Break,
    CallMany,
    Continue,
    Expr,
    Function,
    If,
    Loop,
    Return,
    ReturnMany,
    Stmt,
    walk_block,
)
from anvil.types import Type

STORE_PARAMS = ("const vk_context *cx", "const uint8_t *row", "int64_t row_id")


def signature(function: Function, c_name: str, locals: Mapping[str, str], linkage: str = "") -> str:
    """`double anvil_f_g(const vk_context *cx, ..., double v_x)`; several results go where `r1`, `r2`, ... point."""
    params = list(STORE_PARAMS) if function.takes_store else []
    params += [f"{C_TYPE[param.type]} {locals[param.name]}" for param in function.params]
    params += [f"{C_TYPE[type]} *r{i}" for i, type in enumerate(function.results, 1)]
    return prototype(linkage + C_TYPE[function.result], c_name, params)


@dataclass
class FunctionEmitter:
    """Writes the body of one function."""

    function: Function
    exprs: ExprEmitter
    _out: list[str] = field(default_factory=list)
    _indent: int = 1
    _labels: list[str | None] = field(default_factory=list)  # of the loops around, where `continue` is a goto
    _loops: int = 0
    _declares: set[tuple[int, str]] = field(default_factory=set)  # id of a statement, a variable that it declares
    _read: frozenset[str] = frozenset()

    def body(self) -> list[str]:
        """The lines between the braces."""
        function, names = self.function, self.exprs.locals
        self._read = names_read(function)
        mentions = Mentions(function)
        for variable in function.variables:
            first = mentions.declaring(variable.name)
            if first is not None:
                self._declares.add((id(first), variable.name))
            elif variable.name in mentions:
                zero = _zero(variable.type)
                self._declare(variable.name, f"{C_TYPE[variable.type]} {names[variable.name]} = {zero};")
        self._block(function.body)
        if not _terminates(function.body):
            self._return_zero()
        return [f"    (void){name};" for name in self._unused_params()] + self._out

    def _unused_params(self) -> list[str]:
        """Those that a compiler would complain about."""
        params = list(STORE_ARGS) if self.function.takes_store else []
        params += [self.exprs.locals[param.name] for param in self.function.params]
        return [name for name in params if name not in self.exprs.used]

    def _return_zero(self) -> None:
        """Where control never gets, but the C compiler may not see that."""
        self._store_results([_zero(type) for type in self.function.results])
        if self.function.result is not Type.VOID:
            self._line("return 0;")

    def _store_results(self, values: list[str]) -> None:
        for i, value in enumerate(values, 1):
            self._line(f"*r{i} = {value};")

    def _declare(self, name: str, declaration: str) -> None:
        self._line(declaration)
        if name not in self._read:
            self._line(f"(void){self.exprs.locals[name]};")

    def _line(self, text: str) -> None:
        self._out.append("    " * self._indent + text)

    def _value(self, expr: Expr) -> tuple[Text, str]:
        """The expression and a comment; its temporaries are written out first."""
        text, comment = self.exprs.whole(expr)
        self._flush()
        return text, comment

    def _flush(self) -> None:
        """Writes out the temporaries."""
        for line in self.exprs.lines:
            self._line(line)
        self.exprs.lines.clear()

    def _plain(self, expr: Expr) -> str | None:
        """The expression if it needs no temporaries."""
        text, _ = self.exprs.whole(expr)
        needs_lines = bool(self.exprs.lines)
        self.exprs.lines.clear()
        return None if needs_lines else text.text

    # ------------------------------------------------------------------------------------- statements

    def _block(self, block: Block) -> None:
        for stmt in block:
            self._statement(stmt)

    def _nested(self, block: Block) -> None:
        self._indent += 1
        self._block(block)
        self._indent -= 1

    def _statement(self, stmt: Stmt) -> None:
        match stmt:
            case Assign():
                self._assign(stmt)
            case If():
                self._if(stmt)
            case Loop():
                self._loop(stmt)
            case Break():
                self._line("break;")
            case Continue():
                label = self._labels[-1]
                self._line("continue;" if label is None else f"goto {label};")
            case Return():
                value, comment = self._value(stmt.value)
                self._line(f"return {value.text};{comment}")
            case CallMany():
                self._call_many(stmt)
            case ReturnMany():
                values = [self.exprs.value(value).text for value in stmt.values]
                self._flush()
                self._store_results(values)
                self._line("return;")

    def _assign(self, stmt: Assign) -> None:
        value, comment = self._value(stmt.value)
        self._set(stmt, stmt.name, stmt.value.type, f"{value.text};{comment}")

    def _call_many(self, stmt: CallMany) -> None:
        temporaries = self.exprs.call_many(stmt)
        self._flush()
        types = self.exprs.program.function(stmt.function).results
        for target, type, temporary in zip(stmt.targets, types, temporaries, strict=True):
            if target:
                self._set(stmt, target, type, f"{temporary};")

    def _set(self, stmt: Stmt, variable: str, type: Type, value: str) -> None:
        name = self.exprs.locals[variable]
        if (id(stmt), variable) in self._declares:
            self._declares.remove((id(stmt), variable))  # once: the tree may hold one object twice
            self._declare(variable, f"{C_TYPE[type]} {name} = {value}")
        else:
            self._line(f"{name} = {value}")

    def _if(self, stmt: If) -> None:
        condition, comment = self._value(stmt.condition)
        self._line(f"if ({condition.text}) {{{comment}")
        self._nested(stmt.then)
        rest = stmt.otherwise
        while len(rest) == 1 and isinstance(rest[0], If):
            alternative = self._plain(rest[0].condition)
            if alternative is None:
                break
            self._line(f"}} else if ({alternative}) {{")
            self._nested(rest[0].then)
            rest = rest[0].otherwise
        if rest:
            self._line("} else {")
            self._nested(rest)
        self._line("}")

    def _loop(self, loop: Loop) -> None:
        condition = self._plain(loop.condition)
        step = self._header_step(loop.step)
        if condition is None:
            self._line("for (;;) {" if step is None else f"for (;; {step}) {{")
            self._indent += 1
            text, comment = self._value(loop.condition)
            self._line(f"if (!{text.within(PRIMARY)}) break;{comment}")
            self._indent -= 1
        else:
            self._line(f"for (; {condition}; {step}) {{" if step else f"while ({condition}) {{")
        self._loop_body(loop, None if step is not None else self._new_label())
        self._line("}")

    def _loop_body(self, loop: Loop, label: str | None) -> None:
        """With a label, the step stands at the end of the body, and `continue` goes there."""
        self._labels.append(label)
        self._nested(loop.body)
        self._labels.pop()
        if label is None:
            return
        if any(isinstance(inner, Continue) for inner in walk_block(loop.body)):
            self._line(f"{label}:;")
        self._nested(loop.step)

    def _new_label(self) -> str:
        self._loops += 1
        return f"next_{self._loops}"

    def _header_step(self, step: Block) -> str | None:
        """The step as the third part of `for (;;)`, or None when it needs statements."""
        parts: list[str] = []
        for stmt in step:
            if not isinstance(stmt, Assign) or (id(stmt), stmt.name) in self._declares:
                return None
            value = self._plain(stmt.value)
            if value is None:
                return None
            parts.append(f"{self.exprs.locals[stmt.name]} = {value}")
        return ", ".join(parts)


def _zero(type: Type) -> str:
    return "false" if type is Type.BOOL else "0"


def _terminates(block: Block) -> bool:
    """True if control provably does not reach the end, in a way that C compilers see too."""
    match block[-1] if block else None:
        case Return() | ReturnMany():
            return True
        case If(then=then, otherwise=otherwise):
            return _terminates(then) and _terminates(otherwise)
        case _:
            return False
