"""Data Docs without the network: Great Expectations' pages ask six foreign servers for styles
and scripts, and its first page shows nothing without them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

_FOREIGN_LINK = re.compile(r"<link[^>]*href=\"https?://[^>]*>")
_FOREIGN_IMAGE = re.compile(r"<img[^>]*src=\"https?://[^>]*>")
_FOREIGN_BACKGROUND = re.compile(r"url\(['\"]?https?://[^)]*\)")
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
# Suites are in the repository; the site holds audits alone.
_SUITE_LINK = re.compile(r"<a [^>]*href=\"[^\"]*/expectations/[^>]*>(.*?)</a>", re.DOTALL)
_STYLE_SHEET = "assay.css"
# Great Expectations knows no warnings: an audit that has some is headed as failed.
_FAILED_HEADER = '<i class="fas fa-times text-danger" aria-hidden="true"></i> Failed'
_WARNED_HEADER = '<i class="fas fa-exclamation-circle text-warning" aria-hidden="true"></i> Warned'

_STYLES = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 75rem; margin: 1rem auto;
  padding: 0 1rem; }
a { color: #0b5cad; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top; }
thead th { background: #f3f4f6; }
pre { white-space: pre-wrap; }
.passed { color: #14692d; } .warned { color: #8a5a00; font-weight: 600; }
.failed { color: #a3121f; font-weight: 600; }
.text-success { color: #14692d; } .text-danger { color: #a3121f; } .text-warning { color: #8a5a00; }
.fa-check-circle::before { content: "\\2713 passed"; }
.fa-times::before { content: "\\2717 failed"; }
.fa-exclamation-circle::before { content: "! warned"; }
.fa-exclamation-triangle::before { content: "! errored"; }
.fa-exclamation-triangle { color: #a3121f; }
tr:has(.fa-exclamation-circle) strong.text-danger { color: #8a5a00; }
.badge { background: #eef; border-radius: .3rem; padding: 0 .4rem; }
.alert-danger { background: #fdecee; padding: .5rem; }
.alert-success { background: #ecf7ee; padding: .5rem; }
/* Controls that need scripts, and advertising. */
.navbar img, footer, .footer, .ge-navigation-sidebar-container, .btn, button,
  [data-toggle="collapse"] { display: none; }
"""


@dataclass(frozen=True)
class AuditLine:
    """One line of the first page: an audit, how it ended, and its page beside the first.

    ``warned`` counts what failed without being critical, ``failed`` the rest of it.
    """

    run_id: str
    table: str
    version: int
    checked_at: str
    passed: int
    warned: int
    failed: int
    errored: int
    page: Path

    @property
    def outcome(self) -> str:
        """``passed``, ``warned`` or ``failed``: the class of its line. Errored is failed."""
        if self.failed or self.errored:
            return "failed"
        return "warned" if self.warned else "passed"


def write_pages(site: Path, lines: Sequence[AuditLine]) -> None:
    """Let every page of a site load nothing from elsewhere, and write its first page.

    The page of an audit of which nothing failed, but for warnings, is headed so.
    """
    (site / "static").mkdir(exist_ok=True)
    (site / "static" / _STYLE_SHEET).write_text(_STYLES.lstrip(), encoding="utf-8")
    warned = {site / line.page for line in lines if line.outcome == "warned"}
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for foreign in (_SCRIPT, _FOREIGN_LINK, _FOREIGN_IMAGE):
            text = foreign.sub("", text)
        text = _FOREIGN_BACKGROUND.sub("none", text)
        text = _SUITE_LINK.sub(r"\1", text)
        if page in warned:
            text = text.replace(_FAILED_HEADER, _WARNED_HEADER)
        page.write_text(text.replace("</head>", f"{_link(page, site)}</head>"), encoding="utf-8")
    (site / "index.html").write_text(_first_page(site, lines), encoding="utf-8")


def _link(page: Path, site: Path) -> str:
    sheet = Path(os.path.relpath(site / "static" / _STYLE_SHEET, page.parent)).as_posix()
    return f'<link rel="stylesheet" href="{sheet}">\n'


def _first_page(site: Path, lines: Sequence[AuditLine]) -> str:
    newest_first = sorted(lines, key=lambda line: (line.checked_at, line.table), reverse=True)
    rows = "\n".join(map(_row, newest_first))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Audits</title>\n'
        f"{_link(site / 'index.html', site)}</head>\n<body>\n<h1>Audits</h1>\n"
        "<table>\n<thead><tr><th>checked at (UTC)</th><th>table and version</th><th>outcome</th>"
        f"<th>run</th></tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</body>\n</html>\n"
    )


def _row(line: AuditLine) -> str:
    bad = [f"{line.failed} failed"] * bool(line.failed)
    bad += [f"{line.errored} errored"] * bool(line.errored)
    bad += [f"{line.warned} warned"] * bool(line.warned)
    outcome = ", ".join([*bad, f"{line.passed} passed"])
    name = f"{escape(line.table)}@{line.version}"
    return (
        f'<tr><td>{line.checked_at}</td><td><a href="{quote(line.page.as_posix())}">{name}</a></td>'
        f'<td class="{line.outcome}">{outcome}</td><td>{escape(line.run_id)}</td></tr>'
    )
