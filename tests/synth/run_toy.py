"""Runs the toy search: `run_toy.py DIRECTORY LOG EVALUATIONS [SECONDS]`; dies without warning after SECONDS."""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from toy import Quiet, ToyEvaluator, toy_plan

from synth.search import Limits, run

if __name__ == "__main__":
    directory, log, evaluations = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    if len(sys.argv) > 4:
        signal.setitimer(signal.ITIMER_REAL, float(sys.argv[4]))  # the default action ends the process at once
    run(toy_plan(ToyEvaluator(log)), directory, Limits(max_evals=evaluations), Quiet())
