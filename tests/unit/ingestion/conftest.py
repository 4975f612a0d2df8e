"""A lake and a folder of deliveries for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_harness import Landing


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)
