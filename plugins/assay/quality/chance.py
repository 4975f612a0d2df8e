"""How far a day's measure lies from the usual by chance alone. Pure.

Each is a ``Noise`` of `assay.quality.seasonal`.
"""

from __future__ import annotations

from math import log, sqrt

from assay.domain import DriftMethod
from assay.quality.divergence import stability_noise
from assay.quality.seasonal import Noise, Observation

# The standard deviation of Kolmogorov's distribution.
_KOLMOGOROV_DEVIATION = 0.26
# Near zero KL is a half and JS an eighth of the PSI.
_PART_OF_PSI = {DriftMethod.PSI: 1.0, DriftMethod.KL: 0.5, DriftMethod.JS: 0.125}
_NO_DISTANCE = 1e-3
# What Anscombe adds to a count, so that the deviation of its root is steady down to a few.
_ADDED = 3 / 8


def noise_of_count(usual: float, day: Observation) -> float:
    """Return the deviation of the logarithm of a count of independent events (Poisson).

    Twice the root of such a count has a deviation of 1, whatever is usual. So this is the unit in
    which the logarithms lie as far apart as the roots do.

    Source: Anscombe, The Transformation of Poisson, Binomial and Negative-Binomial Data (1948).
    """
    deviations = abs(2 * sqrt(day.value + _ADDED) - 2 * sqrt(usual + _ADDED))
    if deviations < _NO_DISTANCE:
        return 1 / sqrt(usual + 0.5)
    return abs(log((day.value + 0.5) / (usual + 0.5))) / deviations


def noise_of_share(usual: float, day: Observation) -> float:
    """Shares deviate as a binomial does; a share of 0 is taken for one of half a row or so."""
    rows = max(day.rows, 1)
    share = (min(usual, 1.0) * rows + 1) / (rows + 2)
    return sqrt(share * (1 - share) / rows)


def noise_of_drift(method: DriftMethod, bins: int, reference_rows: int) -> Noise:
    """Return the noise of the distance of a day from a reference of so many rows."""

    def noise(usual: float, day: Observation) -> float:
        size = max(day.rows, 1)
        if method is DriftMethod.KS:
            return _KOLMOGOROV_DEVIATION * sqrt(1 / reference_rows + 1 / size)
        return _PART_OF_PSI[method] * stability_noise(bins, reference_rows, size)

    return noise
