"""A run's story as text: when, what, why, how it ended, where the rows are, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assay.cli.check_text import tell_check_with_rows
from assay.cli.text_table import (
    LISTED,
    format_count,
    format_table,
    format_time,
    indent,
    shorten,
)
from assay.domain import Load, StageState
from assay.pipeline.explain import RebuildReasons, RunStory, StageStory
from assay.pipeline.run_states import ROLLBACK_PREFIX, RunState


def tell(story: RunStory) -> str:
    """Write a run's story as text of several paragraphs."""
    paragraphs = [
        _tell_outcome(story),
        _tell_plan(story),
        _tell_reasons(story.reasons, is_first=story.base is None) if story.reasons else "",
        _tell_stages(story.stages),
        _tell_tables(story),
        _tell_rows(story),
        _tell_checks(story),
        _tell_gate(story),
        _tell_error(story),
        _tell_warnings(story),
        "What to do next:\n" + indent("\n".join(_suggest(story))),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _tell_outcome(story: RunStory) -> str:
    standing = story.standing
    stage = standing.stage.value.replace("_", " ") if standing.stage else "its start"
    seen = f"release {story.current_release}" if story.current_release else "no release yet"
    words = {
        RunState.PUBLISHED: f"published release {story.release.number if story.release else ''}",
        RunState.NOTHING_TO_DO: "found nothing to do: no new delivery and no changed definition",
        RunState.RUNNING: f"is running: {stage}",
        RunState.WAITING: f"has finished {stage} and waits for its next stage",
        RunState.FAILED: f"failed in {stage} and published nothing; readers see {seen}",
        RunState.KILLED: f"was killed in or after {stage}: it has no end, and nothing holds its"
        f" lock; readers see {seen}",
        RunState.SUPERSEDED: f"stopped after {stage}, and a newer run has started since:"
        " it can write nothing any more",
    }[standing.state]
    kind = "The rollback" if story.run_id.startswith(ROLLBACK_PREFIX) else "Run"
    text = f"{kind} {story.run_id} of {story.product} {words}."
    if story.newer_run and standing.state in (RunState.FAILED, RunState.KILLED):
        text += f" Run {story.newer_run} has started since."
    return text


def _tell_plan(story: RunStory) -> str:
    run = story.run
    if run is None:
        return ""
    code = f"code {run.code_revision[:12]}" if run.code_revision else "code outside git"
    changes = " and changes to it" if run.code_revision and run.code_dirty else ""
    base = f"release {run.base_release}" if run.base_release else "nothing (no release before)"
    selected = f"; only models selected by '{run.select}'" if run.select else ""
    lines = [
        f"It started at {format_time(run.started_at_utc)} as number {run.fence} of the product,"
        f" from {base}, with {code}{changes}.",
        f"It took in {format_count(len(story.loads), 'load')}"
        + (":" if story.loads else f"{selected}."),
    ]
    loads = [_tell_load(load) for load in story.loads]
    return "\n".join([*lines, *shorten(loads, "load", f"assay loads {story.product}")])


def _tell_load(load: Load) -> str:
    line = (
        f"  {load.load_id}  {load.source_name}: {format_count(load.row_count, 'row')},"
        f" delivered {format_time(load.delivered_at_utc)}"
    )
    drift = [f"    column '{name}': {text}" for name, text in load.drift.items()]
    return "\n".join([line, *drift])


def _tell_reasons(reasons: RebuildReasons, *, is_first: bool) -> str:
    if is_first:
        count = len((*reasons.changed, *reasons.following, *reasons.updated))
        return (
            f"It built everything, {count} models: it is the product's first release."
            if count
            else ""
        )
    lines = []
    for models, why in (
        (reasons.changed, "rebuilt from nothing, new or changed since the release before"),
        (reasons.following, "rebuilt from nothing, with what they read or as asked for"),
        (reasons.updated, "brought up to date with the new rows"),
    ):
        if models:
            lines.append(f"{format_count(len(models), 'model')} {why}: {', '.join(models)}")
    if reasons.suites:
        why = "Audited anew, for their checks or what these read changed"
        lines.append(f"{why}: {', '.join(reasons.suites)}")
    if reasons.is_policy_changed:
        lines.append("The policies changed.")
    lines += [
        f"It read release {now} of {product}" + (f", before it was {before}." if before else ".")
        for product, (before, now) in reasons.products.items()
    ]
    return "\n".join(lines)


def _tell_stages(stages: Iterable[StageStory]) -> str:
    rows = []
    for stage in stages:
        seconds = ""
        if stage.started_at_utc and stage.ended_at_utc:
            seconds = f"{(stage.ended_at_utc - stage.started_at_utc).total_seconds():.1f}"
        tries = str(stage.attempts) if stage.attempts > 1 else ""
        state = "no end" if stage.state is StageState.STARTED else stage.state.value
        rows.append((stage.stage.value.replace("_", " "), state.replace("_", " "), seconds, tries))
    if not rows:
        return ""
    return "Stages:\n" + indent(
        format_table(("stage", "outcome", "seconds", "attempts"), rows, right=("seconds",))
    )


def _tell_tables(story: RunStory) -> str:
    if not story.candidates:
        return ""
    headers = ("table", "rows", "written", "version", "how")
    rows = [
        (each.table, each.rows, each.rows_written, str(each.version), each.operation)
        for each in story.candidates
    ]
    return "It wrote:\n" + indent(format_table(headers, rows, right=headers[1:4]))


def _tell_rows(story: RunStory) -> str:
    if not story.balances:
        return ""
    parts = ("accepted", "quarantined", "deduplicated", "replayed", "discarded")
    figures = ("landed", *parts, "superseded")
    headers = ("load", *figures)
    rows = [(b.load_id, *(getattr(b, figure) for figure in figures)) for b in story.balances]
    if len(rows) > LISTED + 1:
        sums = (sum(getattr(b, figure) for b in story.balances) for figure in figures)
        rows = [*rows[:LISTED], (f"all {len(rows):,} loads", *sums)]
    text = f"Where the rows of each load went (landed = {' + '.join(parts)}):\n"
    text += indent(format_table(headers, rows, right=headers[1:]))
    quarantined = [each for each in story.balances if each.quarantined]
    if quarantined:
        which = story.product if story.release else f"--run {story.run_id}"
        text += f"\n  quarantined rows and the rules they broke: assay quarantine list {which}"
    return text


def _tell_checks(story: RunStory) -> str:
    if not story.checks:
        return ""
    checks = [tell_check_with_rows(check, story.run_id) for check in story.checks]
    return "\n".join(["Checks that did not pass:", *checks])


def _tell_gate(story: RunStory) -> str:
    gate = story.gate
    if gate is None:
        return ""
    if gate.allowed:
        return f"The policies allowed the release ({len(gate.rules)} rules, {gate.engine})."
    return f"The policies ({gate.engine}) denied the release:\n" + "\n".join(
        f"  - {denial}" for denial in gate.denials
    )


def _tell_error(story: RunStory) -> str:
    messages = [stage for stage in story.stages if stage.message]
    return "\n".join(
        f"{'Error in' if stage.state is StageState.FAILED else 'From'}"
        f" {stage.stage.value.replace('_', ' ')}:\n{indent(stage.message)}"
        for stage in messages
    )


def _tell_warnings(story: RunStory) -> str:
    if not story.warnings:
        return ""
    return f"Warnings about {story.product} as it is now:\n" + indent("\n".join(story.warnings))


def _suggest(story: RunStory) -> Sequence[str]:
    product = story.product
    again = f"assay run {product}    (starts from the current release; nothing is lost)"
    read = (
        [f'assay sql --run {story.run_id} "from {story.candidates[-1].table} limit 20"']
        if story.candidates
        else []
    )
    return {
        RunState.PUBLISHED: [
            f"assay releases show {product} {story.release.number if story.release else ''}"
        ],
        RunState.NOTHING_TO_DO: [f"assay status {product}"],
        RunState.RUNNING: [f"wait; then: assay explain {story.run_id}"],
        RunState.WAITING: ["let the next task run in Airflow, or start over from here:", again],
        RunState.FAILED: ["mend what the error names, then:", again, *read],
        RunState.KILLED: [again, *read],
        RunState.SUPERSEDED: [f"assay explain {story.newer_run or 'latest'}"],
    }[story.standing.state]
