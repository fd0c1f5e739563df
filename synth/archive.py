"""The archive: one SQLite file with everything a run did, from which a killed run resumes.

Tables (schema version in `PRAGMA user_version`):
  settings      what identifies the run, one JSON value a key; equal ones are needed to resume
  candidates    one row a candidate: proposed as `pending` in one transaction a generation, later given a verdict
  measurements  scores of baselines and of candidates on parts that the search does not see
  sessions      one row a process that worked on the run, with the seconds it spent
  events        what happened, for people

Results are written by the worker that has them, each in its own transaction, so that killing the process that
drives the search loses none. A candidate with a verdict is never evaluated again.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.errors import UserError
from synth.task import Score

ARCHIVE_NAME = "archive.sqlite"
SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE candidates (
    id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    parents TEXT NOT NULL,           -- JSON list of ids
    operator TEXT NOT NULL,          -- what made it: seed, crossover, ...
    name TEXT NOT NULL,              -- of a seed, else empty
    source TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,        -- hash of the canonical Core: equal means the same function
    verdict TEXT NOT NULL,           -- pending scored rejected failed timeout crashed
    diagnostics TEXT NOT NULL,       -- JSON list, why it was not scored
    steps INTEGER NOT NULL,          -- proved bound
    cost INTEGER NOT NULL,
    score REAL,
    metrics TEXT NOT NULL,           -- JSON object
    seconds REAL NOT NULL,           -- of compiling and evaluating
    created REAL NOT NULL
);
CREATE INDEX candidates_by_verdict ON candidates (verdict, generation);
CREATE TABLE measurements (
    kind TEXT NOT NULL,              -- baseline or candidate
    name TEXT NOT NULL,
    part TEXT NOT NULL,              -- train heldout all
    score REAL NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (kind, name, part)
);
CREATE TABLE sessions (id INTEGER PRIMARY KEY, started REAL NOT NULL, seconds REAL NOT NULL, ended TEXT NOT NULL);
CREATE TABLE events (id INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
"""

PENDING = "pending"
SCORED = "scored"
REJECTED = "rejected"
FAILED = "failed"
TIMEOUT = "timeout"
CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of the archive; `score` is None unless the verdict is `scored`."""

    id: int
    generation: int
    parents: tuple[int, ...]
    operator: str
    name: str
    source: str
    key: str
    verdict: str
    diagnostics: tuple[dict[str, Any], ...]
    steps: int
    cost: int
    score: float | None
    metrics: Mapping[str, float]
    seconds: float
    created: float


@dataclass(frozen=True, slots=True)
class Proposed:
    """A candidate about to be written as pending."""

    source: str
    operator: str
    parents: tuple[int, ...]
    key: str
    steps: int
    cost: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one candidate."""

    id: int
    verdict: str
    score: Score | None = None
    diagnostics: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0


class Archive:
    """An open archive. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        """Open the archive at `path`, creating it if there is none; raises UserError on a file that is none."""
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=60.0, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._create()
        except sqlite3.DatabaseError as error:
            raise UserError(f"`{path}` is not an archive: {error}", "choose another --run directory") from None

    @staticmethod
    def open(path: Path) -> Archive:
        """Open an archive that exists."""
        if not path.is_file():
            raise UserError(f"there is no run in `{path.parent}`", "name the directory of a `vulcan synth` run")
        return Archive(path)

    def close(self) -> None:
        self._db.close()

    def _create(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        if version != 0:
            raise UserError(
                f"`{self.path}` has archive version {version}, this program writes {SCHEMA_VERSION}",
                "start anew with another --run directory",
            )
        # One transaction: a kill leaves either no schema or all of it.
        self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    # ------------------------------------------------------------------------------------------- settings

    def settings(self) -> dict[str, Any]:
        return {
            key: json.loads(value) for key, value in self._db.execute("SELECT key, value FROM settings ORDER BY rowid")
        }

    def claim(self, settings: Mapping[str, Any]) -> None:
        """Write the settings of a new run, or check them against those of the run that is there."""
        wanted: dict[str, Any] = json.loads(json.dumps(settings))
        known = self.settings()
        if not known:
            self._many("INSERT INTO settings VALUES (?, ?)", ((key, json.dumps(wanted[key])) for key in wanted))
            return
        differing = [key for key in sorted(wanted.keys() | known.keys()) if wanted.get(key) != known.get(key)]
        if differing:
            lines = [f"  {key}: {_show(known.get(key))} there, {_show(wanted.get(key))} now" for key in differing]
            raise UserError(
                f"`{self.path.parent}` holds a run with other settings:\n" + "\n".join(lines),
                "repeat the earlier settings to resume it, or start anew with `--run OTHER_DIRECTORY`",
            )

    # ----------------------------------------------------------------------------------------- candidates

    def candidates(self) -> list[Candidate]:
        """All candidates, by id."""
        return [_candidate(row) for row in self._db.execute("SELECT * FROM candidates ORDER BY id")]

    def candidates_of(self, generation: int) -> list[Candidate]:
        """The candidates of one generation, by id."""
        rows = self._db.execute("SELECT * FROM candidates WHERE generation = ? ORDER BY id", (generation,))
        return [_candidate(row) for row in rows]

    def propose(self, generation: int, proposals: Iterable[Proposed]) -> None:
        """Write a whole generation as pending."""
        now = time.time()
        self._many(
            "INSERT INTO candidates (generation, parents, operator, name, source, key, verdict, diagnostics, steps,"
            " cost, metrics, seconds, created) VALUES (?, ?, ?, ?, ?, ?, 'pending', '[]', ?, ?, '{}', 0.0, ?)",
            (
                (generation, json.dumps(p.parents), p.operator, p.name, p.source, p.key, p.steps, p.cost, now)
                for p in proposals
            ),
        )

    def record(self, result: Result) -> bool:
        """Write the verdict of a pending candidate; False if it already had one."""
        score = result.score
        cursor = self._db.execute(
            "UPDATE candidates SET verdict = ?, score = ?, metrics = ?, diagnostics = ?, seconds = ?"
            " WHERE id = ? AND verdict = 'pending'",
            (
                result.verdict,
                None if score is None else score.value,
                json.dumps({} if score is None else dict(score.metrics)),
                json.dumps(result.diagnostics),
                result.seconds,
                result.id,
            ),
        )
        return cursor.rowcount == 1

    # --------------------------------------------------------------------------------------- measurements

    def measure(self, kind: str, name: str, part: str, score: Score) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO measurements VALUES (?, ?, ?, ?, ?)",
            (kind, name, part, score.value, json.dumps(dict(score.metrics))),
        )

    def measurements(self) -> dict[tuple[str, str, str], Score]:
        """Scores by (kind, name, part)."""
        rows = self._db.execute("SELECT kind, name, part, score, metrics FROM measurements")
        return {(kind, name, part): Score(value, json.loads(metrics)) for kind, name, part, value, metrics in rows}

    # ---------------------------------------------------------------------------------- sessions and events

    def begin_session(self) -> int:
        cursor = self._db.execute("INSERT INTO sessions (started, seconds, ended) VALUES (?, 0.0, '')", (time.time(),))
        return int(cursor.lastrowid or 0)

    def update_session(self, session: int, seconds: float, ended: str = "") -> None:
        self._db.execute("UPDATE sessions SET seconds = ?, ended = ? WHERE id = ?", (seconds, ended, session))

    def seconds_spent(self) -> float:
        """Wall seconds of all sessions so far."""
        (seconds,) = self._db.execute("SELECT COALESCE(SUM(seconds), 0.0) FROM sessions").fetchone()
        return float(seconds)

    def ending(self) -> str:
        """Why the last session that ended did so; empty when none has."""
        row = self._db.execute("SELECT ended FROM sessions WHERE ended != '' ORDER BY id DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def log(self, kind: str, text: str) -> None:
        self._db.execute("INSERT INTO events (time, kind, text) VALUES (?, ?, ?)", (time.time(), kind, text))

    def _many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(statement, rows)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


class ArchiveSink:
    """Writes results to an archive by path; opened on first use, in whichever process that is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._archive: Archive | None = None

    def __reduce__(self) -> tuple[type[ArchiveSink], tuple[Path]]:
        return ArchiveSink, (self._path,)

    def __call__(self, result: Result) -> None:
        if self._archive is None:
            self._archive = Archive(self._path)
        self._archive.record(result)


def _show(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value)


def _candidate(row: tuple[Any, ...]) -> Candidate:
    (
        id,
        generation,
        parents,
        operator,
        name,
        source,
        key,
        verdict,
        diagnostics,
        steps,
        cost,
        score,
        metrics,
        seconds,
        made,
    ) = row
    return Candidate(
        id, generation, tuple(json.loads(parents)), operator, name, source, key, verdict,
        tuple(json.loads(diagnostics)), steps, cost, score, json.loads(metrics), seconds, made,
    )  # fmt: skip
