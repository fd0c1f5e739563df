"""Cache sizes as people write them: `10%`, `64MiB`, `5000`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from studies.cache.errors import SizeError

if TYPE_CHECKING:
    from studies.cache.traces import Trace

_UNITS = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "k": 2**10,
    "m": 2**20,
    "g": 2**30,
    "t": 2**40,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_PATTERN = re.compile(r"\s*(?P<sign>[+-]?)(?P<number>\d+(?:_\d+)*(?:\.\d+)?|\.\d+)\s*(?P<unit>%|[A-Za-z]*)\s*")
_FORMS = "write a share of the trace's footprint (10%), a size in bytes (64MiB) or a plain number (5000)"
MAX_CAPACITY = 2**62


@dataclass(frozen=True, slots=True)
class CacheSize:
    """A share of the footprint, a number of bytes, or a plain number: objects when uniform, bytes otherwise."""

    kind: Literal["share", "bytes", "plain"]
    value: Fraction
    text: str

    def capacity(self, trace: Trace, uniform: bool) -> int:
        """Capacity for `trace` in bytes, or in objects when `uniform`. A share is rounded down."""
        if self.kind == "bytes" and uniform:
            cause = "bytes mean nothing when every object counts as one"
            raise SizeError(self.text, cause, "give a number of objects, or a share")
        footprint = trace.n_objects if uniform else trace.footprint
        capacity = int(self.value * footprint) if self.kind == "share" else int(self.value)
        if capacity < 1:
            unit = "object" if uniform else "byte"
            raise SizeError(self.text, f"less than one {unit} of {footprint:,} {unit}s", "give a larger size")
        return capacity


def parse_size(text: str) -> CacheSize:
    """Reads `10%`, `0.5 %`, `64MiB`, `64MB`, `5000`. Raises SizeError."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise SizeError(text, "not a size", _FORMS)
    unit = match["unit"].lower()
    if unit != "%" and unit and unit not in _UNITS:
        raise SizeError(text, f"unknown unit `{match['unit']}`", "known are %, B, kB, KiB, MB, MiB, GB, GiB, TB, TiB")
    value = Fraction(match["number"].replace("_", ""))
    if match["sign"] == "-":
        raise SizeError(text, "negative", "a cache holds at least one object")
    if value == 0:
        raise SizeError(text, "a cache of size 0 holds nothing", "a cache holds at least one object")
    if unit == "%":
        return _share(text, value)
    if value.denominator != 1 and unit in ("", "b"):
        raise SizeError(text, "a fraction of an object or a byte", _FORMS)
    size = CacheSize("bytes" if unit else "plain", value * _UNITS.get(unit, 1), text)
    if size.value > MAX_CAPACITY:
        raise SizeError(text, "too large", f"at most {MAX_CAPACITY:,}")
    return size


def _share(text: str, percent: Fraction) -> CacheSize:
    if percent > 100:
        raise SizeError(text, "more than 100 % of the trace's footprint", "at 100 % nothing is ever evicted")
    return CacheSize("share", percent / 100, text)
