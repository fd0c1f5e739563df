"""One process at a time on a run.

The lock is a `flock` on a file, inherited by the workers: after the main process was killed it stays held until the
last evaluation in progress has written its result, so that a rerun does not start that evaluation again.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from synth.errors import UserError


class RunLock:
    """Held from construction to `close`; `fileno` is to be passed to the workers."""

    def __init__(self, path: Path, patience: float, waiting: Callable[[str], None] = lambda text: None) -> None:
        """Take the lock; waits up to `patience` seconds when only orphaned workers hold it. Raises UserError."""
        self._stream = path.open("a+")
        deadline = time.monotonic() + patience
        told = False
        while not self._try():
            owner = self._owner()
            if owner and _alive(owner):
                raise UserError(
                    f"`{path.parent}` is in use by process {owner}",
                    "wait for it, or start another run with `--run OTHER_DIRECTORY`",
                )
            if time.monotonic() > deadline:
                raise UserError(f"`{path.parent}` is still in use by workers of a killed run", "end them and try again")
            if not told:
                waiting("waiting for the last evaluations of the interrupted run")
                told = True
            time.sleep(0.05)
        self._stream.truncate(0)
        self._stream.write(str(os.getpid()))
        self._stream.flush()

    @property
    def fileno(self) -> int:
        return self._stream.fileno()

    def close(self) -> None:
        """Release: workers that still run keep it until they end."""
        self._stream.close()

    def _try(self) -> bool:
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _owner(self) -> int:
        self._stream.seek(0)
        text = self._stream.read().strip()
        return int(text) if text.isdigit() else 0


def _alive(pid: int) -> bool:
    """Whether a process of that id runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"
