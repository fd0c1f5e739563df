"""Diagnostics as data: what can be wrong with a program, how it is shown, explained and repaired."""

from __future__ import annotations

from anvil.diagnostics.catalogue import CATALOGUE, Kind
from anvil.diagnostics.model import Diagnostic, Edit, Rejected, Stop, Witness, diagnostic, fail

__all__ = ["CATALOGUE", "Diagnostic", "Edit", "Kind", "Rejected", "Stop", "Witness", "diagnostic", "fail"]
