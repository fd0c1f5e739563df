"""The archive file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from synth.archive import Archive, ArchiveSink, Proposed, Result
from synth.errors import UserError
from synth.task import Score


def proposed(text: str) -> Proposed:
    return Proposed(text, "seed", (), text, 3, 4, "name")


def test_a_candidate_gets_one_verdict(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a.sqlite")
    archive.propose(0, [proposed("x"), proposed("y")])
    assert archive.record(Result(1, "scored", Score(0.5, {"requests": 3}), seconds=0.1))
    assert not archive.record(Result(1, "timeout"))
    first, second = archive.candidates()
    assert (first.verdict, first.score, first.metrics) == ("scored", 0.5, {"requests": 3})
    assert (second.verdict, second.score) == ("pending", None)


def test_a_generation_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a.sqlite")
    with pytest.raises(sqlite3.IntegrityError):
        archive.propose(0, [proposed("x"), proposed("x")])
    assert archive.candidates() == []


def test_a_sink_writes_from_elsewhere(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a.sqlite")
    archive.propose(0, [proposed("x")])
    ArchiveSink(archive.path)(Result(1, "rejected", diagnostics=({"code": "E1"},)))
    assert archive.candidates()[0].diagnostics == ({"code": "E1"},)


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(UserError, match="is not an archive"):
        Archive(path)


def test_an_archive_of_another_version(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(UserError, match="archive version 99"):
        Archive(path)


def test_no_archive(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no run in"):
        Archive.open(tmp_path / "none.sqlite")
