"""The range of a query's result: what its listener makes of the values that the template promises."""

from __future__ import annotations

import math

from anvil import core
from anvil.types import Type
from anvil.verify.ranges import FINITE, ZERO, Range, around, full

_LARGE = 2.0**960
"""Up to here no step of a moving average or of a mean overflows."""

_AVERAGED = frozenset(["vk_average_avg", "vk_window_avg", "vk_ewma_get"])
_STORED = frozenset(["vk_latest_get", "vk_window_kth", "vk_pop_value"])


def signal_range(slot: core.Slot) -> Range:
    """The values of a signal; the store drops what is not finite, and clamps the rest into the promised range."""
    if slot.value_type is Type.DOUBLE:
        low = FINITE.low if slot.low is None else slot.low
        return Range(low, FINITE.high if slot.high is None else slot.high).meet(FINITE)
    whole = full(slot.value_type)
    low = whole.low if slot.low is None else math.ceil(slot.low)
    return Range(low, whole.high if slot.high is None else math.floor(slot.high)).meet(whole)


def query_range(slot: core.Slot, query: core.Query) -> Range:
    """All results of a query; a listener without values answers 0."""
    name = query.symbol.rsplit("_", 1)[0]
    if name in _STORED:
        return signal_range(slot).join(Range(float(0), float(0)) if slot.value_type is Type.DOUBLE else ZERO)
    if name in _AVERAGED:
        hull = signal_range(slot).join(ZERO)
        if max(abs(hull.low), abs(hull.high)) > _LARGE:
            return full(Type.DOUBLE)
        return around(hull, 1e-9)
    if name == "vk_window_n":
        return Range(0, int(slot.params[0]))
    if name == "vk_average_n":
        return Range(0, Type.INT64.high)
    if name == "vk_pop_rank":
        return Range(0.0, 1.0)
    return full(query.type)
