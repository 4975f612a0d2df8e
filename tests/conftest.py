"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# No test depends on time: what else this machine does decides how long an example takes.
settings.register_profile("assay", settings(), deadline=None)
settings.load_profile("assay")
