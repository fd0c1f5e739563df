"""The report of a run: one HTML file with everything inside, which needs no network and no script."""

from synth.report.page import write_report

__all__ = ["write_report"]
