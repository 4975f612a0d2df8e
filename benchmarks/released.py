"""Print how many rows a table has in the current release of ASSAY_LAKE."""

from __future__ import annotations

import sys

from assay.config import read_settings
from assay.pipeline import open_project

release = open_project(read_settings()).releases.current("flights")
print(release.rows[sys.argv[1]] if release else 0)
