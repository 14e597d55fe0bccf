"""variance/news.py: against the recursion, day by day."""

import numpy as np
import pytest
from arch import arch_model

from lstm_core.markets import load_prices
from lstm_core.markets.variance.news import gjr_impact
from lstm_core.markets.variance.ranges import with_range


def test_an_impact_is_that_of_the_recursion_with_average_days_around():
    days, usual = with_range(load_prices("SP500"))[:1500], 0.6
    signed = np.where(days["return"] < 0, -1, 1) * np.sqrt(days["variance"])
    ω, α, γ, β = arch_model(signed, mean="Zero", o=1).fit(disp="off").params
    impact = gjr_impact(days, usual)

    def forecast(r: float, lag: int, after: int = 400) -> float:
        h = 1.0
        for day in range(after, 0, -1):  # day days ago
            news = (α + γ / 2) * usual if day != lag else (α + γ * (r < 0)) * (usual + r**2 / (4 * np.log(2)))
            h = ω + news + β * h
        return h

    usually = forecast(0.0, lag=-1)
    for lag in (1, 5, 20):
        expected = [forecast(r, lag) / usually for r in (-4.0, -1.0, 3.0)]
        np.testing.assert_allclose(impact([-4.0, -1.0, 3.0], lag), expected, rtol=1e-6)
    with pytest.raises(ValueError, match="lag is 0"):
        impact([1.0], 0)
