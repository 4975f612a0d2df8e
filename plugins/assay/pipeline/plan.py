"""What a run has to do: the loads it brings in, the models it builds, which from nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from assay.domain import Contract, Layer, Release
from assay.transform import Model


@dataclass(frozen=True)
class Plan:
    """Work, by name. Empty models and audits: there is nothing to do."""

    models: tuple[str, ...]
    rebuild: tuple[str, ...]
    audits: tuple[str, ...]
    is_gate_due: bool

    @property
    def is_empty(self) -> bool:
        return not (self.models or self.audits or self.is_gate_due)


def make_plan(
    *,
    product: str,
    models: Mapping[str, Model],
    contracts: Collection[Contract],
    loaded_tables: Collection[str],
    base: Release | None,
    fingerprints: Mapping[str, str],
    pins: Mapping[str, int],
    forced: Collection[str],
    selected: Collection[str] | None,
) -> Plan:
    """Work out what follows from new loads, changed definitions and other products' releases.

    A changed model is rebuilt, with all that follows from it; an entity's models between bronze
    and silver are rebuilt together, for together they place each row once. ``forced``
    models are rebuilt as if they had changed. With ``selected``
    those models and what follows from them are rebuilt, and no loads are brought in.
    """
    own = {name: model for name, model in models.items() if model.product == product}
    entities = [each for each in contracts if each.layer is not Layer.GOLD]
    chains = {c.bronze.name: silver_chain(c) for c in entities}
    if selected is not None:
        chosen = _with_whole_chains(set(selected) & set(own), chains)
        rebuild = _with_whole_chains(_descendants(chosen, own), chains)
        return _plan(own, rebuild, rebuild, (), is_gate_due=False)
    before = base.fingerprints if base else {}
    changed = {
        name
        for name, model in own.items()
        if name in forced or before.get(f"model:{name}") != model.fingerprint
    }
    rebuild = _with_whole_chains(_descendants(changed, own), chains)
    rebuild = _with_whole_chains(_descendants(rebuild, own), chains)
    loaded = {c.bronze.name for c in entities if c.table in loaded_tables}
    reads = base.reads if base else {}
    moved = {other for other, number in pins.items() if reads.get(other) != number}
    others = {model.name for model in own.values() if _products_read(model, models) & moved}
    touched = _descendants(loaded | others, own) | rebuild
    suites = {
        key.removeprefix("suite:")
        for key, value in fingerprints.items()
        if key.startswith("suite:") and before.get(key) != value
    }
    suites |= {c.main_table.suite for c in contracts if moved & products_referred(c)}
    is_gate_due = _judged_by(before) != _judged_by(fingerprints) or set(before) != set(fingerprints)
    return _plan(own, touched, rebuild, sorted(suites), is_gate_due=is_gate_due)


def products_referred(contract: Contract) -> set[str]:
    """Return the other products to which a contract's foreign keys lead."""
    return {each.product for each in contract.relationships} - {contract.product}


def _judged_by(fingerprints: Mapping[str, str]) -> dict[str, str]:
    """What the gate judges by or speaks of: the policies, and the contracts' own words."""
    return {
        key: value
        for key, value in fingerprints.items()
        if key == "policy" or key.startswith("contract:")
    }


def silver_chain(contract: Contract) -> tuple[str, ...]:
    """Name the stored models that bring an entity from bronze to silver, in order."""
    name = contract.silver.name
    steps = (f"int_{name}_{step}" for step in ("checked", "broken", "exceptions"))
    return (*steps, name, f"quarantine_{name}")


def _plan(
    own: Mapping[str, Model],
    touched: Collection[str],
    rebuild: Collection[str],
    audits: Iterable[str],
    *,
    is_gate_due: bool,
) -> Plan:
    built = {name for name in touched if own[name].materialized != "ephemeral"}
    return Plan(
        models=tuple(sorted(built)),
        rebuild=tuple(sorted(built & set(rebuild))),
        audits=tuple(audits),
        is_gate_due=is_gate_due,
    )


def _descendants(names: Collection[str], models: Mapping[str, Model]) -> set[str]:
    """Return the models of these names and all that read them, at any distance."""
    found = set(names)
    while True:
        more = {
            model.name
            for model in models.values()
            if model.name not in found and found & set(model.depends_on)
        }
        if not more:
            return found
        found |= more


def _with_whole_chains(names: Collection[str], chains: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Add the rest of every silver chain of which a part, or its bronze, is among the names."""
    found = set(names)
    for bronze, chain in chains.items():
        if found & {bronze, *chain}:
            found |= set(chain)
    return found


def _products_read(model: Model, models: Mapping[str, Model]) -> set[str]:
    return {models[name].product for name in model.depends_on if name in models}
