"""Trading as a game with rewards: a market that hides its regime, costs, agents with a memory or none.

hidden_market  HiddenMarket: a drift that changes its sign when nobody sees it; simulate
environment    TradingEnv: gymnasium's reset and step over any daily returns, with costs; stretches of a real series
rules          belief: the Bayes filter that knows the market's rules; hold: a band in which nothing is traded
accounts       earn: what positions earn and what trading them costs; Sharpe ratios with intervals over paths
agents         train_ppo: PPO with an LSTM, with a stack of returns, or with neither; act

Notebook 12 uses them, and the study "trading". Returns and drifts are in per cent; cost_bp, what trading the whole
stake costs, is in basis points, hundredths of a per cent. Shapes: P paths, T days. `environment` and `agents` need the
`trading` extra, pip install "lstm-core[trading]", which is loaded with them and not before.
"""

from lstm_core.trading.accounts import Book, earn, interval, sharpe
from lstm_core.trading.hidden_market import MARKETS, HiddenMarket, simulate
from lstm_core.trading.rules import belief, choose_width, hold

__all__ = [
    "MARKETS", "Book", "HiddenMarket", "belief", "choose_width", "earn", "hold", "interval", "sharpe", "simulate",
]  # fmt: skip
