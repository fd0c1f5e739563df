"""Traces of requests: the readers, and the arrays that the simulator works on.

Formats, plain or zstd-compressed (recognised by content):

* oracleGeneral (libCacheSim): 24-byte little-endian records `<u32 time, u64 id, u32 size, i64 next_access_vtime>`
* csv: columns found by a header (`id`, optionally `time`, `size`); without one `time,id,size`, or a lone id a line.
  An id is any text; when all are integers of 64 bits they are kept, otherwise objects are numbered by first appearance.

A record of size 0 is skipped, as libCacheSim does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import zstandard
from numpy.typing import NDArray

from studies.cache.errors import SizeError, StudyError, TraceError
from studies.cache.sizes import CacheSize, parse_size

__all__ = [
    "CacheSize",
    "SizeError",
    "StudyError",
    "Trace",
    "TraceError",
    "parse_size",
    "read_trace",
    "write_oracle_general",
]

Format = Literal["auto", "oracleGeneral", "csv"]
RECORD = np.dtype([("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
_NEVER = np.iinfo(np.int64).max
_MAX_VTIME = 2**48
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20
_NAMES = {
    "id": ("id", "obj_id", "object_id", "objid", "object", "key", "obj"),
    "time": ("time", "timestamp", "ts", "clock_time"),
    "size": ("size", "obj_size", "object_size", "bytes"),
}
_FORMATS = "known are oracleGeneral (24-byte records) and csv (time,id,size), plain or zstd; name the format"


@dataclass(frozen=True, eq=False)
class Trace:
    """Requests in order. `dense` numbers the objects 0, 1, ... by first appearance; `ids` are the original ones."""

    name: str
    ids: NDArray[np.int64]
    dense: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    n_objects: int
    n_skipped: int = 0

    @staticmethod
    def from_arrays(
        name: str, ids: NDArray[np.int64], sizes: NDArray[np.uint32] | None = None, n_skipped: int = 0
    ) -> Trace:
        """Without `sizes`, every object has size 1."""
        ids = np.ascontiguousarray(ids, dtype=np.int64)
        sizes = np.ones(len(ids), dtype=np.uint32) if sizes is None else np.ascontiguousarray(sizes, dtype=np.uint32)
        dense, n_objects = _number_by_first_appearance(ids)
        for array in (ids, dense, sizes):
            array.setflags(write=False)
        return Trace(name, ids, dense, sizes, n_objects, n_skipped)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, part: slice) -> Trace:
        """A part of the trace, as a trace of its own: its objects are numbered anew."""
        return Trace.from_arrays(self.name, self.ids[part].copy(), self.sizes[part].copy())

    def then_again_with_new_objects(self) -> Trace:
        """The trace followed by itself with every object replaced by a new one: the working set changes at once.

        Objects have their dense numbers as ids.
        """
        first = self.dense.astype(np.int64)
        ids = np.concatenate([first, first + self.n_objects])
        return Trace.from_arrays(self.name, ids, np.concatenate([self.sizes, self.sizes]))

    @cached_property
    def object_ids(self) -> NDArray[np.int64]:
        """Original id of every object, indexed by its dense number."""
        return np.ascontiguousarray(self.ids[self._first_requests])

    @cached_property
    def footprint(self) -> int:
        """Sum over the objects of the size at their first request, in bytes: what a cache needs to hold all."""
        return int(self.sizes[self._first_requests].sum(dtype=np.uint64))

    @cached_property
    def _first_requests(self) -> NDArray[np.int64]:
        reached = np.maximum.accumulate(self.dense) if len(self) else self.dense
        is_first = np.empty(len(self), dtype=bool)
        is_first[:1] = True
        np.greater(reached[1:], reached[:-1], out=is_first[1:])
        return np.flatnonzero(is_first)


def _number_by_first_appearance(ids: NDArray[np.int64]) -> tuple[NDArray[np.uint32], int]:
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.uint32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.uint32)
    return rank[inverse], len(first)


def read_trace(path: str | Path, format: Format = "auto") -> Trace:
    """Reads the trace file at `path`; the format is told from the name, then from the content. Raises TraceError."""
    path = Path(path)
    data = _read_bytes(path)
    if not data:
        raise TraceError(path, "the trace is empty", "record or download it again", offset=0)
    chosen = _guess_format(path, data) if format == "auto" else format
    trace = _parse_oracle_general(path, data) if chosen == "oracleGeneral" else _parse_csv(path, data)
    if len(trace) == 0:
        raise TraceError(path, "the trace has no requests", "record or download it again", offset=0)
    return trace


def write_oracle_general(trace: Trace, path: str | Path, level: int = 19) -> None:
    """Writes `trace` as oracleGeneral, compressed when the name ends in `.zst`; time is the request's index."""
    path = Path(path)
    records = np.zeros(len(trace), dtype=RECORD)
    records["time"] = np.arange(len(trace))
    records["id"] = trace.ids.view(np.uint64)
    records["size"] = trace.sizes
    records["next"] = next_accesses(trace.dense)
    data = records.tobytes()
    path.write_bytes(zstandard.ZstdCompressor(level=level).compress(data) if path.suffix == ".zst" else data)


def next_accesses(dense: NDArray[np.uint32]) -> NDArray[np.int64]:
    """For each request the 1-based number of the next one to the same object, -1 when there is none."""
    order = np.argsort(dense, kind="stable")
    following = np.full(len(dense), -1, dtype=np.int64)
    same = dense[order[:-1]] == dense[order[1:]]
    following[order[:-1][same]] = order[1:][same] + 1
    return following


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise TraceError(path, "this is a directory", "name a trace file in it")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TraceError(path, "no such file", "check the path of the trace") from None
    except OSError as error:
        raise TraceError(path, f"cannot be read ({error.strerror})", "check the path and its permissions") from None
    if data.startswith(_ZSTD_MAGIC):
        return _decompress(path, data)
    if path.suffix == ".zst" and data:
        cause = "not zstd-compressed, although its name says so"
        raise TraceError(path, cause, "rename it or fetch it again", offset=0)
    return data


def _decompress(path: Path, data: bytes) -> bytes:
    """All frames of `data`; a frame that ends early is an error, not a shorter trace."""
    output, position, context = io.BytesIO(), 0, zstandard.ZstdDecompressor()
    decoder = context.decompressobj()
    while position < len(data):
        if decoder.eof:
            decoder = context.decompressobj()
        chunk = data[position : position + _CHUNK]
        try:
            output.write(decoder.decompress(chunk))
        except zstandard.ZstdError as error:
            raise TraceError(path, f"corrupt zstd data ({error})", "fetch the file again", offset=position) from None
        position += len(chunk) - len(decoder.unused_data)
    if not decoder.eof:
        read = f"after {output.tell() // RECORD.itemsize:,} records" if "oracleGeneral" in path.name else "early"
        cause = f"the compressed file is truncated: it ends {read}"
        raise TraceError(path, cause, "fetch the file again", offset=len(data))
    return output.getvalue()


def _guess_format(path: Path, data: bytes) -> Format:
    name = path.name.lower().removesuffix(".zst")
    if "oraclegeneral" in name:
        return "oracleGeneral"
    if name.endswith((".csv", ".txt", ".tsv")) or _is_text(data[:4096]):
        return "csv"
    if len(data) % RECORD.itemsize == 0 and _first_implausible(np.frombuffer(data, dtype=RECORD)) is None:
        return "oracleGeneral"
    raise TraceError(path, "not a trace in a known format", _FORMATS, offset=0)


def _is_text(start: bytes) -> bool:
    return all(byte in b"\t\n\r" or byte >= 0x20 for byte in start) and b"\x7f" not in start


def _first_implausible(records: np.ndarray) -> int | None:
    """Index of the first of 1,000 records whose next access lies in its own past: then these are no such records."""
    following = records["next"][:1000]
    index = np.arange(len(following))
    none = (following == -1) | (following == 0) | (following == _NEVER)
    bad = np.flatnonzero(~(none | ((following > index) & (following < _MAX_VTIME))))
    return int(bad[0]) if len(bad) else None


def _parse_oracle_general(path: Path, data: bytes) -> Trace:
    rest = len(data) % RECORD.itemsize
    if rest:
        cause = f"the trace is truncated: the last record has {rest} of {RECORD.itemsize} bytes"
        raise TraceError(path, cause, "fetch the file again, or name its format", offset=len(data) - rest)
    records = np.frombuffer(data, dtype=RECORD)
    bad = _first_implausible(records)
    if bad is not None:
        cause = f"not oracleGeneral: record {bad} has next access {int(records['next'][bad])}"
        raise TraceError(path, cause, _FORMATS, offset=bad * RECORD.itemsize)
    kept = records[records["size"] > 0]
    ids = kept["id"].astype(np.uint64).view(np.int64)
    return Trace.from_arrays(path.name, ids, kept["size"].astype(np.uint32), len(records) - len(kept))


def _parse_csv(path: Path, data: bytes) -> Trace:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TraceError(path, "not text: this is no csv file", _FORMATS, offset=error.start) from None
    lines = text.splitlines()
    delimiter = next((mark for mark in (",", "\t", ";") if mark in lines[0]), ",") if lines else ","
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        return _csv_columns(path, rows)
    except csv.Error as error:
        raise TraceError(path, f"not csv ({error})", _FORMATS, line=rows.line_num) from None


def _csv_columns(path: Path, rows: Iterable[list[str]]) -> Trace:
    columns: dict[str, int] | None = None
    ids: list[str] = []
    sizes: list[int] = []
    width = n_skipped = 0
    for number, row in enumerate(rows, start=1):
        if not row or (len(row) == 1 and not row[0].strip()):
            continue
        if columns is None:
            width = len(row)
            columns, is_header = _find_columns(path, row, number)
            if is_header:
                continue
        if len(row) != width:
            cause = f"{len(row)} columns where {width} are expected"
            raise TraceError(path, cause, "give every line the same columns", line=number)
        size = _csv_size(path, row[columns["size"]], number) if "size" in columns else 1
        if size == 0:
            n_skipped += 1
            continue
        ids.append(row[columns["id"]].strip())
        sizes.append(size)
    return Trace.from_arrays(path.name, _numeric_ids(ids), np.array(sizes, dtype=np.uint32), n_skipped)


def _find_columns(path: Path, row: list[str], number: int) -> tuple[dict[str, int], bool]:
    """Column of each known field, and whether `row` is a header."""
    header = [cell.strip().strip('"').lower() for cell in row]
    found = {field: header.index(name) for field, names in _NAMES.items() for name in reversed(names) if name in header}
    if "id" in found:
        return found, True
    if found or (len(row) == 3 and not _is_number(header[0])):
        raise TraceError(path, "the header has no column `id`", f"name one of {', '.join(_NAMES['id'])}", line=number)
    if len(row) == 1:
        return {"id": 0}, False
    if len(row) == 3:
        return {"time": 0, "id": 1, "size": 2}, False
    cause = f"{len(row)} columns and no header"
    raise TraceError(path, cause, "add a header line such as time,id,size, or give those three columns", line=number)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv_size(path: Path, text: str, number: int) -> int:
    try:
        size = int(text)
    except ValueError:
        cause = f"size `{text.strip()}` is not an integer"
        raise TraceError(path, cause, "sizes are whole bytes", line=number) from None
    if not 0 <= size < 2**32:
        raise TraceError(path, f"size {size} is out of range", "sizes lie in [0, 4294967295] bytes", line=number)
    return size


def _numeric_ids(ids: list[str]) -> NDArray[np.int64]:
    """The ids as integers when all are written as such (`007` and `7` are two objects), else numbers 0, 1, ..."""
    try:
        values = [int(text) for text in ids]
        if all(str(value) == text for value, text in zip(values, ids, strict=True)):
            return np.array(values, dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in ids], dtype=np.int64)
