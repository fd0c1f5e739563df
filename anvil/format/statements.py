"""Statements to lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from anvil.format.expressions import Bodies, expression, items
from anvil.format.nodes import Body, Items, Join, Leaf, Node, reindented
from anvil.format.output import INDENT, Output
from anvil.format.spacing import first_token
from anvil.format.tokens import Comment, Token
from anvil.format.tree import TYPE_HEADS, Block, Control, Directive, Element, Group, Note, Simple, Stmt


def write_body(out: Output, body: list[Stmt], indent: int, spacious: bool = False) -> None:
    """Statements below each other; an empty line between two is kept, before the first only if `spacious`."""
    for place, stmt in enumerate(body):
        depth = indent - INDENT if _goes_with_label(body, place) else indent
        if isinstance(stmt, Block) and place and _is_label(body[place - 1]) and not (out.pending or stmt.open.before):
            out.gap(" ")
            write_block(out, stmt, indent - INDENT, indent)
            continue
        out.fresh(depth)
        if (place or spacious) and _blank_before(stmt):
            out.blank()
        out.current.code = " " * depth
        write(out, stmt, depth)


def _is_label(stmt: Stmt) -> bool:
    return isinstance(stmt, Simple) and stmt.label


def _goes_with_label(body: list[Stmt], place: int) -> bool:
    """Whether a statement is a label, or a comment above one."""
    while place < len(body) and isinstance(body[place], Note):
        place += 1
    return place < len(body) and _is_label(body[place])


def _blank_before(stmt: Stmt) -> bool:
    match stmt:
        case Note():
            return stmt.comments[0].blank_before
        case Directive():
            return stmt.token.blank_before
        case Simple():
            return first_token(stmt.parts[0]).blank_before
        case Control():
            return first_token(stmt.head[0]).blank_before
        case Block():
            return stmt.open.blank_before


def write(out: Output, stmt: Stmt, indent: int) -> None:
    """One statement, at the start of a line that is already indented."""
    out.indent, out.align, out.starting = indent, indent, True
    match stmt:
        case Note():
            out.text(" ".join(reindented(comment.text, indent) for comment in stmt.comments))
            out.pending = True
        case Directive():
            Leaf(stmt.token).inline(out)
        case Block():
            write_block(out, stmt, indent, indent + INDENT)
        case Control():
            _control(out, stmt, indent)
        case Simple():
            _simple(out, stmt, indent)


def write_block(out: Output, block: Block, indent: int, inner: int, spacious: bool = False) -> None:
    """`{`, the statements at `inner`, and `}` at `indent`."""
    out.align, out.starting = indent, False
    Leaf(block.open).inline(out)
    if block.body or block.open.after:
        write_body(out, block.body, inner, spacious)
        out.fresh(indent)
        if spacious and block.close.blank_before:
            out.blank()
        out.current.code = " " * indent
    out.indent, out.align, out.starting = indent, indent, False
    Leaf(block.close).inline(out)


# ------------------------------------------------------------------------------------------------- control flow


def _control(out: Output, stmt: Control, indent: int) -> None:
    head = expression(stmt.head, _bodies(stmt.head))
    if _on_one_line(out, stmt, head):
        return
    is_switch = _text(stmt.head[0]) == "switch"
    braces = isinstance(stmt.body, Block)
    head.put(out, 2 if braces else 0)
    _governed(out, stmt.body, indent, is_switch)
    if stmt.next is None:
        return
    comments = first_token(_first(stmt.next)).before
    if braces and not out.pending and not any(comment.ends_line for comment in comments):
        out.gap(" ")
    else:
        out.fresh(indent)
    write(out, stmt.next, indent)


def _first(stmt: Stmt) -> Element:
    match stmt:
        case Control():
            return stmt.head[0]
        case Simple():
            return stmt.parts[0]
    raise AssertionError("what follows `if` and `do` begins with a word")


def _governed(out: Output, body: Stmt, indent: int, is_switch: bool) -> None:
    if isinstance(body, Block):
        out.gap(" ")
        # labels stand one step inside the switch, their statements two
        write_block(out, body, indent, indent + (2 * INDENT if is_switch else INDENT))
        return
    out.align = indent + INDENT
    out.fresh(indent + INDENT)
    write(out, body, indent + INDENT)
    out.indent = indent


def _on_one_line(out: Output, stmt: Control, head: Node) -> bool:
    """Writes `if (...) simple;`, `for (...) simple;` and `while (...) simple;`, without `else`, where they fit."""
    if stmt.next is not None or _text(stmt.head[0]) in ("else", "do", "switch") or not isinstance(stmt.body, Simple):
        return False
    parts, comments = _without_trailing(stmt.body.parts)
    body = None if stmt.body.label else _flat(parts)
    if body is None or head.flat is None:
        return False
    return _whole(out, f"{head.flat}{'' if body == ';' else ' '}{body}", comments)


def _whole(out: Output, text: str, comments: tuple[Comment, ...]) -> bool:
    """Writes a statement on one line if it fits."""
    if not out.fits(len(text)):
        return False
    out.token(text)
    for comment in comments:
        out.comment(reindented(comment.text, out.column + 2))
    return True


def _without_trailing(parts: list[Element]) -> tuple[list[Element], tuple[Comment, ...]]:
    """The parts without the comments that end the last line, and these."""
    last = parts[-1]
    if isinstance(last, Token):
        return [*parts[:-1], replace(last, after=())], last.after
    if isinstance(last, Block):
        return [*parts[:-1], replace(last, close=replace(last.close, after=()))], last.close.after
    return parts, ()


# -------------------------------------------------------------------------------------------- simple statements


def _simple(out: Output, stmt: Simple, indent: int) -> None:
    if stmt.label:
        _label(out, stmt.parts)
        return
    place = next((k for k, part in enumerate(stmt.parts) if isinstance(part, Block) and not part.inline), None)
    if place is None:
        _declaration(out, stmt.parts, indent, 0)
        return
    head, block, rest = stmt.parts[:place], stmt.parts[place], stmt.parts[place + 1 :]
    assert isinstance(block, Block)
    words = [part.text for part in head if isinstance(part, Token)]
    defines_type = any(word in TYPE_HEADS for word in words[:3]) and not any(_is_parameters(p) for p in head)
    if not defines_type and not rest and _short_function(out, head, block):
        return
    _declaration(out, head, indent, 2)
    out.gap(" ")
    is_namespace = "namespace" in words[:2]
    write_block(out, block, indent, indent if is_namespace else indent + INDENT, is_namespace)
    if rest:
        out.gap("" if _text(rest[0]) == ";" else " ")
        _declaration(out, rest, indent, 0)


def _is_parameters(part: Element) -> bool:
    return isinstance(part, Group) and part.bracket == "("


def _short_function(out: Output, head: list[Element], block: Block) -> bool:
    body = _block_flat(replace(block, close=replace(block.close, after=())))
    start = _statement_node(head).flat
    return body is not None and start is not None and _whole(out, f"{start} {body}", block.close.after)


def _block_flat(block: Block) -> str | None:
    """`{}` or `{ simple; }`."""
    if Leaf(block.open).flat != "{" or Leaf(block.close).flat != "}":
        return None
    if not block.body:
        return "{}"
    only = block.body[0]
    if len(block.body) > 1 or not isinstance(only, Simple) or only.label:
        return None
    flat = _flat(only.parts)
    return None if flat is None else f"{{ {flat} }}"


def _flat(parts: list[Element]) -> str | None:
    """A statement on one line, if it has such a form and holds no block."""
    if any(isinstance(part, Block) and not part.inline for part in parts):
        return None
    return _statement_node(parts).flat


def _label(out: Output, parts: list[Element]) -> None:
    colon = parts[-1]
    assert isinstance(colon, Token)
    first, *rest = parts[:-1]
    assert isinstance(first, Token)
    Leaf(first).put(out)
    if rest:
        out.gap(" ")
        expression(rest, {}).put(out, 1)
    Leaf(colon).put(out)


def _declaration(out: Output, parts: list[Element], indent: int, tail: int) -> None:
    """A statement without block; attributes and `template <...>` get a line of their own where all is too long."""
    node = _statement_node(parts)
    count = _prefix(parts)
    if count and count < len(parts) and (node.flat is None or not out.fits(len(node.flat) + tail)):
        _statement_node(parts[:count]).put(out)
        out.align = indent
        out.fresh(indent)
        out.align = indent + INDENT
        node = _statement_node(parts[count:])
    node.put(out, tail)


def _prefix(parts: list[Element]) -> int:
    """How many parts at the start are attributes or the head of a template."""
    count = 0
    while count < len(parts):
        part = parts[count]
        is_attribute = isinstance(part, Group) and part.bracket == "[" and any(_bracket(p) == "[" for p in part.items)
        if not (is_attribute or _text(part) == "template" or _bracket(part) == "<"):
            break
        count += 1
    return count


def _statement_node(parts: list[Element]) -> Node:
    bodies = _bodies(parts)
    end = parts[-1]
    if isinstance(end, Token) and end.text == ";" and len(parts) > 1:
        return Join([_comma_separated(parts[:-1], bodies), Leaf(end)], [""])
    return _comma_separated(parts, bodies)


def _comma_separated(parts: list[Element], bodies: Bodies) -> Node:
    """Declarators of one declaration, or one expression."""
    if not any(_text(part) == "," for part in parts):
        return expression(parts, bodies, True)
    return Items(None, items(parts, bodies, True), None)


# ------------------------------------------------------------------------------------------------------ lambdas


def _bodies(parts: list[Element]) -> Bodies:
    return {id(block): _body(block) for block in _lambdas(parts)}


def _lambdas(parts: list[Element]) -> Iterator[Block]:
    for part in parts:
        if isinstance(part, Block) and part.inline:
            yield part
        elif isinstance(part, Group):
            yield from _lambdas(part.items)


def _body(block: Block) -> Node:
    def written(out: Output) -> None:
        outer, indent = out.align, out.indent
        write_block(out, block, indent, indent + INDENT)
        out.indent, out.align = indent, outer

    return Body(_block_flat(block), written)


def _text(part: Element) -> str:
    return part.text if isinstance(part, Token) else ""


def _bracket(part: Element) -> str:
    return part.bracket if isinstance(part, Group) else ""
