"""Weights over many stocks: the account that they are judged by, rules without and with a network, Sharpe ratios."""
