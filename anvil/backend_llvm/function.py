"""Functions of Core as LLVM functions. Locals live in allocas: LLVM turns them into registers itself."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from anvil import fold
from anvil.backend_c.analysis import RowOf
from anvil.backend_c.names import local_names
from anvil.backend_llvm.scalar import PURE, Scalar
from anvil.backend_llvm.text import EXTENSION, LLVM_TYPE, Instructions, constant, double
from anvil.builtins import BUILTINS
from anvil.core import (
    Assign,
    Binary,
    Block,
    Break,
    Call,
    CallMany,
    Cast,
    Compare,
    Const,
    Continue,
    Expr,
    ExternCall,
    ExternFunction,
    Function,
    If,
    Local,
    Logical,
    Loop,
    Math,
    Program,
    Query,
    Return,
    ReturnMany,
    Select,
    Stmt,
    Unary,
    children,
    walk_expr,
)
from anvil.types import Type

STORE_PARAMS = ("ptr %cx", "ptr %row", "i64 %row_id")

# Queries of libVulcan read memory, but nothing writes it while an entry point runs: as constant as mathematics, so that
# LLVM computes them once, and outside of the loop over objects where they do not depend on the object.
_QUERY = PURE

# Of a function of the host: nothing is known of it, or that it only computes. It may be computed once instead of twice,
# but not where the program would not call it. LLVM must not take it for a function of the C library of that name.
_EXTERN = "nobuiltin nounwind"
_PURE_EXTERN = "nobuiltin nounwind willreturn memory(none)"

# Both arms of a choice are computed when the lazy one is this small: cheaper than a branch, for machine and compiler.
_EAGER_NODES = 12


class FunctionEmitter:
    """Emits one function; `declarations` then holds what it calls outside of the program.

    `names` and `externs` give the symbols of the functions of the program and of the host.
    """

    def __init__(
        self,
        program: Program,
        names: Mapping[str, str],
        externs: Mapping[str, str],
        function: Function,
        row_of: RowOf,
    ) -> None:
        self.program = program
        self.names = names
        self.externs = externs
        self.function = function
        self.row_of = row_of
        self.own_id = function.params[0].name if row_of is RowOf.OWN else None
        self.code = Instructions()
        self.scalar = Scalar(self.code)
        self.locals = local_names(function)
        self._declared: dict[str, ExternFunction] = {extern.name: extern for extern in program.externs}
        self.loops: list[tuple[str, str]] = []  # labels for `continue` and `break`

    @property
    def declarations(self) -> dict[str, str]:
        return self.code.declarations

    def text(self, linkage: str = "", attributes: str = "") -> str:
        """The definition, under the function's C name."""
        function = self.function
        self._allocate()
        self._block(function.body)
        if function.result is Type.VOID:
            self._leave()
            result = results_type(function.results)
        else:
            zero = {Type.BOOL: "false", Type.DOUBLE: double(0.0)}.get(function.result, "0")
            self.code.result(LLVM_TYPE[function.result], zero)  # never reached
            result = _param(function.result, result=True)
        params = [*STORE_PARAMS] if function.takes_store else []
        params += [f"{_param(param.type)} %{self.locals[param.name]}.in" for param in function.params]
        head = f"define {linkage}{result} @{self.names[function.name]}({', '.join(params)})"
        return "\n".join([f"{head} nounwind{attributes} {{", "entry:", *self.code.lines, "}"])

    def _allocate(self) -> None:
        """Parameters that are never assigned stay values."""
        assigned = fold.assigned(self.function.body)
        self.values = {
            param.name: f"%{self.locals[param.name]}.in" for param in self.function.params if param.name not in assigned
        }
        for param in self.function.params:
            if param.name in assigned:
                self._local(param.name, param.type, f"%{self.locals[param.name]}.in")
        for variable in self.function.variables:
            self._local(variable.name, variable.type, "zeroinitializer")
        for i, type in enumerate(self.function.results):
            self._slot(f"%r{i}", type, "zeroinitializer")

    def _local(self, name: str, type: Type, initial: str) -> None:
        self._slot(f"%{self.locals[name]}", type, initial)

    def _slot(self, place: str, type: Type, initial: str) -> None:
        self.code.effect(f"{place} = alloca {LLVM_TYPE[type]}")
        self.code.effect(f"store {LLVM_TYPE[type]} {initial}, ptr {place}")

    def _leave(self) -> None:
        """Where a function with several results is left: LLVM joins scalars here, and forgets the structure once it
        has inlined the call."""
        self.code.label(_LEAVE)
        kind, whole = results_type(self.function.results), "poison"
        for i, type in enumerate(self.function.results):
            value = self.code.value(f"load {LLVM_TYPE[type]}, ptr %r{i}")
            whole = self.code.value(f"insertvalue {kind} {whole}, {LLVM_TYPE[type]} {value}, {i}")
        self.code.result(kind, whole if self.function.results else "")

    # ---------------------------------------------------------------------------------------- statements

    def _block(self, block: Block) -> None:
        for stmt in block:
            if not self.code.open:
                return  # after a return, break or continue
            self._statement(stmt)

    def _statement(self, stmt: Stmt) -> None:
        match stmt:
            case Assign():
                value = self.expr(stmt.value)
                self.code.effect(f"store {LLVM_TYPE[stmt.value.type]} {value}, ptr %{self.locals[stmt.name]}")
            case If():
                self._if(stmt)
            case Loop():
                self._loop(stmt)
            case Break():
                self.code.jump(self.loops[-1][1])
            case Continue():
                self.code.jump(self.loops[-1][0])
            case Return():
                self.code.result(LLVM_TYPE[stmt.value.type], self.expr(stmt.value))
            case CallMany():
                self._call_many(stmt)
            case ReturnMany():
                for i, (value, type) in enumerate(zip(map(self.expr, stmt.values), self.function.results, strict=True)):
                    self.code.effect(f"store {LLVM_TYPE[type]} {value}, ptr %r{i}")
                self.code.jump(_LEAVE)

    def _call_many(self, stmt: CallMany) -> None:
        callee = self.program.function(stmt.function)
        kind, call = results_type(callee.results), self._invocation(stmt)
        if not callee.results:
            self.code.effect(f"call {kind} {call}")
            return
        whole = self.code.value(f"call {kind} {call}")
        for i, (target, type) in enumerate(zip(stmt.targets, callee.results, strict=True)):
            if target:
                value = self.code.value(f"extractvalue {kind} {whole}, {i}")
                self.code.effect(f"store {LLVM_TYPE[type]} {value}, ptr %{self.locals[target]}")

    def _if(self, stmt: If) -> None:
        then, otherwise, after = (self.code.new_label(hint) for hint in ("then", "else", "endif"))
        self.code.branch(self.expr(stmt.condition), then, otherwise if stmt.otherwise else after)
        self.code.label(then)
        self._block(stmt.then)
        self.code.jump(after)
        if stmt.otherwise:
            self.code.label(otherwise)
            self._block(stmt.otherwise)
        self.code.label(after)

    def _loop(self, loop: Loop) -> None:
        test, body, step, after = (self.code.new_label(hint) for hint in ("while", "body", "step", "done"))
        self.code.label(test)
        self.code.branch(self.expr(loop.condition), body, after)
        self.loops.append((step, after))
        self.code.label(body)
        self._block(loop.body)
        self.loops.pop()
        self.code.label(step)
        self._block(loop.step)
        self.code.jump(test)
        self.code.label(after)

    # --------------------------------------------------------------------------------------- expressions

    def expr(self, expr: Expr) -> str:
        """Emits an expression and gives the name of its value."""
        match expr:
            case Const():
                return constant(expr)
            case Local():
                return self._read(expr)
            case Logical():
                then, otherwise = (expr.right, _FALSE) if expr.op == "and" else (_TRUE, expr.right)
                return self._choice(Type.BOOL, self.expr(expr.left), then, otherwise)
            case Select():
                return self._choice(expr.type, self.expr(expr.condition), expr.then, expr.otherwise)
            case Call():
                return self.code.value(f"call {_param(expr.type, result=True)} {self._invocation(expr)}")
            case ExternCall():
                return self._extern(expr)
            case Query():
                return self._query(expr)
            case _:
                return self._operation(expr, [self.expr(operand) for operand in children(expr)])

    def _operation(self, expr: Unary | Binary | Compare | Cast | Math, operands: list[str]) -> str:
        match expr:
            case Unary():
                return self.scalar.unary(expr, *operands)
            case Binary():
                return self.scalar.binary(expr, *operands)
            case Compare():
                return self.scalar.compare(expr, *operands)
            case Cast():
                return self.scalar.cast(expr, *operands)
            case Math():
                return self.scalar.math(expr, operands)

    def _read(self, local: Local) -> str:
        if local.name in self.values:
            return self.values[local.name]
        return self.code.value(f"load {LLVM_TYPE[local.type]}, ptr %{self.locals[local.name]}")

    def _choice(self, type: Type, condition: str, then: Expr, otherwise: Expr) -> str:
        kind = LLVM_TYPE[type]
        if _is_small(then) and _is_small(otherwise):
            return self.code.value(f"select i1 {condition}, {kind} {self.expr(then)}, {kind} {self.expr(otherwise)}")
        labels = [self.code.new_label(hint) for hint in ("if", "or")]
        after = self.code.new_label("end")
        self.code.branch(condition, *labels)
        arms: list[str] = []
        for label, arm in zip(labels, (then, otherwise), strict=True):
            self.code.label(label)
            value = self.expr(arm)
            arms.append(f"[ {value}, %{self.code.block} ]")
            self.code.jump(after)
        self.code.label(after)
        return self.code.value(f"phi {kind} {', '.join(arms)}")

    def _invocation(self, call: Call | CallMany) -> str:
        args = list(STORE_PARAMS) if self.program.function(call.function).takes_store else []
        args += [f"{_param(arg.type)} {self.expr(arg)}" for arg in call.args]
        return f"@{self.names[call.function]}({', '.join(args)})"

    def _extern(self, call: ExternCall) -> str:
        extern = self._declared[call.name]
        symbol, result = self.externs[call.name], _param(extern.result, result=True)
        params = [_param(param.type) for param in extern.params]
        attributes = _PURE_EXTERN if extern.pure else _EXTERN
        self.code.declarations[symbol] = f"declare {result} @{symbol}({', '.join(params)}) {attributes}"
        args = [f"{param} {self.expr(arg)}" for param, arg in zip(params, call.args, strict=True)]
        return self.code.value(f"call {result} @{symbol}({', '.join(args)}) {attributes}")

    # ------------------------------------------------------------------------------------------- queries

    def _query(self, query: Query) -> str:
        slot = self.program.slots[query.slot]
        if query.object is not None:
            state = self._offset(self._row(query.object), slot.offset)
        elif slot.scope == "global":
            state = self._offset(self.code.value("load ptr, ptr %cx"), slot.offset)
        else:
            state = "null"
        params = ["ptr", "i32", "ptr", *(LLVM_TYPE[arg.type] for arg in query.args), *("i64" for _ in query.constants)]
        args = ["%cx", str(slot.index), state, *map(self.expr, query.args), *map(str, query.constants)]
        return self.code.call(LLVM_TYPE[query.type], query.symbol, params, args, _QUERY)

    def _offset(self, row: str, offset: int) -> str:
        return self.code.value(f"getelementptr inbounds i8, ptr {row}, i64 {offset}") if offset else row

    def _row(self, object: Expr) -> str:
        if isinstance(object, Local) and object.name == self.own_id:
            return "%row"
        object_id = self.expr(object)
        if self.row_of is RowOf.FIND:
            return self._find(object_id)
        find, after = self.code.new_label("find"), self.code.new_label("found")
        same = self.code.value(f"icmp eq i64 {object_id}, %row_id")
        given = self.code.value("icmp ne ptr %row, null")
        own = self.code.value(f"and i1 {same}, {given}")
        before = self.code.block
        self.code.branch(own, after, find)
        self.code.label(find)
        found = self._find(object_id)
        self.code.label(after)
        return self.code.value(f"phi ptr [ %row, %{before} ], [ {found}, %{find} ]")

    def _find(self, object_id: str) -> str:
        return self.code.call("nonnull ptr", "vk_find_row", ["ptr", "i64"], ["%cx", object_id], _QUERY)


_LEAVE = "leave"
_TRUE, _FALSE = Const(Type.BOOL, True), Const(Type.BOOL, False)


def results_type(results: tuple[Type, ...]) -> str:
    """What a function with several results, or none, gives."""
    return "{ " + ", ".join(LLVM_TYPE[type] for type in results) + " }" if results else "void"


def _param(type: Type, *, result: bool = False) -> str:
    """With the attribute that the C calling convention asks for: before a result's type, after a parameter's."""
    extension = EXTENSION.get(type, "")
    return f"{extension}{LLVM_TYPE[type]}" if result else f"{LLVM_TYPE[type]} {extension}".rstrip()


def _is_small(expr: Expr) -> bool:
    nodes = list(islice(walk_expr(expr), _EAGER_NODES + 1))
    return len(nodes) <= _EAGER_NODES and all(map(_is_cheap, nodes))


def _is_cheap(expr: Expr) -> bool:
    if isinstance(expr, Math):
        return BUILTINS[expr.name].cost <= 2
    return not isinstance(expr, Call | ExternCall | Query)
