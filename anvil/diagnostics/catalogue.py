"""The catalogue: every kind of finding, its rule and its texts as templates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`rule` is the id of the rule in spec/anvil.md; the other texts are filled by `str.format`.

    `message` says what is wrong, `help` what to write instead, `label` what stands at the place itself.
    """

    rule: str
    message: str
    help: str = ""
    label: str = ""


CATALOGUE: dict[str, Kind] = {
    # text and tokens
    "E0101": Kind("lex.character", "unexpected character {char}", "{fix}"),
    "E0102": Kind("lex.number", "`{text}` is not a number of Anvil: {why}", "{fix}"),
    "E0103": Kind("lex.comment", "{what}", "{fix}"),
    "E0104": Kind("lex.preprocessor", "preprocessor directives other than `#include` are not part of Anvil", "{fix}"),
    "E0105": Kind(
        "lex.size", "the source has {size} bytes; the limit is {limit}", "split the program or remove dead code"
    ),
    "E0106": Kind("lex.identifier", "`{name}` is a reserved word of C++ and cannot be used here", "{fix}"),
    # syntax
    "E0110": Kind("syntax.unexpected", "unexpected {found}; expected {expected}", "{fix}"),
    "E0111": Kind("syntax.end", "the file ends too early; expected {expected}", "{fix}"),
    "E0112": Kind("syntax.depth", "nested more than {limit} deep", "name parts of the expression with local variables"),
    "E0113": Kind("syntax.statement", "{what} is not allowed here", "{fix}"),
    "E0114": Kind("syntax.construct", "{what} is not part of Anvil", "{fix}"),
    # names
    "E0201": Kind("name.unknown", "unknown name `{name}`", "{fix}"),
    "E0202": Kind("name.redeclared", "`{name}` is declared twice in one scope", "rename one of them"),
    "E0203": Kind("name.reserved", "`{name}` is {what} and cannot be declared again", "choose another name"),
    "E0204": Kind(
        "function.recursion",
        "`{name}` calls itself: {path}",
        "recursion is not part of Anvil; use a bounded `for` loop",
    ),
    "E0205": Kind("function.unknown", "unknown function `{name}`", "{fix}"),
    "E0206": Kind("name.constant", "`{name}` is {what} and cannot be assigned", "{fix}"),
    "E0207": Kind("name.library", "`{name}` is {what}", "rename it, such as to `{better}`"),
    # types
    "E0301": Kind(
        "type.unknown",
        "unknown type `{name}`",
        "the types are bool, int, int64_t, uint64_t, double and auto{fix}",
        "not a type of Anvil",
    ),
    "E0302": Kind("expr.operand", "`{op}` does not take {types}", "{fix}"),
    "E0303": Kind("call.arity", "`{name}` takes {expected}, got {found}", "its form is `{form}`"),
    "E0304": Kind("call.types", "`{name}` has no form for ({types})", "{fix}"),
    "E0305": Kind("type.value", "{what} is not a value", "{fix}"),
    "E0306": Kind(
        "call.ambiguous", "the call of `{name}` is ambiguous between {forms}", "convert the argument with static_cast"
    ),
    "E0307": Kind("for.form", "{what}", "write `for (int i = A; i < B; i += C)` with a constant step"),
    "E0308": Kind(
        "for.variable",
        "the loop variable `{name}` is assigned in the body of its loop",
        "use another variable; only the loop header may change it",
    ),
    "E0309": Kind(
        "function.missing_return", "not every path of `{name}` returns a value", "end the function with a `return`"
    ),
    "E0310": Kind(
        "var.unassigned", "`{name}` may be used before it is assigned", "give it a value where it is declared"
    ),
    "E0311": Kind("const.expression", "{what} is not a constant expression", "{fix}"),
    "E0312": Kind("expr.side_effect", "the value of this expression is not used", "remove it, or assign it"),
    "E0313": Kind("class.member", "`{type}` has no member `{name}`", "{fix}"),
    "E0314": Kind("class.construct", "a `{type}` cannot be made of ({types})", "{fix}"),
    "E0315": Kind("conv.implicit", "`{source}` does not convert to `{target}`", "{fix}"),
    "E0316": Kind("method.const", "`{name}` changes its object, which {why}", "{fix}"),
    "E0317": Kind("switch.form", "{what}", "{fix}"),
    "E0318": Kind("lambda.capture", "{what}", "{fix}"),
    # store
    "E0401": Kind("store.signal", "`{name}` is not a signal of this template", "{fix}"),
    "E0402": Kind(
        "store.unattached",
        "`{method}` needs {listener} on `{signal}`, which is not attached",
        "add to configure: `config.add_listeners({signal}, {{{example}}});`",
    ),
    "E0403": Kind("store.scope", "`{signal}` is a {scope} signal: {what}", "{fix}"),
    "E0404": Kind("store.query", "the store has no query `{method}`", "{fix}"),
    "E0405": Kind(
        "store.element",
        "{value} is not one of the {param} of {listener} on `{signal}` ({have})",
        "use one of these, or attach `{example}`",
    ),
    "E0406": Kind("store.configure", "{what}", "{fix}"),
    "E0407": Kind(
        "store.ambiguous",
        "`{signal}` has several listeners that answer `{method}`: {listeners}",
        "attach only one of them",
    ),
    "E0408": Kind(
        "store.template",
        "the store is used, but no template declares its signals",
        "name the template: `--interface FILE`",
    ),
    # entry points
    "E0420": Kind("entry.missing", "the template's entry point `{name}` is not defined", "define `{form}`"),
    "E0421": Kind("entry.signature", "`{name}` does not have the signature of the template", "write `{form}`"),
    # verification
    "E0501": Kind("loop.bound", "no bound on the number of iterations of this loop could be proved: {why}", "{fix}"),
    "E0502": Kind(
        "cost.budget", "{what} of {cost:,} steps exceeds the budget of {budget:,} by factor {factor:.1f}", "{fix}"
    ),
    "E0503": Kind("query.index", "{expr} {verb} `{required}`", "{fix}"),
    "E0504": Kind("verify.strict", "{what} is possible here, and `--strict` allows none", "{fix}"),
    # interface files
    "E0601": Kind("interface.form", "{what}", "{fix}"),
    "E0602": Kind("interface.file", "cannot read `{path}`: {why}", "{fix}"),
    # the compiler itself: fail closed
    "E0901": Kind("internal", "internal error while {stage}: {what}", "the program is rejected; please report it"),
}
