"""Studies: each folder is one systems problem with its template, evaluator, baselines and champions."""
