from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from studies.cache.errors import TraceError
from studies.cache.traces import RECORD, Trace, next_accesses, read_trace, write_oracle_general

IDS = [7, -1, 7, 9, 2**62, 9, 7]
SIZES = [10, 20, 11, 30, 40, 30, 10]


def small() -> Trace:
    return Trace.from_arrays("small", np.array(IDS), np.array(SIZES, dtype=np.uint32))


def same(a: Trace, b: Trace) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("ids", "dense", "sizes", "object_ids"))


def error_of(path: Path) -> TraceError:
    with pytest.raises(TraceError) as caught:
        read_trace(path)
    assert str(path) in str(caught.value)
    assert caught.value.cause and caught.value.fix
    return caught.value


def test_numbers() -> None:
    trace = small()
    assert trace.dense.tolist() == [0, 1, 0, 2, 3, 2, 0]
    assert trace.object_ids.tolist() == [7, -1, 9, 2**62]
    assert (len(trace), trace.n_objects, trace.footprint) == (7, 4, 10 + 20 + 30 + 40)
    assert next_accesses(trace.dense).tolist() == [3, -1, 7, 6, -1, -1, -1]


def test_a_slice_is_a_trace_of_its_own() -> None:
    part = small()[3:6]
    assert part.ids.tolist() == [9, 2**62, 9]
    assert part.dense.tolist() == [0, 1, 0]
    assert (part.n_objects, part.footprint) == (2, 70)
    assert len(small()[7:]) == 0


@pytest.mark.parametrize("name", ["t.oracleGeneral", "t.oracleGeneral.zst", "t.bin"])
def test_oracle_general_round_trip(tmp_path: Path, name: str) -> None:
    write_oracle_general(small(), tmp_path / name)
    assert same(read_trace(tmp_path / name), small())


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(1, 2**32 - 1)), min_size=1))
def test_any_requests_round_trip(tmp_path_factory: pytest.TempPathFactory, requests: list[tuple[int, int]]) -> None:
    path = tmp_path_factory.mktemp("trace") / "t.oracleGeneral"
    ids, sizes = zip(*requests, strict=True)
    trace = Trace.from_arrays("t", np.array(ids, dtype=np.int64), np.array(sizes, dtype=np.uint32))
    write_oracle_general(trace, path)
    again = read_trace(path)
    assert same(again, trace)
    assert again.object_ids.tolist() == list(dict.fromkeys(ids))
    assert again.footprint == sum({i: s for i, s in reversed(requests)}.values())


def test_several_zstd_frames(tmp_path: Path) -> None:
    write_oracle_general(small(), tmp_path / "plain.oracleGeneral")
    data = (tmp_path / "plain.oracleGeneral").read_bytes()
    pack = zstandard.ZstdCompressor().compress
    (tmp_path / "t.oracleGeneral.zst").write_bytes(pack(data[:24]) + pack(data[24:]))
    assert same(read_trace(tmp_path / "t.oracleGeneral.zst"), small())


def test_records_of_size_0_are_skipped(tmp_path: Path) -> None:
    records = np.zeros(3, dtype=RECORD)
    records["id"], records["size"], records["next"] = [1, 2, 1], [5, 0, 5], -1
    (tmp_path / "t.oracleGeneral").write_bytes(records.tobytes())
    trace = read_trace(tmp_path / "t.oracleGeneral")
    assert (trace.ids.tolist(), trace.n_skipped) == ([1, 1], 1)


@pytest.mark.parametrize(
    ("text", "ids", "sizes"),
    [
        ("time,id,size\n0,5,10\n1,6,20\n2,5,10\n", [5, 6, 5], [10, 20, 10]),
        ("size;obj_id\n10;5\n20;6\n", [5, 6], [10, 20]),
        ("Timestamp\tKey\n0\ta\n1\tb\n2\ta\n", [0, 1, 0], [1, 1, 1]),
        ("0,5,10\n1,6,20\n", [5, 6], [10, 20]),
        ("5\n6\n5\n", [5, 6, 5], [1, 1, 1]),
        ("\ufeffid\r\nx\r\n\r\ny\r\n", [0, 1], [1, 1]),
        ("007\n7\n", [0, 1], [1, 1]),
        ('id,size\n"a,b",3\n', [0], [3]),
        ("id,size\n1,0\n2,3\n", [2], [3]),
        ("time,id,size\n0,18446744073709551615,3\n", [0], [3]),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_csv(tmp_path: Path, text: str, ids: list[int], sizes: list[int], packed: bool) -> None:
    path = tmp_path / ("t.csv.zst" if packed else "t.csv")
    data = text.encode()
    path.write_bytes(zstandard.ZstdCompressor().compress(data) if packed else data)
    trace = read_trace(path)
    assert (trace.ids.tolist(), trace.sizes.tolist()) == (ids, sizes)


@pytest.mark.parametrize(
    ("text", "cause", "line"),
    [
        ("id,size\n1,ten\n", "size `ten` is not an integer", 2),
        ("id,size\n1,-3\n", "size -3 is out of range", 2),
        ("id,size\n1,4294967296\n", "out of range", 2),
        ("id,size\n1,2\n1\n", "1 columns where 2 are expected", 3),
        ("time,size\n1,2\n", "the header has no column `id`", 1),
        ("who,what,when\n1,2,3\n", "the header has no column `id`", 1),
        ("1,2\n", "2 columns and no header", 1),
        ("1,2,3,4\n", "4 columns and no header", 1),
    ],
)
def test_wrong_csv(tmp_path: Path, text: str, cause: str, line: int) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    error = error_of(path)
    assert cause in error.cause
    assert error.line == line


def test_missing(tmp_path: Path) -> None:
    assert error_of(tmp_path / "none.oracleGeneral.zst").cause == "no such file"


def test_directory(tmp_path: Path) -> None:
    assert "directory" in error_of(tmp_path).cause


@pytest.mark.parametrize("name", ["t.oracleGeneral", "t.oracleGeneral.zst", "t.csv", "t"])
def test_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert "empty" in error_of(tmp_path / name).cause


@pytest.mark.parametrize(("name", "data"), [("t.oracleGeneral.zst", b""), ("t.csv.zst", b"time,id,size\n")])
def test_empty_inside(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(zstandard.ZstdCompressor().compress(data))
    assert error_of(tmp_path / name).cause in ("the trace is empty", "the trace has no requests")


@pytest.mark.parametrize("cut", [1, 23, 25])
def test_truncated_plain(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.oracleGeneral"
    write_oracle_general(small(), path)
    path.write_bytes(path.read_bytes()[:-cut])
    error = error_of(path)
    assert "truncated" in error.cause
    assert error.offset == (7 - (cut + 23) // 24) * 24


@pytest.mark.parametrize("keep", [0.0001, 0.3, 0.9, 0.999999])
def test_truncated_zstd(tmp_path: Path, shipped_bytes: bytes, keep: float) -> None:
    path = tmp_path / "t.oracleGeneral.zst"
    n = max(5, int(keep * len(shipped_bytes)))
    path.write_bytes(shipped_bytes[:n])
    error = error_of(path)
    assert "truncated" in error.cause
    assert error.offset == n


def test_corrupt_zstd(tmp_path: Path, shipped_bytes: bytes) -> None:
    path = tmp_path / "t.oracleGeneral.zst"
    path.write_bytes(shipped_bytes[:2000] + bytes(1000) + shipped_bytes[3000:])
    assert "corrupt" in error_of(path).cause or "not oracleGeneral" in error_of(path).cause


@pytest.mark.parametrize("name", ["t.oracleGeneral", "t.oracleGeneral.zst", "t.csv", "t.bin", "t.csv.zst"])
def test_garbage(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(np.random.default_rng(1).bytes(24 * 50))
    error_of(path)


def test_text_named_oracle_general(tmp_path: Path) -> None:
    path = tmp_path / "t.oracleGeneral"
    path.write_bytes(b"this is a letter to you.\n" * 24)
    assert "not oracleGeneral" in error_of(path).cause


def test_binary_named_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_oracle_general(small(), tmp_path / "x.oracleGeneral")
    path.write_bytes(b"\xff\xfe" + (tmp_path / "x.oracleGeneral").read_bytes())
    assert "not text" in error_of(path).cause


def test_errors_survive_a_process_pool(tmp_path: Path) -> None:
    error = error_of(tmp_path / "none")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_shipped_trace(shipped: Trace) -> None:
    assert (len(shipped), shipped.n_objects) == (800_000, 9_996)
    assert shipped.footprint == 9_996 * 4096


@pytest.mark.parametrize(
    ("name", "n_objects", "tenth"), [("cloudphysics_io", 48_974, 202_976_972), ("adaptsize_web", 40_240, 30_421_357)]
)
def test_footprint_as_libcachesim(
    public_trace: Callable[[str], tuple[Path, Trace]], name: str, n_objects: int, tenth: int
) -> None:
    """Number of objects, and a tenth of the footprint, as libCacheSim 0.3.5 computes them."""
    _, trace = public_trace(name)
    assert (trace.n_objects, trace.footprint // 10) == (n_objects, tenth)


@pytest.fixture(scope="session")
def shipped_bytes() -> bytes:
    root = Path(__file__).resolve().parents[3]
    return (root / "examples" / "traces" / "sqlite_mixed.oracleGeneral.zst").read_bytes()


def test_a_copy_with_new_objects() -> None:
    trace = Trace.from_arrays("t", np.array([7, 9, 7, -3]), np.array([1, 2, 1, 5], dtype=np.uint32))
    doubled = trace.then_again_with_new_objects()
    assert doubled.dense.tolist() == [0, 1, 0, 2, 3, 4, 3, 5]
    assert doubled.sizes.tolist() == [1, 2, 1, 5] * 2
    assert doubled.n_objects == 6 and doubled.footprint == 2 * trace.footprint
