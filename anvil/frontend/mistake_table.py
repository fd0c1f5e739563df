"""The named mistakes as data: patterns over the tokens around the place where the parser stops."""

from __future__ import annotations

from dataclasses import dataclass

from anvil.diagnostics.advice import OPERATORS

# Words of C++ (and habits of C) that cannot start or continue anything in Anvil: what each is, and what to do instead.
CONSTRUCTS: dict[str, tuple[str, str]] = {
    "float": ("`float`", "use `double`"),
    "long": ("`long`", "use `int64_t`"),
    "short": ("`short`", "use `int`"),
    "signed": ("`signed`", "use `int` or `int64_t`"),
    "unsigned": ("`unsigned`", "use `uint64_t`"),
    "char": ("`char`", "use `int`"),
    "void": ("`void` in this place", "only functions have the result `void`"),
    "while": ("this form of `while`", "write `while (condition) { ... }`"),
    "do": ("`do ... while`", "use a bounded `for` loop"),
    "goto": ("`goto`", "use `if`, `break` or `continue`"),
    "switch": ("this form of `switch`", "write `switch (value) { case 1: ...; break; default: ...; }`"),
    "new": ("`new`", "heuristics hold no memory; attach a listener to the signal instead"),
    "delete": ("`delete`", "heuristics hold no memory; remove it"),
    "try": ("exception handling", "no operation of Anvil throws; remove it"),
    "catch": ("exception handling", "no operation of Anvil throws; remove it"),
    "throw": ("`throw`", "return a value instead"),
    "nullptr": ("`nullptr`", "heuristics hold no pointers; compare numbers instead"),
    "NULL": ("`NULL`", "heuristics hold no pointers; compare numbers instead"),
    "sizeof": ("`sizeof`", "write the size as a number"),
    "this": ("`this` in this place", "name a member: `this->member`"),
    "class": ("this form of class", "write `struct Name { double member = 0; };` at file level"),
    "struct": ("this form of struct", "write `struct Name { double member = 0; };` at file level"),
    "union": ("a union", "use a struct, or local variables"),
    "enum": ("this form of `enum`", "write `enum Name { A, B };` at file level"),
    "template": ("a template", "write a function for each type"),
    "typedef": ("`typedef`", "use the type's own name"),
    "decltype": ("`decltype`", "use `auto` or the type's own name"),
    "typeid": ("`typeid`", "types are known at compile time; remove it"),
    "dynamic_cast": ("`dynamic_cast`", "use `static_cast`"),
    "reinterpret_cast": ("`reinterpret_cast`", "use `static_cast`"),
    "const_cast": ("`const_cast`", "use a variable that is not const"),
    "virtual": ("`virtual`", "remove it: a call always means the method of its own class"),
    "volatile": ("`volatile`", "remove it"),
    "mutable": ("`mutable`", "remove it"),
    "thread_local": ("`thread_local`", "the state of a heuristic lives in listeners; attach one"),
    "lambda": ("a lambda in this place", "declare it: `auto f = [...](...) { ... };`"),
    "static_assert": ("`static_assert`", "remove it"),
    "asm": ("`asm`", "use the built-ins"),
    "co_await": ("a coroutine", "write a function that returns a value"),
    "co_yield": ("a coroutine", "write a function that returns a value"),
    "co_return": ("a coroutine", "write a function that returns a value"),
    **{word: (f"the word `{word}` as an operator", f"write `{operator}`") for word, operator in OPERATORS.items()},
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """A habit, by its tokens.

    `pattern` is searched in the tokens around the dead end, each followed by a space; `@` stands before the token
    that the parser cannot take. The group `here` is the place of the finding (else that token), `note` a second place.
    `edit` replaces the group `cut`, or is inserted behind the group `after`.
    """

    pattern: str
    what: str
    fix: str
    edit: str | None = None
    note: str = ""
    label: str = ""
    code: str = "E0114"
    expected: str = ""


_SCALAR = r"(?:double|float|int|bool|auto|char|long|short|unsigned|signed|(?:std :: )?u?int\d+_t|(?:std :: )?size_t)"
_CONTAINER = (
    r"(?:vector|map|unordered_map|set|unordered_set|array|string|deque|list|queue|stack|priority_queue|pair|tuple"
    r"|optional|function|unique_ptr|shared_ptr)"
)
_WORD = r"(?:long|int|short|char)"
_INSIDE = r"(?:[^;{}@()]|\([^;{}@()]*\))*"
_HISTORY = "attach a listener that keeps the history, such as `vulcan::RollingWindow(16)`"
_COUNT = "count instead: `for (int i = 0; i < N; ++i) { ... }`"
_OWN = "make it a statement of its own"

MISTAKES: tuple[Mistake, ...] = (
    # types
    Mistake(
        r"(?P<here>\bstd :: numeric_limits < \w+ > @:: \w+ )",
        "`std::numeric_limits`",
        "write the number itself, such as 1e300 or 9223372036854775807",
    ),
    Mistake(
        rf"(?P<here>\b(?:std :: )?(?P<name>{_CONTAINER}) < )[^@;(){{}}]*@",
        r"the container `std::\g<name>`",
        "attach a listener to the signal; it holds the history that you need",
    ),
    Mistake(
        rf"(?P<here>\bstd :: (?P<name>{_CONTAINER}) )@",
        r"`std::\g<name>`",
        "attach a listener to the signal; it holds the history that you need",
    ),
    Mistake(r"(?P<here>(?P<cut>\blong @double ))", "`long double`", "use `double`", edit="double"),
    Mistake(
        rf"(?P<here>(?P<cut>(?P<name>\bunsigned(?= (?:{_WORD} )*@)(?: @?{_WORD}\b)*)))",
        r"`\g<name>`",
        "use `uint64_t`",
        edit="uint64_t",
    ),
    Mistake(
        rf"(?P<here>(?P<cut>(?P<name>\b(?:signed )?long(?= (?:{_WORD} )*@)(?: @?{_WORD}\b)*)))",
        r"`\g<name>`",
        "use `int64_t`",
        edit="int64_t",
    ),
    Mistake(r"(?P<here>(?P<cut>(?P<name>\b(?:short|signed) @(?:int|char))))", r"`\g<name>`", "use `int`", edit="int"),
    Mistake(r"\( (?P<here>(?P<cut>float ))\) @", "`float`", "use `double`", edit="double"),
    Mistake(r"\( (?P<here>(?P<cut>long ))\) @", "`long`", "use `int64_t`", edit="int64_t"),
    Mistake(
        r"\( (?P<here>(?P<cut>(?P<name>unsigned|size_t) ))\) @",
        r"`\g<name>`",
        "use `uint64_t`",
        edit="uint64_t",
    ),
    Mistake(r"(?P<here>@template |\btemplate < @)", "a template", "write a function for each type"),
    Mistake(r"\b(?:class|struct) \w+ (?P<here>@: )", "inheritance", "make the other class a member of this one"),
    # loops of other languages
    Mistake(r"\bfor \( (?=[^:;]*@)(?P<here>(?:@?const )?@?\w+ @?(?:& )?@?\w+ @?: )", "a loop over a container", _COUNT),
    Mistake(r"\bfor (?P<here>@\w+ in )", "a loop over a container", _COUNT),
    # pointers, arrays, memory
    Mistake(r"(?P<cut>@-> )", "`->`", "the store is a reference: call its queries with `.`", edit="."),
    Mistake(
        r"\b(?:vulcan :: )?(?:feature_)?store (?P<here>(?P<cut>@\* ))",
        "a pointer to the store",
        "take it by reference: `const vulcan::store& fs`",
        edit="& ",
    ),
    Mistake(rf"\b{_SCALAR} (?P<here>@(?:\* )+)", "a pointer", "hold the value itself: pass scalars by value"),
    Mistake(rf"\b{_SCALAR} (?P<here>@&&? )", "a reference", "hold the value itself: pass scalars by value"),
    Mistake(r"(?:[=(,]|return) (?P<here>@& \w+ )", "the address of a variable", "pass the value itself"),
    Mistake(r"(?:[=(,]|return) (?P<here>@\* \w+ )", "the value behind a pointer", "use the value itself"),
    Mistake(r"\bauto (?P<here>@\[ (?:\w+ ,? ?)+\] )=", "a structured binding", "declare each variable by itself"),
    Mistake(rf"\b{_SCALAR} (?P<here>\w+ @\[ (?:\w+ )?\] )", "an array", _HISTORY),
    Mistake(rf"\b{_SCALAR} (?P<here>@\[ )", "an array", _HISTORY),
    Mistake(
        r"(?P<here>\w+ @\[ [^\];{}]{0,60}\] )",
        "a subscript",
        "query the history of a signal: `fs.get_kth(signal, obj_id, k)`",
    ),
    # words
    Mistake(r"(?P<here>@static )", "`static`", "the state of a heuristic lives in listeners; attach one"),
    Mistake(
        r"(?P<here>(?P<cut>\b(?:elif|elsif|elseif) ))(?:\( [^;{}@]*)?@", "`elif`", "write `else if`", edit="else if"
    ),
    Mistake(
        r"(?P<here>\b(?:def|fn|func|function) \w+ )(?:\( [^;{}@]*)?@",
        "this form of a function",
        "write `double name(double x) { ... }`",
    ),
    Mistake(
        r"\bconst (?P<here>(?P<cut>(?P<name>\w+) ))@=",
        "a constant without a type",
        r"write `const auto \g<name> = ...`",
        edit=r"auto \g<name>",
    ),
    Mistake(r"(?P<here>(?P<cut>\bimport \w+ ))@", "`import`", "remove it: the built-ins are always there", edit=""),
    Mistake(r"[\w)] (?P<here>@if )[^;{}]* else ", "`a if condition else b`", "write `condition ? a : b`"),
    Mistake(r"\w (?P<here>@: = )", "`:=`", "declare a variable with its type: `double x = ...`"),
    Mistake(
        r"(?P<here>\b(?P<name>if|while) )@(?!\()", r"`\g<name>` without parentheses", r"write `\g<name> (...) { ... }`"
    ),
    Mistake(r"(?P<here>\bfor )@(?!\()", "`for` without parentheses", "write `for (int i = 0; i < N; ++i) { ... }`"),
    Mistake(
        r"(?:\belse|\b(?:if|while|for) \( [^{}@]*\)) (?P<here>@: )",
        "a block that starts with `:`",
        "put the block in braces: `{ ... }`",
    ),
    Mistake(r"(?P<here>\busing \w+ @= )", "a name for a type", "use the type's own name"),
    Mistake(
        rf"\b{_SCALAR} (?P<here>@(?P<name>if|else|for|while|return|break|continue|switch|case|true|false) )",
        r"`\g<name>`",
        "a keyword cannot be a name; choose another",
        code="E0110",
        expected="a name",
    ),
    # operators and assignments
    Mistake(
        r"(?<!\. )(?<!:: )\b(?P<here>(?P<cut>(?P<base>[\w.]+) \* @\* (?P<power>[\w.]+) ))(?![.:(\[])",
        "`**`",
        r"write `anvil::pow(\g<base>, \g<power>)`",
        edit=r"anvil::pow(\g<base>, \g<power>)",
    ),
    Mistake(r"(?P<here>\* @\* )", "`**`", "write `anvil::pow(x, y)`"),
    Mistake(
        rf"\b(?:if|while) \( (?:\( )?{_INSIDE}(?P<cut>@= )",
        "an assignment inside a condition",
        "compare with `==`",
        edit="==",
    ),
    Mistake(r"(?P<here>(?P<cut>(?P<sign>[=!]=) @= ))", r"`\g<sign>=`", r"write `\g<sign>`", edit=r"\g<sign>"),
    Mistake(r"(?P<here>(?P<cut>< @> ))", "`<>`", "write `!=`", edit="!="),
    Mistake(
        rf"\w \( (?:[^;{{}}@()]*, )?(?:const )?{_SCALAR} \w+ (?P<here>@= )",
        "a default argument",
        "pass the value in every call",
    ),
    Mistake(
        r"(?P<first>\w+) = (?P<second>\w+) (?P<here>@= )",
        "an assignment inside an assignment",
        r"write two statements: `\g<second> = ...;` and `\g<first> = \g<second>;`",
    ),
    Mistake(r"(?P<here>@= )", "an assignment inside an expression", _OWN),
    Mistake(r"(?P<here>@(?:[-+*/%&|^]|<<|>>)= )", "an assignment inside an expression", _OWN),
    Mistake(r"(?P<here>@(?P<op>\+\+|--) )", r"`\g<op>` inside an expression", _OWN),
    # punctuation
    Mistake(
        r"(?P<here>(?P<cut>, ))@\) ",
        "`)`",
        "remove the `,`",
        edit="",
        code="E0110",
        expected="one more value after `,`",
    ),
    Mistake(
        r"\bfor \( [^;(){}@]*(?P<here>(?P<cut>, ))\w+ @[<>!=]=? ",
        "`,`",
        "separate the three parts of a `for` by `;`",
        edit=";",
        code="E0110",
        expected="`;` in the head of the loop",
    ),
    Mistake(
        r"\bfor \( [^;(){}@]*;[^;{}@]*(?P<here>(?P<cut>@, ))",
        "`,`",
        "separate the three parts of a `for` by `;`",
        edit=";",
        code="E0110",
        expected="`;` in the head of the loop",
    ),
    Mistake(
        r"(?P<note>\bif )\( [^{};]*\) (?P<here>(?P<cut>; ))(?:\{ [^{}]*\} |[^;{}]*; )?@else ",
        "`;`",
        "remove the `;`: it is an empty body",
        edit="",
        note="of this `if`",
        code="E0110",
        expected="the body of the `if`",
    ),
    Mistake(
        r"\) (?P<here>(?P<cut>; ))@\{",
        "`;`",
        "remove the `;`: it ends a prototype",
        edit="",
        code="E0110",
        expected="the body of the function",
    ),
    Mistake(
        r"(?:^|[;}] )(?P<here>(?P<name>\w+) )@\( [^(){};]*\) \{",
        r"the function `\g<name>` without a result type",
        r"write the type first: `double \g<name>(...)`",
    ),
)
