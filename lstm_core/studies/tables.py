"""Which rows there are: what `make results` runs, study by study. A new row makes no other one stale.

Their settings stand in settings_1997, settings_markets and settings_beyond.
"""

from lstm_core.studies import (
    brain_gates,
    brain_rules,
    field,
    original,
    portfolio,
    regimes,
    returns,
    settings_1997,
    settings_beyond,
    settings_markets,
    today,
    trading,
    volatility,
)
from lstm_core.studies.study import Study

__all__ = ["TABLES"]

TABLES = {
    "original": Study("original", settings_1997.original(), original.run, original.first),
    "today": Study("today", settings_1997.today(), today.run, today.first),
    "biases": Study("biases", settings_1997.biases(), today.run, today.first),
    "volatility": Study("volatility", settings_markets.volatility(), volatility.run, volatility.first),
    "returns": Study("returns", settings_markets.returns(), returns.run, returns.first),
    "portfolio": Study("portfolio", settings_markets.portfolio(), portfolio.run, portfolio.first),
    "regimes": Study("regimes", settings_markets.regimes(), regimes.run, regimes.first),
    "brain_gates": Study("brain_gates", settings_beyond.brain_gates(), brain_gates.run, brain_gates.first),
    "brain_rules": Study("brain_rules", settings_beyond.brain_rules(), brain_rules.run, brain_rules.first),
    "trading": Study("trading", settings_beyond.trading(), trading.run, trading.first),
    "field": Study("field", settings_beyond.field(), field.run, field.first),
}
