"""Cache eviction: traces, a simulator in C++, baselines, and the task's template and seeds."""
