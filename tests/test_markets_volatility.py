"""variance/losses.py and garch.py: against the decay of arch's own forecasts, closed forms, and simulation."""

import numpy as np
import pytest
from arch import arch_model

from lstm_core.markets.significance import diebold_mariano
from lstm_core.markets.variance.garch import Persistence, half_life, persistence, simulate_garch
from lstm_core.markets.variance.losses import qlike, variance_scores

PARAMETERS = {"GARCH": [0.05, 0.1, 0.1, 0.8], "GJR": [0.05, 0.1, 0.05, 0.1, 0.8]}  # μ, ω, α, (γ,) β


def simulated(name: str, seed: int, days: int = 1500):
    """A model of this name over a path that it made itself."""
    o = int(name == "GJR")
    model = arch_model(None, o=o)
    model.distribution = type(model.distribution)(seed=np.random.default_rng(seed))
    return arch_model(model.simulate(PARAMETERS[name], days).data, o=o)


@pytest.fixture(scope="module", params=["GARCH", "GJR"])
def fitted(request):
    return simulated(request.param, seed=1).fit(disp="off", tol=1e-10)


def test_a_shock_fades_by_the_persistence_a_day_in_archs_own_forecasts(fitted):
    variance = fitted.forecast(horizon=30, reindex=False).variance.to_numpy()[0]
    steps = np.diff(variance)  # the level drops out
    np.testing.assert_allclose(steps[1:] / steps[:-1], persistence(fitted).value, rtol=1e-6)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_standard_error_is_the_spread_of_estimates(name):
    estimates = [persistence(simulated(name, seed).fit(disp="off")) for seed in range(60)]
    spread = np.std([p.value for p in estimates], ddof=1)
    assert np.median([p.standard_error for p in estimates]) == pytest.approx(spread, rel=0.35)


@pytest.mark.parametrize("p", [0.5, 0.9, 0.987])
def test_after_the_half_life_half_is_left(p):
    assert p ** half_life(p) == pytest.approx(0.5, rel=1e-12)


def test_at_one_nothing_is_ever_forgotten():
    assert half_life(1.0) == half_life(1.2) == np.inf


@pytest.mark.parametrize("wrong", [0.0, -0.1, np.nan])
def test_a_persistence_is_positive(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        half_life(wrong)


def test_it_says_value_half_life_and_interval():
    assert str(Persistence(0.98, 0.005)) == "persistence 0.980, half-life 34 days [23, 68]"
    assert str(Persistence(0.99, 0.006)).endswith("half-life 69 days [32, ∞]")


@pytest.mark.parametrize("other", [dict(vol="ARCH"), dict(vol="FIGARCH"), dict(p=2), dict(vol="Constant")])
def test_other_models_are_refused_by_name(other):
    returns = np.random.default_rng(0).normal(size=300)
    with pytest.raises(ValueError, match=r"the model has .*: give a GARCH\(1,1\)"):
        persistence(arch_model(returns, **other).fit(disp="off", show_warning=False))


def test_the_loss_is_lowest_at_the_true_variance():
    squared = 2.0 * np.random.default_rng(0).normal(size=100_000) ** 2
    losses = {σ2: qlike(squared, np.full(100_000, σ2)).mean() for σ2 in (1.0, 1.8, 2.0, 2.2, 4.0)}
    assert min(losses, key=losses.get) == 2.0
    assert losses[2.0] == pytest.approx(np.log(2) + 1, abs=0.01)


@pytest.mark.parametrize("wrong", [([1.0], [0.0]), ([1.0], [-1.0]), ([-1.0], [1.0])])
def test_only_variances_and_squares_have_a_loss(wrong):
    with pytest.raises(ValueError, match="should be positive"):
        qlike(*wrong)


def test_variances_are_scored_against_the_best_constant_and_the_row_above():
    rng = np.random.default_rng(2)
    variance = np.exp(rng.normal(size=3000))
    squared = variance * rng.normal(size=3000) ** 2
    rows = {"twice": 2 * variance, "constant": np.full(3000, squared.mean()), "true": variance}
    table = variance_scores(squared, rows)
    assert table.index.tolist() == list(rows)
    assert table.QLIKE.idxmin() == "true"
    assert table.loc["constant", "R2 %"] == pytest.approx(0, abs=1e-9)
    residual = ((squared - 2 * variance) ** 2).mean() / squared.var()
    assert table.loc["twice", "R2 %"] == pytest.approx(100 * (1 - residual))
    assert np.isnan(table["DM p"].iloc[0])
    _, p = diebold_mariano(*(qlike(squared, rows[name]) for name in ("true", "constant")))
    assert table.loc["true", "DM p"] == p


def test_simulated_markets_have_the_variance_and_the_memory_of_the_formula():
    ω, α, β = 0.2, 0.1, 0.8
    squares = simulate_garch((ω, α, β), 4000, 300, np.random.default_rng(3)) ** 2
    assert squares.shape == (4000, 300)
    assert squares.mean() == pytest.approx(ω / (1 - α - β), rel=0.01)
    centred = squares - squares.mean()
    memory = [(centred[k:] * centred[: len(centred) - k]).mean() / centred.var() for k in (1, 6)]
    first = α * (1 - α * β - β**2) / (1 - 2 * α * β - β**2)
    assert memory == pytest.approx([first, first * (α + β) ** 5], rel=0.05)


@pytest.mark.parametrize("wrong", [(0.1, 0.2, 0.8), (0.0, 0.1, 0.8), (0.1, -0.1, 0.8)])
def test_a_market_without_a_level_is_not_simulated(wrong):
    with pytest.raises(ValueError, match="must be positive with α"):
        simulate_garch(wrong, 10, 2, np.random.default_rng(0))
