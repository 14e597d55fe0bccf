"""studies/intervals.py against SciPy's and statsmodels' own."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from lstm_core.studies.intervals import interval, share


def test_an_interval_is_scipys():
    values = np.random.default_rng(0).normal(size=(10, 3))
    mean, half = interval(values)
    low, high = stats.t.interval(0.95, 9, loc=values.mean(axis=0), scale=stats.sem(values, axis=0))
    np.testing.assert_allclose([mean - half, mean + half], [low, high])
    assert interval([1.0, 2.0, 3.0]) == (2.0, pytest.approx(4.302653 / np.sqrt(3)))


@pytest.mark.parametrize(("values", "why"), [([1.0, np.nan], "holds 1 NaN"), ([1.0], "two seeds or more"), (1.0, "S")])
def test_what_has_no_interval_is_refused(values, why):
    with pytest.raises(ValueError, match=why):
        interval(values)


@pytest.mark.parametrize(("method", "theirs"), [("wilson", "wilson"), ("exact", "beta")])
@pytest.mark.parametrize("hits", [0, 9, 10])
def test_a_share_is_statsmodels_own(hits, method, theirs):
    assert share(hits, 10, method) == pytest.approx(proportion_confint(hits, 10, method=theirs), abs=1e-9)
