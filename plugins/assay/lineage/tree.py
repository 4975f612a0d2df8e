"""A lineage graph as text."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.lineage.graph import Edge, LineageGraph


def render(graph: LineageGraph) -> str:
    """Draw the graph as text: the dataset, then a tree of what feeds it and of what it feeds."""
    lines = [_describe(graph, graph.dataset)]
    for title, edges, is_upstream in (
        ("upstream", graph.upstream, True),
        ("downstream", graph.downstream, False),
    ):
        lines.append(f"{title}:" if edges else f"{title}: nothing")
        lines += _branches(graph, edges, graph.dataset, is_upstream, {graph.dataset}, 1)
    return "\n".join(lines)


def _branches(
    graph: LineageGraph,
    edges: tuple[Edge, ...],
    here: str,
    is_upstream: bool,
    drawn: set[str],
    depth: int,
) -> list[str]:
    lines: list[str] = []
    for edge in edges:
        near, far = (edge.target, edge.source) if is_upstream else (edge.source, edge.target)
        if near != here:
            continue
        arrow = "<-" if is_upstream else "->"
        start = f"{'  ' * depth}{arrow} [{edge.job} {_time(edge.at_utc)}] "
        if far == here:
            lines.append(f"{start}{far} (itself, as it was before)")
        elif far in drawn:
            lines.append(f"{start}{far} (shown above)")
        else:
            drawn.add(far)
            lines.append(start + _describe(graph, far))
            lines += _branches(graph, edges, far, is_upstream, drawn, depth + 1)
    return lines


def _describe(graph: LineageGraph, dataset: str) -> str:
    parts = [dataset]
    seen = graph.newest.get(dataset)
    if seen:
        parts.append(f"version {seen.version}" if seen.version else "no version")
        parts.append(_time(seen.at_utc))
    audit = graph.audits.get(dataset)
    if audit:
        parts.append(f"{audit.passed} of {audit.checked} checks passed at version {audit.version}")
    return ", ".join(parts)


def _time(at_utc: datetime) -> str:
    return at_utc.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
