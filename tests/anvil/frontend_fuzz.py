"""Sources that nobody would write: `python -m tests.anvil.frontend_fuzz [COUNT] [SEED]`, by default 100,000 a kind."""

from __future__ import annotations

import functools
import random
import re
import sys
import time
from collections.abc import Callable

import anvil
from tests.anvil.conformance import ROOT, cases

LIMIT_SECONDS = 1.0


def random_bytes(rng: random.Random) -> str:
    """Any bytes, read as Latin-1, and often only those of C++."""
    size = rng.randrange(300)
    if rng.random() < 0.5:
        return rng.randbytes(size).decode("latin-1")
    return "".join(chr(rng.randrange(32, 127)) for _ in range(size))


def random_tokens(rng: random.Random) -> str:
    """Words and marks of real programs in any order."""
    return " ".join(rng.choices(_tokens(), k=rng.randrange(80)))


def mutated_program(rng: random.Random) -> str:
    """A conformance case with a few tokens replaced, added, removed or swapped."""
    tokens = re.findall(r"\s+|\w+|[^\s\w]", rng.choice(_sources()))
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(tokens))
        match rng.randrange(4):
            case 0:
                tokens[place] = rng.choice(_tokens())
            case 1:
                tokens.insert(place, f" {rng.choice(_tokens())} ")
            case 2 if len(tokens) > 1:
                del tokens[place]
            case _:
                other = rng.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
    return "".join(tokens)


KINDS: dict[str, Callable[[random.Random], str]] = {
    "bytes": random_bytes,
    "tokens": random_tokens,
    "mutations": mutated_program,
}


@functools.cache
def _sources() -> list[str]:
    return [case.source for case in cases()]


@functools.cache
def _tokens() -> list[str]:
    return re.findall(r"\w+|\S", "\n".join(_sources()))


def run(kind: str, count: int, seed: int) -> int:
    """Checks `count` sources of a kind; AssertionError with the source for a fault. Gives how many were accepted."""
    interface = anvil.load_interface(ROOT / "template.anv")
    rng = random.Random(f"{kind}/{seed}")
    accepted = 0
    for _ in range(count):
        source = KINDS[kind](rng)
        start = time.process_time()
        result = anvil.check(source, interface)
        rendered = result.render()
        seconds = time.process_time() - start
        assert result.ok or result.diagnostics, source
        assert all(found.code != "E0901" for found in result.diagnostics), f"{rendered}\n{source}"
        assert seconds < LIMIT_SECONDS, f"{seconds:.1f} s for\n{source}"
        accepted += result.ok
    return accepted


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    for kind in KINDS:
        start = time.monotonic()
        accepted = run(kind, count, seed)
        print(f"{kind}: {count:,} sources in {time.monotonic() - start:.0f} s, {accepted:,} accepted, seed {seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
