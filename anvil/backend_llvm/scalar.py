"""The total operations of Core on LLVM values. Guards are selects: branches would cost more than they save."""

from __future__ import annotations

import math

from anvil.backend_llvm.text import LLVM_TYPE, Instructions, double
from anvil.builtins import BUILTINS
from anvil.core import Binary, Cast, Compare, Const, Math, Unary
from anvil.types import Type

# No function is named that LLVM knows by meaning: it would fold and rewrite it. The library has no effects.
PURE = "memory(none) nounwind willreturn speculatable"

_DOUBLE = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_SIGNED = {"lt": "slt", "le": "sle", "gt": "sgt", "ge": "sge", "eq": "eq", "ne": "ne"}
_UNSIGNED = {"lt": "ult", "le": "ule", "gt": "ugt", "ge": "uge", "eq": "eq", "ne": "ne"}
_ORDERED = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "eq": "oeq", "ne": "une"}


class Scalar:
    """Adds operations to a list of instructions; every method gives the name of the result."""

    def __init__(self, code: Instructions) -> None:
        self._code = code

    def unary(self, expr: Unary, x: str) -> str:
        kind = LLVM_TYPE[expr.type]
        if expr.op == "neg":
            return self._value(f"fneg double {x}" if expr.type is Type.DOUBLE else f"sub {kind} 0, {x}")
        return self._value(f"xor {kind} {x}, {'true' if expr.op == 'not' else '-1'}")

    def binary(self, expr: Binary, a: str, b: str) -> str:
        type, kind = expr.type, LLVM_TYPE[expr.type]
        if type is Type.DOUBLE:
            return self._value(f"{_DOUBLE[expr.op]} double {a}, {b}")
        if expr.op in ("shl", "shr"):
            return self._shift(expr, a, b)
        if expr.op not in ("div", "rem"):
            no_wrap = " nsw" if expr.proved and expr.op in ("add", "sub", "mul") else ""
            return self._value(f"{expr.op}{no_wrap} {kind} {a}, {b}")
        operation = f"{'s' if type.is_signed else 'u'}{expr.op}"
        if expr.proved or (isinstance(expr.right, Const) and expr.right.value not in (0, -1)):
            return self._value(f"{operation} {kind} {a}, {b}")
        return self._guarded_division(type, operation, a, b)

    def _guarded_division(self, type: Type, operation: str, a: str, b: str) -> str:
        """x / 0 is 0, x % 0 is x, MIN / -1 is MIN and MIN % -1 is 0; by 1 the machine gives the last two."""
        kind = LLVM_TYPE[type]
        zero = unsafe = self._value(f"icmp eq {kind} {b}, 0")
        if type.is_signed:
            least = self._value(f"icmp eq {kind} {a}, {type.low}")
            minus_one = self._value(f"icmp eq {kind} {b}, -1")
            overflow = self._value(f"and i1 {least}, {minus_one}")
            unsafe = self._value(f"or i1 {zero}, {overflow}")
        divisor = self._select(kind, unsafe, "1", b)
        result = self._value(f"{operation} {kind} {a}, {divisor}")
        return self._select(kind, zero, a if operation.endswith("rem") else "0", result)

    def _shift(self, expr: Binary, a: str, b: str) -> str:
        kind = LLVM_TYPE[expr.type]
        masked = distance = self._resize(expr.right.type, expr.type, b)
        if not expr.proved:
            masked = self._value(f"and {kind} {distance}, {expr.type.bits - 1}")
        operation = "shl" if expr.op == "shl" else "ashr" if expr.type.is_signed else "lshr"
        return self._value(f"{operation} {kind} {a}, {masked}")

    def compare(self, expr: Compare, a: str, b: str) -> str:
        return self._compare(expr.op, expr.left.type, a, b)

    def cast(self, expr: Cast, x: str) -> str:
        source, target = expr.operand.type, expr.type
        if source is target:
            return x
        if target is Type.BOOL:
            return self._compare("ne", source, x, double(0.0) if source is Type.DOUBLE else "0")
        if target is Type.DOUBLE:
            operation = "sitofp" if source.is_signed else "uitofp"
            return self._value(f"{operation} {LLVM_TYPE[source]} {x} to double")
        if source is not Type.DOUBLE:
            return self._resize(source, target, x)
        sign, kind = "s" if target.is_signed else "u", LLVM_TYPE[target]
        if expr.proved:
            return self._value(f"fpto{sign}i double {x} to {kind}")
        return self._intrinsic(kind, f"llvm.fpto{sign}i.sat.{kind}.f64", ["double"], [x])

    def _resize(self, source: Type, target: Type, x: str) -> str:
        wide, narrow = LLVM_TYPE[target], LLVM_TYPE[source]
        if wide == narrow:
            return x
        operation = "trunc" if target.bits < source.bits else "sext" if source.is_signed else "zext"
        return self._value(f"{operation} {narrow} {x} to {wide}")

    # ----------------------------------------------------------------------------------------- built-ins

    def math(self, expr: Math, args: list[str]) -> str:
        match BUILTINS[expr.name].kind:
            case "common":
                return self._common(expr.name, expr.type, args)
            case "test":
                return self._test(expr.name, args[0])
            case "runtime":
                return self._code.call("double", f"anvil_rt_{expr.name}", ["double"] * len(args), args, PURE)
            case _:
                return self._round(args[0]) if expr.name == "round" else self._exact(expr.name, args[0])

    def _common(self, name: str, type: Type, args: list[str]) -> str:
        kind, x = LLVM_TYPE[type], args[0]
        match name:
            case "min":
                return self._select(kind, self._compare("lt", type, args[1], x), args[1], x)
            case "max":
                return self._select(kind, self._compare("lt", type, x, args[1]), args[1], x)
            case "clamp":
                low, high = args[1:]
                upper = self._select(kind, self._compare("lt", type, high, x), high, x)
                return self._select(kind, self._compare("lt", type, x, low), low, upper)
            case "abs":
                return self._absolute(type, x)
            case _:
                return self._sign(type, x)

    def _absolute(self, type: Type, x: str) -> str:
        if type is Type.DOUBLE:
            return self._exact("fabs", x)
        kind = LLVM_TYPE[type]
        return self._intrinsic(kind, f"llvm.abs.{kind}", [kind, "i1"], [x, "false"]) if type.is_signed else x

    def _sign(self, type: Type, x: str) -> str:
        kind = LLVM_TYPE[type]
        zero, one, minus = (double(0.0), double(1.0), double(-1.0)) if type is Type.DOUBLE else ("0", "1", "-1")
        positive = self._compare("gt", type, x, zero)
        below = self._select(kind, self._compare("lt", type, x, zero), minus, zero)
        return self._select(kind, positive, one, below)

    def _test(self, name: str, x: str) -> str:
        if name == "isnan":
            return self._value(f"fcmp uno double {x}, {x}")
        operation = "oeq" if name == "isinf" else "olt"
        return self._value(f"fcmp {operation} double {self._exact('fabs', x)}, {double(math.inf)}")

    def _round(self, x: str) -> str:
        """Halves away from zero. x - trunc(x) is exact; llvm.round would be a call into libm."""
        whole = self._exact("trunc", x)
        rest = self._exact("fabs", self._value(f"fsub double {x}, {whole}"))
        away = self._value(f"fcmp oge double {rest}, {double(0.5)}")
        one = self._intrinsic("double", "llvm.copysign.f64", ["double", "double"], [double(1.0), x])
        return self._select("double", away, self._value(f"fadd double {whole}, {one}"), whole)

    # ------------------------------------------------------------------------------------------- helpers

    def _compare(self, op: str, type: Type, a: str, b: str) -> str:
        if type is Type.DOUBLE:
            return self._value(f"fcmp {_ORDERED[op]} double {a}, {b}")
        predicate = (_SIGNED if type.is_signed else _UNSIGNED)[op]
        return self._value(f"icmp {predicate} {LLVM_TYPE[type]} {a}, {b}")

    def _select(self, kind: str, condition: str, then: str, otherwise: str) -> str:
        return self._value(f"select i1 {condition}, {kind} {then}, {kind} {otherwise}")

    def _exact(self, name: str, x: str) -> str:
        return self._intrinsic("double", f"llvm.{name}.f64", ["double"], [x])

    def _intrinsic(self, result: str, name: str, params: list[str], args: list[str]) -> str:
        return self._code.call(result, name, params, args, "")

    def _value(self, instruction: str) -> str:
        return self._code.value(instruction)
