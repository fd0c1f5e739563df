"""The reference feature store: every listener in plain Python, with the formulas of libVulcan in the same order.

Results are those of `vulcan/queries.h` bit for bit. Sums of doubles are compensated and added up afresh at each
turn of a window; sums of integers are exact. An absent object has empty listeners, and those answer 0.
"""

from __future__ import annotations

import bisect
import math
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from anvil.core import Slot
from anvil.types import Type

Number = int | float

# A double sum that would overflow is kept times _DOWN from then on.
_DOWN = 2.0**-64
_UP = 2.0**64
_LARGEST_SCALED_MEAN = float.fromhex("0x1.fffffffffffffp+959")


class State(Protocol):
    """The state of one listener; `words` are the 64-bit words that libVulcan keeps for it."""

    def update(self, x: Number) -> None: ...

    def words(self) -> list[Number]: ...


class FloatSum:
    """Neumaier's compensated sum (ZAMM 54, 1974)."""

    def __init__(self) -> None:
        self.sum = 0.0
        self.compensation = 0.0
        self.scaled = False

    def add(self, x: float) -> None:
        if self.scaled:
            x *= _DOWN
        if self._accumulate(x):
            return
        self.scaled = True
        self.sum *= _DOWN
        self.compensation *= _DOWN
        self._accumulate(x * _DOWN)

    def _accumulate(self, x: float) -> bool:
        total = self.sum + x
        if not math.isfinite(total):
            return False
        larger, smaller = (self.sum, x) if math.fabs(self.sum) >= math.fabs(x) else (x, self.sum)
        self.compensation += (larger - total) + smaller
        self.sum = total
        return True

    def mean(self, n: int) -> float:
        mean = (self.sum + self.compensation) / n
        if not self.scaled:
            return mean
        return min(max(mean, -_LARGEST_SCALED_MEAN), _LARGEST_SCALED_MEAN) * _UP


class IntegerSum:
    """Exact."""

    def __init__(self) -> None:
        self.sum = 0

    def add(self, x: int) -> None:
        self.sum += x

    def mean(self, n: int) -> float:
        return float(self.sum) / n

    def words(self) -> list[Number]:
        return [Type.INT64.wrap(self.sum), Type.INT64.wrap(self.sum >> 64)]


class Latest:
    def __init__(self, slot: Slot) -> None:
        self.value = _zero(slot)

    def update(self, x: Number) -> None:
        self.value = x

    def words(self) -> list[Number]:
        return [self.value]


class Average:
    def __init__(self, slot: Slot) -> None:
        self.total = _new_sum(slot)
        self.n = 0

    def update(self, x: Number) -> None:
        _add(self.total, x)
        self.n += 1

    def avg(self) -> float:
        return self.total.mean(self.n) if self.n else 0.0

    def words(self) -> list[Number]:
        if isinstance(self.total, IntegerSum):
            return [*self.total.words(), self.n]
        return [self.total.sum, self.total.compensation, -self.n if self.total.scaled else self.n]


class Ewma:
    """`v += alpha * (x - v)`; the first value sets v."""

    def __init__(self, slot: Slot) -> None:
        self.alphas = slot.params
        self.n = 0
        self.values = [0.0] * len(self.alphas)

    def update(self, x: Number) -> None:
        x = float(x)
        for i, (alpha, v) in enumerate(zip(self.alphas, self.values, strict=True)):
            following = x if self.n == 0 else v + alpha * (x - v)
            if not math.isfinite(following):
                following = alpha * x + (1.0 - alpha) * v  # x - v overflowed
            self.values[i] = following
        self.n += 1

    def words(self) -> list[Number]:
        return [self.n, *self.values]


class RollingWindow:
    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.size = int(slot.params[0])
        self.ring: list[Number] = [_zero(slot)] * self.size
        self.head = 0
        self.n = 0
        self.total = _new_sum(slot)

    def update(self, x: Number) -> None:
        leaving, self.ring[self.head] = self.ring[self.head], x
        self.head = (self.head + 1) % self.size
        if self.head == 0:  # rounding errors do not outlive one turn of the ring
            self.total = _new_sum(self.slot)
            for value in self.ring:
                _add(self.total, value)
        else:
            if self.n == self.size:
                _add(self.total, -leaving)
            _add(self.total, x)
        self.n = min(self.n + 1, self.size)

    def kth(self, k: int) -> Number:
        return self.ring[(self.head - 1 - k) % self.size] if 0 <= k < self.n else _zero(self.slot)

    def avg(self) -> float:
        return self.total.mean(self.n) if self.n else 0.0

    def words(self) -> list[Number]:
        if isinstance(self.total, IntegerSum):
            return [self.head, self.n, *self.total.words(), 0, *self.ring]
        return [self.head, self.n, self.total.sum, self.total.compensation, int(self.total.scaled), *self.ring]


class PopPercentile:
    """The object's part; the values of all objects are in `ReferenceStore.populations`."""

    def __init__(self, slot: Slot, population: list[Number]) -> None:
        self.population = population
        self.value = _zero(slot)
        self.present = False

    def update(self, x: Number) -> None:
        self.leave()
        self.value = x
        self.present = True
        bisect.insort(self.population, x + 0)  # -0.0 counts as 0.0

    def leave(self) -> None:
        if self.present:
            del self.population[bisect.bisect_left(self.population, self.value)]
            self.present = False

    def rank(self) -> float:
        return bisect.bisect_left(self.population, self.value) / len(self.population) if self.present else 0.0

    def words(self) -> list[Number]:
        return [self.value, int(self.present)]


def population_value(slot: Slot, population: Sequence[Number], p: float) -> Number:
    """sorted[min(N-1, floor(p*N))], p clamped to [0, 1], NaN read as 0; 0 when nobody has a value."""
    if not population:
        return _zero(slot)
    share = min(max(p, 0.0), 1.0) if p == p else 0.0
    return population[min(len(population) - 1, int(share * len(population)))]


# Query by symbol without `vk_` and the type suffix; arguments are those of the query and its constants.
_QUERIES: dict[tuple[type[State], str], Callable[..., Number]] = {
    (Latest, "latest_get"): lambda state: state.value,
    (Average, "average_avg"): lambda state: state.avg(),
    (Average, "average_n"): lambda state: state.n,
    (Ewma, "ewma_get"): lambda state, alpha_index: state.values[alpha_index],
    (RollingWindow, "window_kth"): lambda state, k, _n: state.kth(k),
    (RollingWindow, "window_avg"): lambda state, _n: state.avg(),
    (RollingWindow, "window_n"): lambda state, _n: state.n,
    (PopPercentile, "pop_rank"): lambda state: state.rank(),
}

_LISTENERS: dict[str, Callable[[Slot], State]] = {
    "Latest": Latest,
    "Average": Average,
    "EWMA": Ewma,
    "RollingWindow": RollingWindow,
}


class ReferenceStore:
    """All state of one run: the model that libVulcan and the executors are compared with."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self.slots = tuple(slots)
        self.populations: dict[int, list[Number]] = {
            slot.index: [] for slot in self.slots if slot.listener == "PopPercentile"
        }
        self.globals = self._states("global")
        self.objects: dict[int, dict[int, State]] = {}
        self.dropped = 0

    def add(self, object: int) -> None:
        """A new object with empty listeners; nothing when it is there already."""
        if object not in self.objects:
            self.objects[object] = self._states("object")

    def remove(self, object: int) -> None:
        """With all that the object had; nothing when it is absent."""
        for state in self.objects.pop(object, {}).values():
            if isinstance(state, PopPercentile):
                state.leave()

    def update(self, signal: str, value: Number, object: int | None = None) -> None:
        """A new value of a global signal, or of an object's, which is added when absent.

        Non-finite values are dropped and counted; a value of the other type is converted, and all are clamped into
        the range of the signal.
        """
        if object is not None:
            self.add(object)
        if not math.isfinite(value):
            self.dropped += 1
            return
        states = self.globals if object is None else self.objects[object]
        for index, state in states.items():
            slot = self.slots[index]
            if slot.signal == signal:
                state.update(_clamped(slot, _convert(slot.value_type, value)))

    def query(
        self, slot: int, symbol: str, object: int | None, args: Sequence[Number], constants: Sequence[int]
    ) -> Number:
        """What `symbol(context, slot, state, *args, *constants)` gives. Globals and populations have no `object`."""
        method = re.sub(r"^vk_|_[fi]64$", "", symbol)
        if method == "pop_value":
            return population_value(self.slots[slot], self.populations[slot], float(args[0]))
        state = self._state(slot, object)
        return _QUERIES[type(state), method](state, *args, *constants)

    def row(self, object: int | None) -> bytes:
        """The object's row as libVulcan lays it out, zeros when absent; for None the global row."""
        scope = "global" if object is None else "object"
        row = bytearray(max((slot.offset + slot.size for slot in self.slots if slot.scope == scope), default=0))
        states = self.globals if object is None else self.objects.get(object, {})
        for index, state in states.items():
            words = state.words()
            layout = "<" + "".join("d" if isinstance(word, float) else "q" for word in words)
            struct.pack_into(layout, row, self.slots[index].offset, *words)
        return bytes(row)

    def _state(self, slot: int, object: int | None) -> State:
        states = self.globals if object is None else self.objects.get(object, {})
        return states[slot] if slot in states else self._new_state(self.slots[slot])

    def _states(self, scope: str) -> dict[int, State]:
        return {slot.index: self._new_state(slot) for slot in self.slots if slot.scope == scope}

    def _new_state(self, slot: Slot) -> State:
        if slot.listener == "PopPercentile":
            return PopPercentile(slot, self.populations[slot.index])
        return _LISTENERS[slot.listener](slot)


def _zero(slot: Slot) -> Number:
    return 0 if slot.value_type is Type.INT64 else 0.0


def _new_sum(slot: Slot) -> FloatSum | IntegerSum:
    return IntegerSum() if slot.value_type is Type.INT64 else FloatSum()


def _add(total: FloatSum | IntegerSum, x: Number) -> None:
    if isinstance(total, IntegerSum):
        total.add(int(x))
    else:
        total.add(float(x))


def _clamped(slot: Slot, value: Number) -> Number:
    """The value within the range that the template promises for the signal ([store.range])."""
    if slot.low is not None:
        value = max(value, slot.low if slot.value_type is Type.DOUBLE else math.ceil(slot.low))
    if slot.high is not None:
        value = min(value, slot.high if slot.value_type is Type.DOUBLE else math.floor(slot.high))
    return value


def _convert(type: Type, value: Number) -> Number:
    if type is Type.DOUBLE:
        return float(value)
    return min(max(int(value), type.low), type.high)
