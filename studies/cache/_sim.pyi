import numpy as np
from numpy.typing import NDArray

BASELINES: tuple[str, ...]

class SchemaError(ValueError): ...
class TimeLimit(TimeoutError): ...

class Tally:
    @property
    def requests(self) -> int: ...
    @property
    def misses(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def missed_bytes(self) -> int: ...

def simulate(
    objects: NDArray[np.uint32],
    sizes: NDArray[np.uint32],
    n_objects: int,
    algorithm: str,
    capacity: int,
    *,
    uniform: bool = False,
    measure_from: int = 0,
) -> Tally: ...
def simulate_policy(
    objects: NDArray[np.uint32],
    sizes: NDArray[np.uint32],
    object_ids: NDArray[np.int64],
    code: object,
    capacity: int,
    *,
    uniform: bool = False,
    measure_from: int = 0,
    mode: str = "incremental",
    n_sample: int = 32,
    seed: int = 1,
    entry: str = "score_fn",
    max_seconds: float = 0.0,
    memory_budget: int = ...,
) -> Tally: ...
