"""What each code means, with a program that is rejected for it and the same program put right.

Examples that name `vulcan::` are for the template of the cache task, studies/cache/template.anv.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """`wrong` and `right` are whole files: templates if `is_template`, else programs; empty where no file shows it."""

    cause: str
    wrong: str = ""
    right: str = ""
    is_template: bool = False
    strict: bool = False


def _score(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"double score_fn(const vulcan::store& fs, int64_t obj_id) {{\n{lines}}}\n"


def _f(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"double f(double x) {{\n{lines}}}\n"


def _configured(listeners: str, body: str) -> str:
    config = f"    config.add_listeners(size, {{{listeners}}});\n"
    return f"void configure(vulcan::config& config) {{\n{config}}}\n\n{_score(body)}"


_EXAMPLE_OF_A_TEMPLATE = (
    'constexpr vulcan::object_signal<int64_t> hits{"hits"};\n'
    "double score_fn(const vulcan::store& fs, int64_t obj_id);\n"
)

_PAIR = "struct Pair {\n    double first;\n    double second;\n};\n\n"
_COUNTER = "struct Counter {\n    double total = 0;\n    double add(double x) { total += x; return total; }\n};\n\n"

EXPLANATIONS: dict[str, Explanation] = {
    "E0101": Explanation(
        "A character stands outside of comments and strings that no token of C++ holds. Text that was copied from "
        "prose often has a typographic minus, a multiplication sign or a no-break space.",
        _f("return x × 2;"),
        _f("return x * 2;"),
    ),
    "E0102": Explanation(
        "The number is one of C++ that Anvil does not have, or of a type that it does not have: a float (`1.5f`), an "
        "octal number (`010`), an unsigned int (`5u`, `0xFFFFFFFF`), or a number that fits into no type.",
        _f("return x * 1.5f;"),
        _f("return x * 1.5;"),
    ),
    "E0103": Explanation(
        "A comment ends elsewhere than it seems: C++ continues a line comment that ends in a backslash in the next "
        "line, and a block comment goes on until `*/`.",
        _f("/* twice\nreturn x * 2;"),
        _f("/* twice */\nreturn x * 2;"),
    ),
    "E0104": Explanation(
        "Anvil has no preprocessor. `#include` lines are accepted, and ignored, so that a file also compiles as C++.",
        "#define WEIGHT 0.5\n" + _f("return x * WEIGHT;"),
        "constexpr double WEIGHT = 0.5;\n" + _f("return x * WEIGHT;"),
    ),
    "E0105": Explanation(
        "A source holds at most 64 KiB, so that checking it takes a short and predictable time. Programs of that size"
        " are nearly always generated; generate a loop or a function instead of its copies."
    ),
    "E0106": Explanation(
        "The name is a word that C++ keeps for itself, or a macro of a C compiler such as `linux`; the file would not"
        " compile as C++.",
        _f("double register = x;\nreturn register;"),
        _f("double saved = x;\nreturn saved;"),
    ),
    "E0110": Explanation(
        "The text does not follow the grammar at this place. The message says what could stand there; the cause is "
        "often just before it: a missing `;`, `)` or operator.",
        _f("double y = x * 2\nreturn y;"),
        _f("double y = x * 2;\nreturn y;"),
    ),
    "E0111": Explanation(
        "The file ends inside a function, a parenthesis or a declaration. Answers of language models that were cut "
        "off look like this.",
        "double f(double x) {\n    if (x > 0) {\n        return 1;\n    return 0;\n}\n",
        "double f(double x) {\n    if (x > 0) {\n        return 1;\n    }\n    return 0;\n}\n",
    ),
    "E0112": Explanation(
        "Statements and expressions together nest more than 200 deep. No heuristic that a person reads does.",
        _f("return " + "(" * 201 + "x" + ")" * 201 + ";"),
        _f("return x;"),
    ),
    "E0113": Explanation(
        "The statement is one of Anvil's, but it cannot stand here or lacks a part: `break` and `continue` stand in "
        "loops, `return` has a value, `auto` and `const` need one.",
        _f("auto y;\ny = x * 2;\nreturn y;"),
        _f("auto y = x * 2;\nreturn y;"),
    ),
    "E0114": Explanation(
        "This part of C++ is left out of Anvil, since a heuristic must be proved to end, to stay in its memory and to"
        " give the same result everywhere: pointers, arrays, containers, heap, exceptions, static state, recursion. "
        "History lives in listeners, which the store keeps for every object.",
        _f("double last[4] = {x, x, x, x};\nreturn last[0];"),
        _configured("vulcan::RollingWindow(4)", "return fs.get_kth(size, obj_id, 0);"),
    ),
    "E0201": Explanation(
        "The name is not declared at this place: it is misspelled, declared further down or in a block that has "
        "ended, or it comes from a library that Anvil does not have.",
        _f("double scaled = x * 2;\nreturn scale;"),
        _f("double scaled = x * 2;\nreturn scaled;"),
    ),
    "E0202": Explanation(
        "Two declarations in the same block have one name. An inner block may hide a name of an outer one.",
        _f("double y = x;\ndouble y = x * 2;\nreturn y;"),
        _f("double y = x;\ndouble z = y * 2;\nreturn z;"),
    ),
    "E0203": Explanation(
        "The name belongs to a built-in function or to a signal of the template; another meaning would mislead.",
        "double log(double x) {\n    return x;\n}\n",
        "double my_log(double x) {\n    return x;\n}\n",
    ),
    "E0204": Explanation(
        "A function calls itself, directly or through others, so its depth has no bound. Every function can be "
        "written as a loop with a bound.",
        "int f(int n) {\n    return n <= 1 ? 1 : n * f(n - 1);\n}\n",
        "int f(int n) {\n    int product = 1;\n    for (int i = 2; i <= 12; ++i) {\n"
        "        if (i <= n) product *= i;\n    }\n    return product;\n}\n",
    ),
    "E0205": Explanation(
        "No function of that name is known here. A function is defined above its first call, or declared there by a "
        "prototype; the built-ins are those of spec/anvil.md.",
        _f("return half(x);") + "double half(double x) {\n    return x / 2;\n}\n",
        "double half(double x) {\n    return x / 2;\n}\n" + _f("return half(x);"),
    ),
    "E0206": Explanation(
        "Constants and signals are only read. A heuristic changes nothing but its own local variables.",
        _f("const double y = x;\ny = y + 1;\nreturn y;"),
        _f("double y = x;\ny = y + 1;\nreturn y;"),
    ),
    "E0207": Explanation(
        "A file also compiles as C++, where the headers of the C library have taken names before it begins: functions "
        "such as `gamma`, `index` and `y0` at file scope, and macros such as `INFINITY` and `errno` everywhere. "
        "Parameters, local variables and members may be called `gamma`.",
        "constexpr double gamma = 0.9;\n\n" + _f("return gamma * x;"),
        "constexpr double gamma_ = 0.9;\n\n" + _f("return gamma_ * x;"),
    ),
    "E0301": Explanation(
        "The type is not one of Anvil's. Arithmetic on the five scalar types is the same on every machine, which it "
        "is not for `float`, `long` or `unsigned`.",
        _f("float y = x;\nreturn y;"),
        _f("double y = x;\nreturn y;"),
    ),
    "E0302": Explanation(
        "The operator does not take operands of these types: `%`, shifts and bitwise operators take integers, `++` "
        "and `--` no bool, and braces do not narrow.",
        _f("return x % 2;"),
        _f("return anvil::fmod(x, 2);"),
    ),
    "E0303": Explanation(
        "The call has too many or too few arguments. Anvil has no default arguments.",
        _f("return anvil::max(x);"),
        _f("return anvil::max(x, 0.0);"),
    ),
    "E0304": Explanation(
        "`std::min`, `std::max` and `std::clamp` of C++ take arguments of one type. The built-ins in `anvil::` "
        "convert to the common type.",
        _f("return std::max(x, 1);"),
        _f("return anvil::max(x, 1);"),
    ),
    "E0305": Explanation(
        "A signal, a function, a string or the store stands where a number is needed. The value of a signal is what a"
        " query of the store answers.",
        _score("return size;"),
        _score("return fs.get_latest(size, obj_id);"),
    ),
    "E0306": Explanation(
        "Several forms of the function fit the arguments, and C++ prefers none of them. A cast decides.",
        _configured("vulcan::PopPercentile()", "uint64_t half = 1;\nreturn fs.get_pop_percentile(size, half);"),
        _configured(
            "vulcan::PopPercentile()",
            "uint64_t half = 1;\nreturn fs.get_pop_percentile(size, static_cast<double>(half));",
        ),
    ),
    "E0307": Explanation(
        "A `for` declares one integer variable, compares it, and steps it by a constant. Only then can its number of "
        "iterations be known.",
        _f("for (double t = 0; t < 1; t += 0.1) {\n    x += t;\n}\nreturn x;"),
        _f("for (int i = 0; i < 10; ++i) {\n    x += i * 0.1;\n}\nreturn x;"),
    ),
    "E0308": Explanation(
        "The body of the loop changes the loop variable, so the number of iterations cannot be read off its head.",
        _f("for (int i = 0; i < 10; ++i) {\n    if (x > i) i = 10;\n}\nreturn x;"),
        _f("for (int i = 0; i < 10; ++i) {\n    if (x > i) break;\n}\nreturn x;"),
    ),
    "E0309": Explanation(
        "Some path reaches the end of the function without a `return`; in C++ its result would be arbitrary.",
        _f("if (x > 0) return 1;"),
        _f("if (x > 0) return 1;\nreturn 0;"),
    ),
    "E0310": Explanation(
        "On some path the variable is read before anything is assigned to it; in C++ its value would be arbitrary.",
        _f("double y;\nif (x > 0) y = 1;\nreturn y;"),
        _f("double y = 0;\nif (x > 0) y = 1;\nreturn y;"),
    ),
    "E0311": Explanation(
        "The value is needed while the program is compiled: a `constexpr`, or an argument that a listener fixes. "
        "Literals, constants and exact operations on them are known then.",
        _configured("vulcan::EWMA({0.2})", "double alpha = 0.2;\nreturn fs.get_ewma(size, obj_id, alpha);"),
        _configured("vulcan::EWMA({0.2})", "const double alpha = 0.2;\nreturn fs.get_ewma(size, obj_id, alpha);"),
    ),
    "E0312": Explanation(
        "The statement computes a value and drops it. Nothing in Anvil has a side effect, so something is missing.",
        _f("x + 1;\nreturn x;"),
        _f("x = x + 1;\nreturn x;"),
    ),
    "E0313": Explanation(
        "The class or enum has no member of that name, or the value before the `.` is a number and has none.",
        _PAIR + _f("Pair p{x, 1};\nreturn p.third;"),
        _PAIR + _f("Pair p{x, 1};\nreturn p.second;"),
    ),
    "E0314": Explanation(
        "No constructor of the class takes these values, or there are more values than the class has members.",
        _PAIR + _f("Pair p{x, 1, 2};\nreturn p.first;"),
        _PAIR + _f("Pair p{x, 1};\nreturn p.first;"),
    ),
    "E0315": Explanation(
        "C++ does not convert between these types on its own: objects never become numbers, and numbers become enums "
        "only by a cast.",
        _PAIR + _f("Pair p{x, 1};\nreturn p;"),
        _PAIR + _f("Pair p{x, 1};\nreturn p.first;"),
    ),
    "E0316": Explanation(
        "A method that is not `const` may change its object, so it is called on a variable that is not constant, in a"
        " statement of its own.",
        _COUNTER + _f("Counter c;\nreturn c.add(x) + c.total;"),
        _COUNTER + _f("Counter c;\ndouble added = c.add(x);\nreturn added + c.total;"),
    ),
    "E0317": Explanation(
        "A `switch` of Anvil is a plain choice: every label is a different constant, and every case ends with `break`"
        " or `return` rather than going on with the next.",
        "int f(int n) {\n    int r = 0;\n    switch (n) {\n        case 1: r = 10;\n        case 2: r = 20; break;\n"
        "        default: break;\n    }\n    return r;\n}\n",
        "int f(int n) {\n    int r = 0;\n    switch (n) {\n        case 1: r = 10; break;\n"
        "        case 2: r = 20; break;\n        default: break;\n    }\n    return r;\n}\n",
    ),
    "E0318": Explanation(
        "A lambda sees the variables around it only if it captures them: `[=]` or `[x]`.",
        _f("auto twice = []() { return x * 2; };\nreturn twice();"),
        _f("auto twice = [x]() { return x * 2; };\nreturn twice();"),
    ),
    "E0401": Explanation(
        "The first argument of a query is a signal of the template, by its name. A local variable of the same name "
        "hides the signal.",
        _score("return fs.get_latest(sise, obj_id);"),
        _score("return fs.get_latest(size, obj_id);"),
    ),
    "E0402": Explanation(
        "The query reads the state of a listener, and no such listener is attached to the signal. Only the latest "
        "value is always there.",
        _score("return fs.get_ewma(size, obj_id, 0.2);"),
        _configured("vulcan::EWMA({0.2})", "return fs.get_ewma(size, obj_id, 0.2);"),
    ),
    "E0403": Explanation(
        "A per-object signal has a value for each object, so its queries take the id of one; a global signal has one "
        "value, and no id.",
        _score("return fs.get_latest(size);"),
        _score("return fs.get_latest(size, obj_id);"),
    ),
    "E0404": Explanation(
        "The store has no query of that name. Its queries are listed in libvulcan/interface/store.anv.",
        _score("return fs.get_last(size, obj_id);"),
        _score("return fs.get_latest(size, obj_id);"),
    ),
    "E0405": Explanation(
        "A listener such as EWMA keeps one state for each value of its list. The query asks for a value that is not "
        "in the list.",
        _configured("vulcan::EWMA({0.2})", "return fs.get_ewma(size, obj_id, 0.5);"),
        _configured("vulcan::EWMA({0.2, 0.5})", "return fs.get_ewma(size, obj_id, 0.5);"),
    ),
    "E0406": Explanation(
        "`configure` holds calls of `add_listeners` and nothing else. It is evaluated once, when the program is "
        "compiled.",
        _configured("vulcan::EWMA({1.5})", "return 1;"),
        _configured("vulcan::EWMA({0.15})", "return 1;"),
    ),
    "E0407": Explanation(
        "Two listeners of one kind on the signal could answer the query, with different results.",
        _configured("vulcan::RollingWindow(4), vulcan::RollingWindow(16)", "return fs.get_kth(size, obj_id, 1);"),
        _configured("vulcan::RollingWindow(16)", "return fs.get_kth(size, obj_id, 1);"),
    ),
    "E0408": Explanation(
        "The program queries the store, but was checked without the template that declares the signals. Name it with "
        "`anvilc check --interface FILE`, or use no signals.",
        "double f(const vulcan::store& fs) {\n    return fs.get_latest(now);\n}\n",
        _f("return x;"),
    ),
    "E0420": Explanation(
        "The template names the functions that the system calls. Each of them has to be defined.",
        "double rate(const vulcan::store& fs, int64_t obj_id) {\n    return 1;\n}\n",
        _score("return 1;"),
    ),
    "E0421": Explanation(
        "The function has the name of an entry point, but other parameters or another result than the system passes "
        "and expects. The store is always passed by constant reference.",
        "double score_fn(const vulcan::store& fs) {\n    return 1;\n}\n",
        _score("return 1;"),
    ),
    "E0501": Explanation(
        "Every loop must be proved to end. The proof needs a counter that starts at a constant, moves by a constant "
        "and is compared with a constant; other conditions may stand beside it.",
        _f("while (x > 1) {\n    x = x / 2;\n}\nreturn x;"),
        _f("for (int i = 0; i < 64 && x > 1; ++i) {\n    x = x / 2;\n}\nreturn x;"),
    ),
    "E0502": Explanation(
        "In the worst case the call takes more steps than the budget allows (1,000,000 unless told otherwise). Nested"
        " loops multiply.",
        _f(
            "for (int i = 0; i < 2000; ++i) {\n    for (int j = 0; j < 2000; ++j) {\n"
            "        x += 1;\n    }\n}\nreturn x;"
        ),
        _f(
            "for (int i = 0; i < 200; ++i) {\n    for (int j = 0; j < 200; ++j) {\n        x += 1;\n    }\n}\nreturn x;"
        ),
    ),
    "E0503": Explanation(
        "A condition was not proved: the precondition of a query, of a function of the host or of the program, or the "
        "postcondition of a function. Here, the window keeps four values and the fifth is asked for.",
        _configured("vulcan::RollingWindow(4)", "return fs.get_kth(size, obj_id, 4);"),
        _configured("vulcan::RollingWindow(4)", "return fs.get_kth(size, obj_id, 3);"),
    ),
    "E0504": Explanation(
        "With `--strict`, every operation must be proved to need no guard: no overflow, no division of integers by "
        "zero, no shift by more than the width, no conversion that changes the value.",
        "int f(int a, int b) {\n    return a / b;\n}\n",
        "int f(int a, int b) {\n    return b > 0 ? a / b : 0;\n}\n",
        strict=True,
    ),
    "E0601": Explanation(
        "A template holds declarations of signals and prototypes of entry points, in the forms of spec/anvil.md.",
        "double score_fn(double x);\n",
        _EXAMPLE_OF_A_TEMPLATE,
        is_template=True,
    ),
    "E0602": Explanation("The file that `--interface` names does not exist, cannot be read, or is not UTF-8 text."),
    "E0901": Explanation(
        "The compiler failed on the program. What it cannot analyse it rejects, so nothing unproved runs; the fault "
        "is the compiler's. Please report the program."
    ),
}
