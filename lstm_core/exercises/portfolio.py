"""Notebook 10: what a portfolio earns, what trading it costs, and how little a Sharpe ratio is known."""

from lstm_core.exercises.exercise import Exercise

__all__ = ["EXERCISES"]


def _traded(stocks: float = 0.6, rise: float = 0.10) -> float:
    """Bought + sold to bring `stocks` back to its share after a rise."""
    drifted = stocks * (1 + rise) / (1 + stocks * rise)
    return 2 * (drifted - stocks)


def _years(lead: float = 0.1, correlation: float = 0.95) -> float:
    """After how many years two standard errors of the difference of two Sharpe ratios are as small as the lead."""
    return 1.96**2 * 2 * (1 - correlation) / lead**2


EXERCISES = {
    "10.traded": Exercise(
        _traded,
        "Right: 4.5% of wealth, half of it sold, half of it bought. At 10 bp that is half a basis point, once.",
        "What share are the stocks after the rise? 0.66 of 1.06. Go back to 0.60, and count both sides.",
        (
            (lambda: _traded() / 2, "That is what is sold. The money buys something: count both sides."),
            (lambda: 2 * (0.66 - 0.6), "Wealth has grown to 1.06, too: 0.66 of it is not 66%."),
            (lambda: 100 * _traded(), "Right number: now as a share of wealth, between 0 and 1."),
        ),
    ),
    "10.order": Exercise(
        lambda: "gross",
        "Right: a mean and a standard deviation do not ask who came first. What is traded lies between two days.",
        'One of the two needs yesterday\'s weights. Say "gross" or "net", the one that could do without them.',
        ((lambda: "net", "Its turnover is |w_t − ŵ_t|, and ŵ_t comes from the day before."),),
    ),
    "10.break_even": Exercise(
        lambda: 1e4 * 0.03 / 120,
        "Right: 2.5 basis points, and the lead is gone.",
        "The cost of a year is turnover × cost. At which cost is it 0.03? A basis point is 1/10,000.",
        (
            (lambda: 0.03 / 120, "Right as a share; a basis point is a ten-thousandth of it."),
            (lambda: 1e2 * 0.03 / 120, "That is in per cent. A basis point is a hundredth of one."),
        ),
    ),
    "10.years": Exercise(
        _years,
        "Right: 38 years, and then a lead of 0.1, a good one, is found every second time; four times in five after 78.",
        "Set 1.96 · √(2(1 − ρ)/Y) equal to 0.1, with ρ = 0.95, and solve for Y.",
        (
            (lambda: _years(correlation=0), "That is for two portfolios that have nothing in common: ρ is 0.95."),
            (lambda: 1.96**2 / 0.1**2, "That is for one ratio, against a known number; here there are two."),
            (lambda: _years() / 1.96**2, "That is for one standard error. The test asks for 1.96 of them."),
        ),
    ),
}
