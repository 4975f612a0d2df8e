"""The lines of an audit's page in Data Docs: Great Expectations' own, and each one's severity.

Import it only from inside a function: it imports Great Expectations, which finds it by its
name in a site's configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.render import RenderedStringTemplateContent
from great_expectations.render.renderer.content_block import (
    ValidationResultsTableContentBlockRenderer,
)


class SeverityTable(ValidationResultsTableContentBlockRenderer):  # type: ignore[misc]
    """GX's table with one column more; what failed without being critical has warned in it."""

    @classmethod
    def _process_content_block(cls, content_block: Any, *given: Any, **named: Any) -> None:
        super()._process_content_block(content_block, *given, **named)
        content_block.header_row = [*content_block.header_row, "Severity"]

    @classmethod
    def _get_content_block_fn(cls, *given: Any, **named: Any) -> Callable[..., Any]:
        write_rows = super()._get_content_block_fn(*given, **named)

        def write(**arguments: Any) -> list[list[Any]]:
            result = arguments["result"]
            severity = FailureSeverity(result.expectation_config.severity)
            is_warned = not (result.success or result.exception_info["raised_exception"])
            rows: list[list[Any]] = write_rows(**arguments)
            if is_warned and severity is not FailureSeverity.CRITICAL:
                rows = [[_warned_icon(), *cells] for _, *cells in rows]
            return [[*cells, severity.value] for cells in rows]

        return write


def _warned_icon() -> RenderedStringTemplateContent:
    icon = {"tag": "i", "classes": ["fas", "fa-exclamation-circle", "text-warning"]}
    return RenderedStringTemplateContent(
        content_block_type="string_template",
        string_template={
            "template": "$icon",
            "params": {"icon": ""},
            "styling": {"params": {"icon": icon}},
        },
    )
