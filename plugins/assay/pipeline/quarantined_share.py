"""How much of a load quarantine may take, as its contract says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from assay.domain import Contract, LoadBalance, Run
from assay.errors import LoadRefused
from assay.pipeline.project import Project

_Excess = tuple[Contract, LoadBalance]


def check_shares(
    project: Project,
    run: Run,
    contracts: Sequence[Contract],
    balances: Sequence[LoadBalance],
    released: Collection[str],
) -> None:
    """Refuse loads that lost too many rows. A replay's rows were counted when delivered.

    Args:
        released: the loads of the run's base: none of them can be left out any more.

    Raises:
        LoadRefused: more of a load was quarantined than its contract allows; names all such loads.
    """
    excess = [
        (contract, balance)
        for contract in contracts
        for balance in _find_excess(project, run, contract, balances)
    ]
    if not excess:
        return
    tables = dict.fromkeys(str(contract.quarantine) for contract, _ in excess)
    found = [_tell(*each) for each in excess]
    lines = "".join(f"\n  - {each}" for each in found)
    is_one = len(found) == 1
    raise LoadRefused(
        found[0] if is_one else f"{len(found)} loads lost too many rows to quarantine:{lines}",
        where=f"{', '.join(tables)}, run {run.run_id}",
        todo="; ".join(_todo(run, excess, released)),
    )


def _find_excess(
    project: Project, run: Run, contract: Contract, balances: Sequence[LoadBalance]
) -> Iterator[LoadBalance]:
    loads = project.loads.of_table(run.product, contract.table)
    replays = {load.load_id for load in loads if load.is_replay}
    for balance in balances:
        if balance.table != contract.table or balance.load_id in replays:
            continue
        share = balance.quarantined / balance.landed if balance.landed else 0.0
        if share > contract.max_quarantined_share:
            yield balance


def _tell(contract: Contract, balance: LoadBalance) -> str:
    return (
        f"{balance.quarantined} of {balance.landed} rows of load {balance.load_id} were"
        f" quarantined, more than {contract.max_quarantined_share:.1%}"
    )


def _todo(run: Run, excess: Sequence[_Excess], released: Collection[str]) -> Iterator[str]:
    yield f"look at them: assay quarantine list --run {run.run_id}"
    new = [balance.load_id for _, balance in excess if balance.load_id not in released]
    if new:
        skips = ", ".join(f"`assay loads skip {load_id} --why '…'`" for load_id in new)
        loads = "the load" if len(new) == 1 else "the loads"
        yield (
            f"then leave {loads} out, {skips}, and have {'it' if len(new) == 1 else 'them'}"
            " delivered again, or raise maxQuarantinedShare in the contract"
        )
    old = dict.fromkeys(c.path for c, balance in excess if balance.load_id in released)
    if old:
        yield (
            "what is released already cannot be left out: raise maxQuarantinedShare or loosen"
            f" the rules in {', '.join(old)}, or mend or discard rows that the current release"
            " has in quarantine, `assay quarantine`"
        )
