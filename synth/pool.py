"""A pool of worker processes that survives its candidates.

Each worker leads its own process group, so that a candidate that hangs is ended with everything it started. A worker
that dies is replaced; the candidate it was at is marked, the ones it had not begun go to another.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any

from synth.archive import CRASHED, TIMEOUT, Result
from synth.errors import UserError
from synth.worker import Answer, Broken, CandidateJob, Job, Measured, Ready, Setup

PREFETCH = 2
_START_LIMIT = 600.0
_FAREWELL = 3.0


@dataclass(eq=False)
class _Worker:
    """`jobs` are those sent and not answered; the first is in progress since `since`, a time of `monotonic`."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]
    since: float
    ready: bool = False
    jobs: deque[Job] = field(default_factory=deque)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()


class Pool:
    """Workers that share one setup. Use as a context manager."""

    def __init__(self, setup: Setup, workers: int, *, log: Path, inherit: tuple[int, ...] = ()) -> None:
        """Start `workers` processes; their stderr goes to `log`, the descriptors `inherit` stay open in them."""
        self._setup = setup
        self._inherit = inherit
        self._log: IO[bytes] = log.open("ab")
        self._backlog: deque[Job] = deque()
        self._workers = [self._start() for _ in range(workers)]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the workers finish what they are at, for a moment; then end them."""
        for worker in self._workers:
            if not worker.jobs:
                worker.kill()
            else:
                worker.connection.close()
        deadline = time.monotonic() + _FAREWELL
        for worker in self._workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
        self._workers.clear()
        self._log.close()

    def run(self, jobs: Iterable[Job], stop: Callable[[], bool] = lambda: False) -> Iterator[Answer]:
        """Answers to `jobs` as they come; once `stop()` holds, no further job is begun."""
        self._backlog.extend(jobs)
        while True:
            if stop():
                self._backlog.clear()
            self._feed()
            if not self._backlog and not any(worker.jobs for worker in self._workers):
                return
            yield from self._collect()

    # ---------------------------------------------------------------------------------------------- inside

    def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "synth.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(), *self._inherit),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            connection: Connection[Any, Any] = Connection(ours.detach())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a death is noticed when collecting
            connection.send(sys.path)
            connection.send(self._setup)
        return _Worker(process, connection, time.monotonic())

    def _feed(self) -> None:
        """Keep every worker that is ready supplied, the idlest first."""
        for depth in range(PREFETCH):
            for worker in self._workers:
                if self._backlog and worker.ready and len(worker.jobs) == depth:
                    self._send(worker, self._backlog.popleft())

    @staticmethod
    def _send(worker: _Worker, job: Job) -> None:
        if not worker.jobs:
            worker.since = time.monotonic()
        worker.jobs.append(job)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the same
            worker.connection.send(job)

    def _collect(self) -> Iterator[Answer]:
        """Wait for something to happen: answers, deaths, and jobs that outlast the limit."""
        now = time.monotonic()
        patience = max(0.0, min(self._deadline(worker) - now for worker in self._workers))
        ready = wait([worker.connection for worker in self._workers], min(patience, 0.5))
        for worker in list(self._workers):
            if worker.connection in ready:
                yield from self._receive(worker)
            elif time.monotonic() > self._deadline(worker):
                yield from self._replace(worker, TIMEOUT, f"took longer than {self._setup.limit:g} s")

    def _deadline(self, worker: _Worker) -> float:
        if not worker.ready:
            return worker.since + _START_LIMIT
        return worker.since + (self._setup.limit if worker.jobs else float("inf"))

    def _receive(self, worker: _Worker) -> Iterator[Answer]:
        try:
            answer: Answer = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            yield from self._replace(worker, CRASHED, "the process died while evaluating")
            return
        if isinstance(answer, Broken):
            raise answer.error
        if isinstance(answer, Ready):
            worker.ready = True
            return
        worker.jobs.popleft()
        worker.since = time.monotonic()
        yield answer

    def _replace(self, worker: _Worker, verdict: str, reason: str) -> Iterator[Answer]:
        worker.kill()
        if not worker.ready:
            raise UserError(
                "a worker could not load the instance: its process ended while starting",
                f"see `{self._log.name}`",
            )
        self._workers[self._workers.index(worker)] = self._start()
        if not worker.jobs:
            return
        job = worker.jobs.popleft()
        self._backlog.extendleft(reversed(worker.jobs))
        if not isinstance(job, CandidateJob):
            yield Measured(job, None, reason)
            return
        diagnostic = {"code": verdict, "message": reason}
        result = Result(job.id, verdict, None, (diagnostic,), time.monotonic() - worker.since)
        self._setup.sink(result)
        yield result
