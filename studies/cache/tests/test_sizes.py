from __future__ import annotations

import numpy as np
import pytest

from studies.cache.errors import SizeError
from studies.cache.sizes import parse_size
from studies.cache.traces import Trace

TRACE = Trace.from_arrays("t", np.arange(1000), np.full(1000, 4096, dtype=np.uint32))


@pytest.mark.parametrize(
    ("text", "uniform", "capacity"),
    [
        ("10%", True, 100),
        ("10%", False, 409_600),
        ("0.5 %", True, 5),
        ("100%", True, 1000),
        ("64KiB", False, 65_536),
        ("64k", False, 65_536),
        ("64kB", False, 64_000),
        ("1.5MiB", False, 1_572_864),
        ("10b", False, 10),
        ("5_000", True, 5000),
        ("5000", False, 5000),
    ],
)
def test_capacity(text: str, uniform: bool, capacity: int) -> None:
    assert parse_size(text).capacity(TRACE, uniform) == capacity


def test_share_is_rounded_down_exactly() -> None:
    assert parse_size("29%").capacity(TRACE[:100], True) == 29  # int(0.29 * 100) would be 28


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("0", "size 0"),
        ("0%", "size 0"),
        ("0.0MiB", "size 0"),
        ("-5", "negative"),
        ("-5%", "negative"),
        ("101%", "more than 100 %"),
        ("", "not a size"),
        ("ten", "not a size"),
        ("nan", "not a size"),
        ("1e3", "not a size"),
        ("10%%", "not a size"),
        ("5 parsecs", "unknown unit `parsecs`"),
        ("1.5", "a fraction"),
        ("9" * 30, "too large"),
    ],
)
def test_what_is_no_size(text: str, cause: str) -> None:
    with pytest.raises(SizeError) as error:
        parse_size(text)
    assert cause in str(error.value)
    assert f"`{text}`" in str(error.value)


def test_share_of_too_little() -> None:
    with pytest.raises(SizeError, match="less than one object of 1,000 objects"):
        parse_size("0.01%").capacity(TRACE, True)


def test_bytes_of_a_uniform_cache() -> None:
    with pytest.raises(SizeError, match="bytes mean nothing"):
        parse_size("64MiB").capacity(TRACE, True)
