"""synth: the search of Vulcan. It proposes heuristics, has them proved, scores them and keeps an archive."""
