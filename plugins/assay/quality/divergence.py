"""How far two distributions lie apart, from their counts by the same bins. Pure.

PSI, KL and JS compare shares; an empty bin counts half a row, so that none is infinite. KS
compares cumulated shares of bins in order.

Sources: Kullback and Leibler, On Information and Sufficiency (1951); Lin, Divergence Measures
Based on the Shannon Entropy (1991); Siddiqi, Credit Risk Scorecards (2006), for the population
stability index (below 0.1 no shift, above 0.25 a major one). Logarithms are natural.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import log, sqrt

_EMPTY_BIN_ROWS = 0.5


def population_stability_index(expected: Sequence[int], observed: Sequence[int]) -> float:
    """Return the PSI: the two KL divergences, one each way, together.

    Raises:
        ValueError: the bins differ in number, or one side has no row; so do the others here.
    """
    pairs = list(zip(_shares(expected, observed), _shares(observed, expected), strict=True))
    return sum((q - p) * log(q / p) for p, q in pairs)


def kullback_leibler(expected: Sequence[int], observed: Sequence[int]) -> float:
    """Return the divergence of the observed from the expected, in nats."""
    pairs = zip(_shares(expected, observed), _shares(observed, expected), strict=True)
    return sum(q * log(q / p) for p, q in pairs)


def jensen_shannon(expected: Sequence[int], observed: Sequence[int]) -> float:
    """Return the divergence (not its root, the distance) in nats: 0 to log 2."""
    total = 0.0
    for p, q in zip(_shares(expected, observed), _shares(observed, expected), strict=True):
        middle = (p + q) / 2
        total += (p * log(p / middle) + q * log(q / middle)) / 2
    return total


def kolmogorov_smirnov(expected: Sequence[int], observed: Sequence[int]) -> float:
    """Return the largest distance of the two cumulated shares: 0 to 1.

    Of values in bins it is never more than that of the values themselves.
    """
    _require_rows(expected, observed)
    ahead = zip(accumulate(expected), accumulate(observed), strict=True)
    n, m = sum(expected), sum(observed)
    return max(abs(left / n - right / m) for left, right in ahead)


def stability_noise(bins: int, expected_rows: int, observed_rows: int) -> float:
    """Return the standard deviation of the PSI of two samples of one distribution.

    It is distributed as (1/n + 1/m) times chi-square with one degree less than bins.
    Source: Yurdakul and Naranjo, Statistical properties of the population stability index (2020).
    """
    return sqrt(2 * max(bins - 1, 1)) * (1 / expected_rows + 1 / observed_rows)


def _shares(counts: Sequence[int], others: Sequence[int]) -> list[float]:
    """Return shares where no bin is empty; a bin that both leave empty is left out of both."""
    _require_rows(counts, others)
    kept = [n for n, other in zip(counts, others, strict=True) if n or other]
    filled = [n or _EMPTY_BIN_ROWS for n in kept]
    return [n / sum(filled) for n in filled]


def _require_rows(expected: Sequence[int], observed: Sequence[int]) -> None:
    if len(expected) != len(observed):
        raise ValueError(f"{len(expected)} bins against {len(observed)}: expected the same ones")
    if not sum(expected) or not sum(observed):
        raise ValueError("a distribution of no rows cannot be compared")
