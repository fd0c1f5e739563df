"""Which template belongs to a file: the one named for all files, or the nearest template.anv in its folder or above."""

from __future__ import annotations

from pathlib import Path

from anvil.diagnostics import Rejected
from anvil.frontend.interface_file import load_interface
from anvil.interface import Interface

NAME = "template.anv"


class Templates:
    """Finds and keeps interfaces; one is read again when its file changes."""

    def __init__(self, fixed: Path | None = None) -> None:
        self.fixed = fixed
        self._known: dict[Path, tuple[float, Interface | Rejected]] = {}

    def path_for(self, file: Path | None) -> Path | None:
        """The template of a file; None where there is none."""
        if self.fixed is not None:
            return self.fixed
        if file is None:
            return None
        found = (folder / NAME for folder in file.resolve().parents)
        return next((path for path in found if path.is_file()), None)

    def load(self, path: Path) -> Interface | Rejected:
        """The interface, or what is wrong with it."""
        try:
            changed = path.stat().st_mtime
        except OSError:
            changed = 0.0
        known = self._known.get(path)
        if known is None or known[0] != changed:
            known = changed, _load(path)
            self._known[path] = known
        return known[1]


def _load(path: Path) -> Interface | Rejected:
    try:
        return load_interface(path)
    except Rejected as rejected:
        return rejected
