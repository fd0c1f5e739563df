"""Property tests: the same examples in every run of `make test`, new ones each night."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("nightly", deadline=None, print_blob=True)
settings.load_profile("repeatable")
