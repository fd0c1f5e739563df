"""The shipped heuristics, compiled: each is accepted, runs, and the known ones give exactly the known misses."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anvil.driver import compile as compile_anvil
from anvil.frontend.interface_file import load_interface
from studies.cache.evaluator import CacheInstance, Mode
from studies.cache.traces import Trace

STUDY = Path(__file__).resolve().parents[1]
INCLUDE = STUDY.parents[1] / "libvulcan" / "include"
POLICIES = sorted(path.stem for path in (STUDY / "policies").glob("*.anv"))


@pytest.fixture(scope="module")
def compiled() -> Callable[[str], Any]:
    interface = load_interface(STUDY / "template.anv")

    def compile_policy(name: str) -> Any:
        path = STUDY / "policies" / f"{name}.anv"
        return compile_anvil(path.read_text(encoding="utf-8"), interface, filename=str(path)).jit()

    return compile_policy


@pytest.mark.parametrize("percent", [1, 10])
@pytest.mark.parametrize("name", ["lru", "fifo", "lfu"])
def test_exact_on_the_shipped_trace(compiled: Callable[[str], Any], shipped: Trace, name: str, percent: int) -> None:
    instance = CacheInstance(shipped, shipped.n_objects * percent // 100, uniform=True)
    for part in ("train", "heldout", "all"):
        assert instance.evaluate(compiled(name), part).misses == instance.baseline(name, part).misses


@pytest.mark.parametrize("uniform", [False, True])
@pytest.mark.parametrize("source", ["cloudphysics_io", "adaptsize_web", "arc_P3_io"])
@pytest.mark.parametrize("name", ["lru", "fifo", "lfu"])
def test_exact_on_public_traces(
    compiled: Callable[[str], Any], public_trace: Callable[[str], Any], name: str, source: str, uniform: bool
) -> None:
    _, trace = public_trace(source)
    instance = CacheInstance(trace, (trace.n_objects if uniform else trace.footprint) // 10, uniform)
    assert instance.evaluate(compiled(name)) == instance.baseline(name)


@pytest.mark.parametrize("mode", ["incremental", "sample"])
@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_runs(compiled: Callable[[str], Any], shipped: Trace, name: str, mode: Mode) -> None:
    part = shipped[:50_000]
    outcome = CacheInstance(part, 500, uniform=True, mode=mode).evaluate(compiled(name))
    assert part.n_objects <= outcome.misses < 0.9 * len(part)


def test_msr_equals_its_c(compiled: Callable[[str], Any], compile_c: Callable[..., Any], shipped: Trace) -> None:
    """policies/msr.anv against the same formula in C, through gcc."""
    body = """
    double freq = 0.7 * LATEST(0, 0) + 0.3 * vk_ewma_get_i64(cx, 1, row + 8, 0);
    return LATEST(3, 32) / 1e6 + 10.0 * freq - log2(LATEST(2, 24));"""
    count: tuple[Any, ...] = (("count", "Latest", []), ("count", "EWMA", [0.2]))
    code = compile_c(body, *count, ("size", "Latest", []), ("last_access", "Latest", []))
    for mode in ("incremental", "sample"):
        instance = CacheInstance(shipped[:200_000], 2_000_000, mode=mode)
        assert instance.evaluate(compiled("msr")) == instance.evaluate(code)


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
def test_stock_cpp_accepts(tmp_path: Path) -> None:
    source = tmp_path / "policies.cpp"
    policies = [f'namespace {name} {{\n#include "{STUDY / "policies" / name}.anv"\n}}' for name in POLICIES]
    source.write_text(f'#include "{STUDY / "template.anv"}"\n' + "\n".join(policies) + "\n")
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{INCLUDE}"]
    subprocess.run(["g++", *flags, str(source)], check=True)
