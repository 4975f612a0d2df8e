"""Distances of distributions, held against SciPy and against figures worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, ks_2samp

from assay.quality.divergence import (
    jensen_shannon,
    kolmogorov_smirnov,
    kullback_leibler,
    population_stability_index,
    stability_noise,
)

Distance = Callable[[Sequence[int], Sequence[int]], float]
DISTANCES = [population_stability_index, kullback_leibler, jensen_shannon, kolmogorov_smirnov]
FILLED = st.lists(
    st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)), min_size=1, max_size=30
)


@given(FILLED)
def test_where_no_bin_is_empty_they_are_scipys(pairs: list[tuple[int, int]]) -> None:
    expected, observed = [p for p, _ in pairs], [q for _, q in pairs]
    assert kullback_leibler(expected, observed) == pytest.approx(
        entropy(observed, expected), abs=1e-9
    )
    assert jensen_shannon(expected, observed) == pytest.approx(
        jensenshannon(expected, observed) ** 2, abs=1e-9
    )
    assert population_stability_index(expected, observed) == pytest.approx(
        entropy(observed, expected) + entropy(expected, observed), abs=1e-9
    )


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # in SciPy's p-value
@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_with_a_bin_for_each_value_ks_is_scipys(left: list[int], right: list[int]) -> None:
    counts = [[values.count(each) for each in range(10)] for values in (left, right)]
    assert kolmogorov_smirnov(*counts) == pytest.approx(
        ks_2samp(left, right, method="asymp").statistic
    )


def test_figures_worked_out_by_hand() -> None:
    # Shares 0.5, 0.5 against 0.25, 0.75.
    expected, observed = [50, 50], [25, 75]
    assert population_stability_index(expected, observed) == pytest.approx(0.25 * math.log(3))
    assert kullback_leibler(expected, observed) == pytest.approx(
        0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    )
    assert kolmogorov_smirnov(expected, observed) == pytest.approx(0.25)
    # An empty bin counts half a row: 0.5 of 10.5 and 10 of 10.5 against a half each.
    p, q = 0.5, 0.5 / 10.5
    assert population_stability_index([10, 10], [0, 10]) == pytest.approx(
        (q - p) * math.log(q / p) + ((1 - q) - p) * math.log((1 - q) / p)
    )
    assert jensen_shannon([0, 10], [10, 0]) < math.log(2)


@pytest.mark.parametrize("distance", DISTANCES)
def test_the_same_distribution_is_no_distance_away(distance: Distance) -> None:
    assert distance([3, 0, 5], [6, 0, 10]) == pytest.approx(0)


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize(
    ("counts", "said"),
    [(([1], [1, 2]), "1 bins against 2"), (([0, 0], [1, 2]), "no rows")],
)
def test_what_cannot_be_compared_is_refused(
    distance: Distance, counts: tuple[list[int], list[int]], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        distance(*counts)


def test_the_noise_of_the_psi_is_that_of_samples_of_one_distribution() -> None:
    random = np.random.default_rng(7)
    bins, n, m = 10, 4000, 900
    shares = np.full(bins, 1 / bins)
    found = [
        population_stability_index(
            random.multinomial(n, shares).tolist(), random.multinomial(m, shares).tolist()
        )
        for _ in range(2000)
    ]
    assert float(np.std(found)) == pytest.approx(stability_noise(bins, n, m), rel=0.1)
