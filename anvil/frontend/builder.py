"""Builds the surface AST during the parse: one method a grammar rule, given all its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anvil.diagnostics import fail
from anvil.frontend import ast
from anvil.frontend.lexer import Token
from anvil.frontend.mistakes import CONSTRUCTS
from anvil.frontend.precedence import PRECEDENCE
from anvil.span import NOWHERE, Span

MAX_DEPTH = 200
"""Deepest nesting of statements and expressions together ([syntax.depth])."""

RESERVED = frozenset(
    """
    alignas alignof and and_eq asm bitand bitor case catch char char8_t char16_t char32_t co_await co_return
    co_yield compl concept const_cast consteval constinit decltype default delete do dynamic_cast enum explicit
    export float friend goto long mutable new noexcept not not_eq nullptr operator or or_eq protected register
    reinterpret_cast requires short signed sizeof static_assert switch this thread_local throw try typedef typeid
    typename union unsigned virtual void volatile wchar_t xor xor_eq linux unix NULL
    """.split()
)
"""Words that C++ (or a macro of it) keeps for itself and the grammar has no token for."""

FOREIGN_TYPES = frozenset(["void", "float", "long", "short", "unsigned", "signed", "char"])
"""Types of C++ that parse as type names, so that the type checker can say which type to use instead."""

_Children = list[Any]
_Head = tuple[frozenset[str], tuple[ast.Attribute, ...]]


def _span(children: _Children) -> Span:
    first: Span = children[0].span
    last: Span = children[-1].span
    return Span(first.line, first.column, first.start, last.end)


def _nodes(children: _Children) -> _Children:
    return [child for child in children if not isinstance(child, Token)]


@dataclass(frozen=True, slots=True)
class _Declarator:
    name: Token
    value: ast.Expr | None
    span: Span


class Builder:
    """What the parser calls for every rule: children arrive in source order, punctuation included."""

    def __init__(self) -> None:
        self._depths: dict[int, tuple[int, Any]] = {}  # the node itself keeps its id from being used again

    def forget(self) -> None:
        """Drops what was remembered about the nodes of one file."""
        self._depths.clear()

    def _deep(self, node: Any, *parts: Any) -> Any:
        """The node itself, after checking how deep its parts nest."""
        depth = 1 + max((self._depths[id(part)][0] for part in parts if id(part) in self._depths), default=0)
        if depth > MAX_DEPTH:
            raise fail("E0112", node.span, limit=MAX_DEPTH)
        self._depths[id(node)] = depth, node
        return node

    # -------------------------------------------------------------------------------------------- file level

    def start(self, children: _Children) -> ast.File:
        return ast.File(tuple(_flat(children)))

    def empty(self, children: _Children) -> ast.Compound:
        return ast.Compound((), True, _span(children))

    def namespace(self, children: _Children) -> ast.Namespace:
        body = tuple(_flat(_nodes(children[3:-1])))
        return ast.Namespace(str(children[1]), body, _span(children))

    def using(self, children: _Children) -> ast.Compound:
        return ast.Compound((), True, _span(children))

    def class_definition(self, children: _Children) -> ast.Class:
        def members(kind: type) -> tuple[Any, ...]:
            return tuple(
                m for child in children for m in (child.body if _spliced(child) else (child,)) if type(m) is kind
            )

        name = _name(children[1])
        parts = members(ast.Declaration), members(ast.Constructor), members(ast.Function)
        node = ast.Class(name, *parts, children[1].span, _span(children))
        return self._deep(node, *parts[1], *parts[2])  # type: ignore[no-any-return]

    def access(self, children: _Children) -> ast.Compound:
        return ast.Compound((), True, _span(children))

    def template(self, children: _Children) -> Token:
        return children[0]  # type: ignore[no-any-return]

    def field(self, children: _Children) -> ast.Compound:
        return self.constant(children)

    def method(self, children: _Children) -> ast.Function:
        children = [child for child in children if not _is(child, "TEMPLATE")]
        constant = any(_is(child, "CONST") for child in children)
        body = children[-1] if isinstance(children[-1], ast.Compound) else None
        node = _function(children, body, constant)
        return self._deep(node, body)  # type: ignore[no-any-return]

    def constructor(self, children: _Children) -> ast.Constructor:
        _, rest = _headed(children)
        params = next((c for c in rest if _all_of(c, ast.Param)), ())
        initialisers = next((c for c in rest if _all_of(c, tuple)), ())
        body = rest[-1] if isinstance(rest[-1], ast.Compound) else None
        node = ast.Constructor(_name(rest[0]), params, initialisers, body, rest[0].span, _span(rest))
        return self._deep(node, body, *(value for _, value, _ in initialisers))  # type: ignore[no-any-return]

    def initialisers(self, children: _Children) -> tuple[tuple[str, ast.Expr, Span], ...]:
        return tuple(child for child in children if isinstance(child, tuple))

    def initialiser(self, children: _Children) -> tuple[str, ast.Expr, Span]:
        value = children[1] if isinstance(children[1], ast.BraceList) else children[2]
        return _name(children[0]), value, children[0].span

    def enum_definition(self, children: _Children) -> ast.Enum:
        place = next(i for i, child in enumerate(children) if _is(child, "NAME"))
        enumerators = tuple(child for child in children if isinstance(child, tuple))
        name = _name(children[place])
        return ast.Enum(name, place > 1, enumerators, children[place].span, _span(children))

    def enumerator(self, children: _Children) -> tuple[str, ast.Expr | None, Span]:
        return _name(children[0]), children[2] if len(children) > 1 else None, children[0].span

    def policy_call(self, children: _Children) -> ast.ExprStatement:
        receiver, method = children[0], children[2]
        args = children[4] if len(children) > 6 else ()
        call = ast.Call(ast.Name((_name(method),), None, method.span), args, receiver, _span(children))
        return self._deep(ast.ExprStatement(call, _span(children)), *args)  # type: ignore[no-any-return]

    def function(self, children: _Children) -> ast.Function:
        return self._deep(_function(children, children[-1]), children[-1])  # type: ignore[no-any-return]

    def prototype(self, children: _Children) -> ast.Function:
        return _function(children, None)

    def constant(self, children: _Children) -> ast.Compound:
        (specifiers, attributes), rest = _headed(children)
        type_name = rest[0]
        constant = type_name.constant or "constexpr" in specifiers
        found = _declarations(type_name, rest, constant, _span(rest), attributes)
        return self._deep(found, *(d.value for d in found.body if isinstance(d, ast.Declaration)))  # type: ignore[no-any-return]

    def head(self, children: _Children) -> tuple[frozenset[str], tuple[ast.Attribute, ...]]:
        specifiers = frozenset(child for child in children if isinstance(child, str))
        attributes = tuple(a for child in children if isinstance(child, tuple) for a in child)
        return specifiers, attributes

    def specifier(self, children: _Children) -> str:
        word = str(children[0])
        if word == "static":
            raise fail(
                "E0114",
                children[0].span,
                what="`static`",
                fix="functions need no `static`; the state of a heuristic lives in listeners",
            )
        return word

    def attributes(self, children: _Children) -> tuple[ast.Attribute, ...]:
        return tuple(child for child in children if isinstance(child, ast.Attribute))

    def attribute(self, children: _Children) -> ast.Attribute:
        arguments = next((child for child in children if isinstance(child, tuple)), ())
        name: ast.Name = children[0]
        return ast.Attribute(name.text, arguments, _span(children))

    def params(self, children: _Children) -> tuple[ast.Param, ...]:
        return tuple(_nodes(children))

    def param(self, children: _Children) -> ast.Param:
        (_, attributes), rest = _headed(children)
        name = _name(rest[1]) if len(rest) > 1 else ""
        return ast.Param(rest[0], name, attributes, _span(rest))

    # ------------------------------------------------------------------------------------------------- types

    def type(self, children: _Children) -> ast.TypeName:
        base = next(child for child in children if isinstance(child, ast.TypeName))
        constant = any(_is(child, "CONST") for child in children)
        reference = any(_is(child, "REF") for child in children)
        return ast.TypeName(base.path, base.args, constant, reference, _span(children))

    def type_name(self, children: _Children) -> ast.TypeName:
        args = children[1] if len(children) > 1 else ()
        if isinstance(children[0], ast.Name):
            return ast.TypeName(children[0].path, args, span=_span(children[:1]))
        return _scalar(children[0])

    def type_args(self, children: _Children) -> tuple[ast.TypeName, ...]:
        return tuple(_nodes(children))

    def local_type(self, children: _Children) -> ast.TypeName:
        constant = any(_is(child, "CONST") for child in children)
        core = next(child for child in children if not _is(child, "CONST"))
        if isinstance(core, ast.Name):
            return ast.TypeName(core.path, (), constant, span=core.span)
        return ast.TypeName(_scalar(core).path, (), constant, span=core.span)

    def path(self, children: _Children) -> ast.Name:
        names = [str(child) if child in FOREIGN_TYPES else _name(child) for child in children[::2]]
        return ast.Name(tuple(names), None, _span(children))

    # -------------------------------------------------------------------------------------------- statements

    def block(self, children: _Children) -> ast.Compound:
        body = tuple(_nodes(children))
        return self._deep(ast.Compound(body, False, _span(children)), *body)  # type: ignore[no-any-return]

    def terminated(self, children: _Children) -> ast.Stmt:
        return children[0]  # type: ignore[no-any-return]

    def declaration(self, children: _Children) -> ast.Compound:
        type_name = next(child for child in children if isinstance(child, ast.TypeName))
        compile_time = _is(children[0], "CONSTEXPR")
        constant = type_name.constant or compile_time
        found = _declarations(type_name, children, constant, _span(children), (), compile_time)
        return self._deep(found, *(d.value for d in found.body if isinstance(d, ast.Declaration)))  # type: ignore[no-any-return]

    def declarator(self, children: _Children) -> _Declarator:
        if len(children) == 1:
            return _Declarator(children[0], None, _span(children))
        if _is(children[1], "LPAR"):
            value = ast.BraceList(children[2], None, True, _span(children[1:]))
            return _Declarator(children[0], self._deep(value, *children[2]), _span(children))
        if isinstance(children[1], ast.BraceList):
            return _Declarator(children[0], children[1], _span(children))
        return _Declarator(children[0], children[2], _span(children))

    def expr_statement(self, children: _Children) -> ast.ExprStatement:
        return self._deep(ast.ExprStatement(children[0], _span(children)), children[0])  # type: ignore[no-any-return]

    def assignment(self, children: _Children) -> ast.Assignment:
        target, op, value = children
        return self._deep(ast.Assignment(target, str(op), value, _span(children)), value)  # type: ignore[no-any-return]

    def prefix_step(self, children: _Children) -> ast.Assignment:
        return _step(children[1], children[0], _span(children))

    def postfix_step(self, children: _Children) -> ast.Assignment:
        return _step(children[0], children[1], _span(children))

    def if_statement(self, children: _Children) -> ast.If:
        otherwise = children[6] if len(children) > 5 else None
        node = ast.If(children[2], children[4], otherwise, _span(children))
        return self._deep(node, *_nodes(children))  # type: ignore[no-any-return]

    def for_statement(self, children: _Children) -> ast.For:
        parts: list[Any] = [None, None, None]
        place = 0
        for child in children[2:-2]:
            if _is(child, "SEMICOLON"):
                place += 1
            else:
                parts[place] = child
        node = ast.For(parts[0], parts[1], parts[2], children[-1], _span(children))
        return self._deep(node, *_nodes(children))  # type: ignore[no-any-return]

    def while_statement(self, children: _Children) -> ast.While:
        return self._deep(ast.While(children[2], children[4], _span(children)), children[2], children[4])  # type: ignore[no-any-return]

    def switch_statement(self, children: _Children) -> ast.Switch:
        cases = tuple(child for child in children if isinstance(child, ast.Case))
        node = ast.Switch(children[2], cases, _span(children))
        return self._deep(node, children[2], *cases)  # type: ignore[no-any-return]

    def case_group(self, children: _Children) -> ast.Case:
        labels = tuple(child[0] for child in children if isinstance(child, tuple))
        body = tuple(_nodes([child for child in children if not isinstance(child, tuple)]))
        first: Token = next(child for child in children if isinstance(child, tuple))[1]
        span = first.span.to(body[-1].span) if body else first.span
        return self._deep(ast.Case(labels, body, span), *body)  # type: ignore[no-any-return]

    def case_label(self, children: _Children) -> tuple[ast.Expr | None, Token]:
        return (children[1] if len(children) > 2 else None), children[0]

    def break_statement(self, children: _Children) -> ast.Break:
        return ast.Break(_span(children))

    def continue_statement(self, children: _Children) -> ast.Continue:
        return ast.Continue(_span(children))

    def return_statement(self, children: _Children) -> ast.Return:
        value = children[1] if len(children) > 2 else None
        return self._deep(ast.Return(value, _span(children)), value)  # type: ignore[no-any-return]

    # ------------------------------------------------------------------------------------------- expressions

    def ternary(self, children: _Children) -> ast.Expr:
        condition, _, then, _, otherwise = children
        node = ast.Conditional(condition, then, otherwise, _span(children))
        return self._deep(node, condition, then, otherwise)  # type: ignore[no-any-return]

    def chain(self, children: _Children) -> ast.Expr:
        """Operands and operators in turn, by precedence climbing; operators of one level associate to the left."""
        operands: list[ast.Expr] = [children[0]]
        waiting: list[str] = []
        for place in range(1, len(children), 2):
            op = str(children[place])
            while waiting and PRECEDENCE[waiting[-1]] >= PRECEDENCE[op]:
                self._combine(operands, waiting.pop())
            waiting.append(op)
            operands.append(children[place + 1])
        while waiting:
            self._combine(operands, waiting.pop())
        return operands[0]

    def _combine(self, operands: list[ast.Expr], op: str) -> None:
        right, left = operands.pop(), operands.pop()
        operands.append(self._deep(ast.Binary(op, left, right, left.span.to(right.span)), left, right))

    def unary(self, children: _Children) -> ast.Expr:
        return self._deep(ast.Unary(str(children[0]), children[1], _span(children)), children[1])  # type: ignore[no-any-return]

    def c_cast(self, children: _Children) -> ast.Expr:
        return self._cast(children[1], children[3], children)

    def functional_cast(self, children: _Children) -> ast.Expr:
        return self._cast(children[0], children[2], children)

    def static_cast(self, children: _Children) -> ast.Expr:
        target = children[2]
        if isinstance(target, ast.Name):
            node = ast.Cast(ast.TypeName(target.path, span=target.span), children[5], _span(children))
            return self._deep(node, children[5])  # type: ignore[no-any-return]
        return self._cast(target, children[5], children)

    def _cast(self, type_token: Token, operand: ast.Expr, children: _Children) -> ast.Expr:
        node = ast.Cast(_scalar(type_token), operand, _span(children))
        return self._deep(node, operand)  # type: ignore[no-any-return]

    def member(self, children: _Children) -> ast.Expr:
        receiver = _receiver(children[0])
        return self._deep(ast.Member(receiver, _name(children[2]), _span(children)), receiver)  # type: ignore[no-any-return]

    def braced_call(self, children: _Children) -> ast.Expr:
        braces: ast.BraceList = children[1]
        return self._deep(ast.BraceList(braces.items, children[0], False, _span(children)), braces)  # type: ignore[no-any-return]

    def captures(self, children: _Children) -> tuple[ast.Capture, ...]:
        return tuple(child for child in children if isinstance(child, ast.Capture))

    def capture(self, children: _Children) -> ast.Capture:
        name = next((str(child) for child in children if _is(child, "NAME") or _is(child, "THIS")), "")
        return ast.Capture(name, _is(children[0], "REF"), _span(children))

    def lambda_(self, children: _Children) -> ast.Expr:
        captures = next((c for c in children if _all_of(c, ast.Capture)), ())
        params = next((c for c in children if _all_of(c, ast.Param)), ())
        result = next((c for c in children if isinstance(c, ast.TypeName)), None)
        node = ast.Lambda(captures, params, result, children[-1], _span(children))
        return self._deep(node, children[-1])  # type: ignore[no-any-return]

    def method_call(self, children: _Children) -> ast.Expr:
        receiver, method = _receiver(children[0]), children[2]
        args = children[4] if len(children) > 5 else ()
        callee = ast.Name((_name(method),), None, method.span)
        return self._deep(ast.Call(callee, args, receiver, _span(children)), receiver, *args)  # type: ignore[no-any-return]

    def call(self, children: _Children) -> ast.Expr:
        args = children[2] if len(children) > 3 else ()
        return self._deep(ast.Call(children[0], args, None, _span(children)), *args)  # type: ignore[no-any-return]

    def typed_call(self, children: _Children) -> ast.Expr:
        path: ast.Name = children[0]
        callee = ast.Name(path.path, _scalar(children[2]), path.span)
        args = children[5] if len(children) > 6 else ()
        return self._deep(ast.Call(callee, args, None, _span(children)), *args)  # type: ignore[no-any-return]

    def parenthesised(self, children: _Children) -> ast.Expr:
        return self._deep(children[1], children[1])  # type: ignore[no-any-return]

    def number(self, children: _Children) -> ast.Expr:
        return ast.Number(str(children[0]), _span(children))

    def boolean(self, children: _Children) -> ast.Expr:
        return ast.Bool(children[0] == "true", _span(children))

    def string(self, children: _Children) -> ast.Expr:
        return ast.String(str(children[0]), _span(children))

    def arguments(self, children: _Children) -> tuple[ast.Expr, ...]:
        return tuple(_nodes(children))

    def brace_list(self, children: _Children) -> ast.BraceList:
        node = ast.BraceList(tuple(_nodes(children)), span=_span(children))
        return self._deep(node, *_nodes(children))  # type: ignore[no-any-return]


_NO_HEAD: _Head = (frozenset(), ())


def _headed(children: _Children) -> tuple[_Head, _Children]:
    """The specifiers and attributes in front of a declaration, and the rest of it."""
    first = children[0]
    if isinstance(first, tuple) and len(first) == 2 and isinstance(first[0], frozenset):
        return first, children[1:]
    return _NO_HEAD, children


def _is(node: Any, kind: str) -> bool:
    return isinstance(node, Token) and node.kind == kind


def _flat(items: _Children) -> list[ast.Item]:
    """Items with the declarations of one statement spliced in."""
    found: list[ast.Item] = []
    for item in items:
        if isinstance(item, ast.Compound):
            found.extend(_flat(list(item.body)))
        else:
            found.append(item)
    return found


def _name(token: Token) -> str:
    text = str(token)
    if text in CONSTRUCTS and text in RESERVED:
        what, fix = CONSTRUCTS[text]
        raise fail("E0114", token.span, what=what, fix=fix)
    if text in RESERVED:
        raise fail("E0106", token.span, name=text, fix="choose another name")
    return text


def _scalar(token: Token) -> ast.TypeName:
    return ast.TypeName((str(token).removeprefix("std::"),), span=token.span)


def _function(children: _Children, body: ast.Compound | None, constant: bool = False) -> ast.Function:
    (specifiers, attributes), rest = _headed(children)
    result, name = rest[0], rest[1]
    params = next((c for c in rest[2:] if isinstance(c, tuple)), ())
    external = "extern" in specifiers
    return ast.Function(result, _name(name), params, body, attributes, constant, external, name.span, _span(rest))


def _receiver(node: Any) -> ast.Expr:
    return ast.This(node.span) if isinstance(node, Token) else node


def _all_of(node: Any, kind: type) -> bool:
    """Whether a child is a non-empty list of nodes of one kind."""
    return isinstance(node, tuple) and bool(node) and all(isinstance(item, kind) for item in node)


def _spliced(node: Any) -> bool:
    return isinstance(node, ast.Compound) and node.transparent


def _declarations(
    type_name: ast.TypeName,
    children: _Children,
    constant: bool,
    span: Span,
    attributes: tuple[ast.Attribute, ...],
    compile_time: bool = False,
) -> ast.Compound:
    body = tuple(
        ast.Declaration(
            type_name, _name(found.name), found.value, constant, found.name.span, span, attributes, compile_time
        )
        for found in children
        if isinstance(found, _Declarator)
    )
    return ast.Compound(body, True, span)


def _step(target: ast.Expr, token: Token, span: Span) -> ast.Assignment:
    return ast.Assignment(target, f"{str(token)[0]}=", ast.Number("1", NOWHERE), span)
