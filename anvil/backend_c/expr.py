"""Expressions of Core as C expressions, with as few parentheses as keep compilers quiet.

Calls and queries go into temporaries, left to right, for C leaves the order of operands open. Where that happens
inside an operand that may not be evaluated, `?:`, `&&` and `||` become `if`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anvil.backend_c.analysis import RowOf
from anvil.backend_c.names import C_TYPE, SUFFIX, literal, signed
from anvil.builtins import BUILTINS
from anvil.core import (
    Binary,
    Call,
    CallMany,
    Cast,
    Compare,
    Const,
    Expr,
    ExternCall,
    Function,
    Local,
    Logical,
    Math,
    Program,
    Query,
    Select,
    Slot,
    Unary,
)
from anvil.types import Type

# Binding strength of what stands outermost in a text.
PRIMARY, UNARY, PRODUCT, SUM, SHIFT, COMPARISON, BITWISE, AND, OR, TERNARY = range(10, 0, -1)

STORE_ARGS = ("cx", "row", "row_id")

# Longer texts get a name: for the reader, and because compilers limit nesting.
_LONGEST = 160

_PLAIN = {"add": ("+", SUM), "sub": ("-", SUM), "mul": ("*", PRODUCT), "div": ("/", PRODUCT), "rem": ("%", PRODUCT)}
_BITWISE = {"and": "&", "or": "|", "xor": "^"}
_COMPARE = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


@dataclass(frozen=True, slots=True)
class Text:
    """C text and how strongly its outermost operator binds."""

    text: str
    level: int = PRIMARY

    def within(self, level: int) -> str:
        """The text as an operand that must bind at least as strongly as `level`."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass
class Needs:
    """What the emitted functions use of the run-time library and of libvulcan."""

    runtime: set[str] = field(default_factory=set)
    queries: dict[str, Query] = field(default_factory=dict)
    find_row: bool = False
    row_or_find: bool = False


@dataclass
class ExprEmitter:
    """Lowers the expressions of one function; `lines` collects the temporaries they need, unindented.

    `own_id` is the parameter that is the object of `row`, if there is one.
    """

    program: Program
    functions: Mapping[str, str]
    externs: Mapping[str, str]
    locals: Mapping[str, str]
    needs: Needs
    row_of: RowOf
    own_id: str | None = None
    lines: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # C names of the parameters and variables that occur
    _temporaries: int = 0
    _last: tuple[str, Text, str] = ("", Text(""), "")  # the newest temporary: name, value, comment

    def value(self, expr: Expr) -> Text:
        """The expression as C text; what it needs beforehand has been added to `lines`."""
        text = self._value(expr)
        return self._named(expr.type, text) if len(text.text) > _LONGEST else text

    def whole(self, expr: Expr) -> tuple[Text, str]:
        """The same for what is not part of a larger expression: a call stays outside of temporaries. With a comment."""
        text = self.value(expr)
        name, value, comment = self._last
        if not self.lines or text.text != name:
            return text, ""
        self.lines.pop()
        return value, comment

    def _value(self, expr: Expr) -> Text:
        match expr:
            case Const():
                text = literal(expr)
                return Text(text, UNARY if text.startswith(("-", "(")) else PRIMARY)
            case Local():
                self.used.add(self.locals[expr.name])
                return Text(self.locals[expr.name])
            case Unary() | Cast():
                operand = self.value(expr.operand)
                return self._unary(expr, operand) if isinstance(expr, Unary) else self._cast(expr, operand)
            case Binary():
                return self._binary(expr, self.value(expr.left), self.value(expr.right))
            case Compare():
                left, right = self.value(expr.left), self.value(expr.right)
                above = COMPARISON + 1
                return Text(f"{left.within(above)} {_COMPARE[expr.op]} {right.within(above)}", COMPARISON)
            case Logical() | Select():
                return self._lazy(expr)
            case Math():
                return self._math(expr, [self.value(arg) for arg in expr.args])
            case Call():
                return self._named(expr.type, self._invocation(expr))
            case ExternCall():
                args = ", ".join([self.value(arg).text for arg in expr.args])
                return self._named(expr.type, Text(f"{self.externs[expr.name]}({args})"))
            case Query():
                return self._query(expr)

    # ---------------------------------------------------------------------------------------- operators

    def _unary(self, expr: Unary, operand: Text) -> Text:
        if expr.op == "neg" and expr.type.is_signed and not expr.proved:
            return self._invoke(f"anvil_neg_{SUFFIX[expr.type]}", [operand])
        if expr.op == "neg" and expr.type is Type.UINT64:
            return Text(f"UINT64_C(0) - {operand.within(PRODUCT)}", SUM)
        operand = _wide(expr.operand, operand) if expr.op == "neg" else operand
        sign = {"neg": "-", "not": "!", "bitnot": "~"}[expr.op]
        # `!a == b` would be right but looks wrong, also to compilers.
        return Text(sign + operand.within(PRIMARY), COMPARISON if expr.op == "not" else UNARY)

    def _binary(self, expr: Binary, left: Text, right: Text) -> Text:
        if expr.op in _BITWISE:
            return Text(f"{left.within(UNARY)} {_BITWISE[expr.op]} {right.within(UNARY)}", BITWISE)
        if expr.op in ("shl", "shr") and not (expr.proved and (expr.op == "shr" or not expr.type.is_signed)):
            return self._invoke(f"anvil_{expr.op}_{SUFFIX[expr.type]}", [left, _distance(expr, right)])
        left = _wide(expr.left, left) if expr.proved else left
        if expr.op in ("shl", "shr"):
            sign = "<<" if expr.op == "shl" else ">>"
            return Text(f"{left.within(UNARY)} {sign} {right.within(UNARY)}", SHIFT)
        if expr.proved or _is_total_in_c(expr):
            sign, level = _PLAIN[expr.op]
            return Text(f"{left.within(level)} {sign} {right.within(level + 1)}", level)
        return self._invoke(f"anvil_{expr.op}_{SUFFIX[expr.type]}", [left, right])

    def _cast(self, expr: Cast, operand: Text) -> Text:
        source, target = expr.operand.type, expr.type
        if source is target:
            return operand
        if target is Type.BOOL:
            return Text(f"{operand.within(COMPARISON + 1)} != 0", COMPARISON)
        if source is Type.DOUBLE and not expr.proved:
            return self._invoke(f"anvil_{SUFFIX[target]}_from_f64", [operand])
        return Text(f"({C_TYPE[target]}){operand.within(UNARY)}", UNARY)

    def _math(self, expr: Math, args: list[Text]) -> Text:
        name, type = expr.name, expr.type
        match BUILTINS[name].kind:
            case "common" if name == "abs" and type is Type.UINT64:
                return args[0]
            case "common" if name == "abs" and type is Type.DOUBLE:
                return self._invoke("fabs", args)
            case "common":
                return self._invoke(f"anvil_{name}_{SUFFIX[type]}", args)
            case "test":
                return self._invoke(f"anvil_{name}", args)
            case "runtime":
                return self._invoke(f"anvil_rt_{name}", args)
            case _:
                return self._invoke(name, args)  # exact in every libm

    def _invoke(self, name: str, args: Sequence[Text]) -> Text:
        if name.startswith("anvil_"):
            self.needs.runtime.add(name)
        return Text(f"{name}({', '.join(arg.text for arg in args)})")

    # ------------------------------------------------------------------------------- lazy evaluation

    def _lazy(self, expr: Logical | Select) -> Text:
        if isinstance(expr, Select):
            condition = self.value(expr.condition)
            then, then_lines = self._aside(expr.then)
            otherwise, other_lines = self._aside(expr.otherwise)
            if then_lines or other_lines:
                return self._branches(expr.type, condition, (then, then_lines), (otherwise, other_lines))
            level = TERNARY + 1
            return Text(f"{condition.within(level)} ? {then.within(level)} : {otherwise.within(level)}", TERNARY)
        left = self.value(expr.left)
        right, lines = self._aside(expr.right)
        if lines and expr.op == "and":
            return self._branches(Type.BOOL, left, (right, lines), (Text("false"), []))
        if lines:
            return self._branches(Type.BOOL, left, (Text("true"), []), (right, lines))
        level, sign = (AND, "&&") if expr.op == "and" else (OR, "||")
        # `&&` inside `||` needs no parentheses, but compilers ask for them.
        return Text(f"{_logical_operand(left, level)} {sign} {_logical_operand(right, level)}", level)

    def _aside(self, expr: Expr) -> tuple[Text, list[str]]:
        """The expression with its own list of temporaries."""
        outer, self.lines = self.lines, []
        text = self.value(expr)
        inner, self.lines = self.lines, outer
        return text, inner

    def _branches(
        self, type: Type, condition: Text, then: tuple[Text, list[str]], otherwise: tuple[Text, list[str]]
    ) -> Text:
        name = self._new_name()
        self.lines.append(f"{C_TYPE[type]} {name};")
        self.lines.append(f"if ({condition.text}) {{")
        self.lines += [f"    {line}" for line in (*then[1], f"{name} = {then[0].text};")]
        self.lines.append("} else {")
        self.lines += [f"    {line}" for line in (*otherwise[1], f"{name} = {otherwise[0].text};")]
        self.lines.append("}")
        return Text(name)

    # ----------------------------------------------------------------------------- calls and queries

    def call_many(self, call: CallMany) -> list[str]:
        """Makes a call with several results, each of which ends up in a temporary."""
        callee: Function = self.program.function(call.function)
        results = [(type, self._new_name()) for type in callee.results]
        invocation = self._invocation(call, [f"&{name}" for _, name in results])
        self.lines += [f"{C_TYPE[type]} {name};" for type, name in results]
        self.lines.append(f"{invocation.text};")
        return [name for _, name in results]

    def _invocation(self, call: Call | CallMany, results: Sequence[str] = ()) -> Text:
        args = list(STORE_ARGS) if self.program.function(call.function).takes_store else []
        self.used.update(args)
        args += [self.value(arg).text for arg in call.args]
        return Text(f"{self.functions[call.function]}({', '.join([*args, *results])})")

    def _query(self, query: Query) -> Text:
        slot = self.program.slots[query.slot]
        self.used.add("cx")
        args = ["cx", str(slot.index), self._state(slot, query)]
        args += [self.value(arg).text for arg in query.args]
        args += [signed(constant) for constant in query.constants]
        self.needs.queries[query.symbol] = query
        note = f"{query.method} of {slot.signal}".replace("*/", "* /")
        return self._named(query.type, Text(f"{query.symbol}({', '.join(args)})"), note)

    def _state(self, slot: Slot, query: Query) -> str:
        if query.object is None and slot.scope != "global":
            return "NULL"
        row = "cx->globals" if query.object is None else self._row(query.object)
        return f"{row} + {slot.offset}" if slot.offset else row

    def _row(self, object: Expr) -> str:
        if isinstance(object, Local) and object.name == self.own_id:
            self.used.add("row")
            return "row"
        self.needs.find_row = True
        if self.row_of is RowOf.FIND:
            return f"vk_find_row(cx, {self.value(object).text})"
        self.needs.row_or_find = True
        self.used.update(STORE_ARGS)
        return f"anvil_row(cx, row, row_id, {self.value(object).text})"

    # ------------------------------------------------------------------------------------ temporaries

    def _named(self, type: Type, text: Text, note: str = "") -> Text:
        name = self._new_name()
        comment = f" /* {note} */" if note else ""
        self._last = name, text, comment
        self.lines.append(f"const {C_TYPE[type]} {name} = {text.text};{comment}")
        return Text(name)

    def _new_name(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"


def _wide(expr: Expr, text: Text) -> Text:
    """The left operand of C's own operator with the width that Core gives it: constants are ints where they fit."""
    if expr.type is not Type.INT64 or not isinstance(expr, Const | Select):
        return text
    if isinstance(expr, Const) and Type.INT.low < expr.value <= Type.INT.high:
        return Text(f"{'-' if expr.value < 0 else ''}INT64_C({abs(expr.value)})", text.level)
    return Text(f"(int64_t){text.within(UNARY)}", UNARY)


def _is_total_in_c(expr: Binary) -> bool:
    """True where C's own operator has Core's meaning for all operands that can occur."""
    if expr.op in ("div", "rem") and expr.type.is_integer:
        return isinstance(expr.right, Const) and expr.right.value not in (0, -1)
    return expr.type in (Type.DOUBLE, Type.UINT64)


def _distance(shift: Binary, text: Text) -> Text:
    if isinstance(shift.right, Const):
        return Text(str(int(shift.right.value) % shift.type.bits))
    return Text(f"(uint64_t){text.within(UNARY)}", UNARY)


def _logical_operand(operand: Text, level: int) -> str:
    return operand.text if operand.level == level else operand.within(COMPARISON)
