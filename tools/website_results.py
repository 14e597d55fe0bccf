"""The tables of the site's page of results, each made anew from the recorded rows: a number is typed nowhere.

tables()["portfolio"]() -> Markdown
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from lstm_core.markets import load_prices
from lstm_core.markets.portfolio.account import backtest, load_stocks, simple_returns
from lstm_core.markets.portfolio.allocation import RULES, rebalance
from lstm_core.markets.portfolio.sharpe import compare, overview
from lstm_core.markets.regimes.grades import over_seeds as regime_seeds
from lstm_core.markets.variance.losses import normalised_qlike
from lstm_core.markets.variance.ranges import with_range
from lstm_core.studies import brain_rows, gate_rows, load, portfolio_rows, trading_rows
from lstm_core.studies.beside import pairs, solvers
from lstm_core.studies.forecasts import by_base, variances
from lstm_core.studies.intervals import share
from lstm_core.studies.over_seeds import over_seeds
from lstm_core.studies.record import STUDIES
from lstm_core.studies.summary import Summary, summary
from lstm_core.studies.table import replay_table
from lstm_core.trading import MARKETS

NONE = "–"
QUICK = ("equal weight", "inverse volatility")  # the two rules that optimise take half a minute; notebook 10 has them


def tables() -> dict[str, Callable[[], str]]:
    """What the page may ask for, by the name in its marker."""
    return {
        "rows": rows, "replay": replay, "bias-map": bias_map, "bias-long": bias_long, "returns": returns,
        "volatility": volatility, "cells": cells, "portfolio": portfolio, "regimes": regimes, "trading": trading,
        "trading-index": trading_index, "field": field, "store": store, "feedback": feedback, "recall": recall,
        "arousal": arousal,
    }  # fmt: skip


def markdown(head: Iterable[str], lines: Iterable[Iterable[object]], text: int = 1) -> str:
    """A table in Markdown: its first `text` columns to the left, all others, which hold numbers, to the right."""
    head, lines = list(head), [list(map(str, line)) for line in lines]
    if any(len(line) != len(head) for line in lines):
        raise ValueError(f"a table with the columns {', '.join(head)} has lines of another length: give each its cells")
    rules = ["---" if k < text else "---:" for k in range(len(head))]
    return "\n".join("| " + " | ".join(_cell(one) for one in line) + " |" for line in (head, rules, *lines))


def number(value: float | None, digits: int = 0) -> str:
    """A number for a table: thousands apart, a real minus, a dash for none."""
    if value is None or not np.isfinite(value):
        return NONE
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−" if text.strip("-0.,") else "")


def of(summed: Summary | None) -> list[str]:
    """A summary's two cells: how many trials solved the task, and after how many sequences."""
    return [NONE, NONE] if summed is None else [f"{summed.solved}/{summed.trials}", number(summed.mean)]


def per_cent(low: float, high: float) -> str:
    """The interval of a share, such as "72–100 %"."""
    return f"{100 * low:.0f}–{100 * high:.0f} %"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("$", "\\$")


# --- the studies


def rows() -> str:
    """How much was recorded, and with what."""
    lines, versions = [], {}
    for study in STUDIES:
        found = load(study).values()
        lines.append([f"`{study}`", len(found), number(sum(len(row["trials"]) for row in found))])
        for row in found:
            for package, version in row["versions"].items():
                versions.setdefault(package, set()).add(version)
    with_what = ", ".join(f"{package} {' and '.join(sorted(found))}" for package, found in sorted(versions.items()))
    return f"{markdown(['study', 'rows', 'trials'], lines)}\n\nRecorded with {with_what}."


def replay() -> str:
    """The paper's table beside ours, a line for each of its rows."""
    head = ["experiment", "the paper"]
    for way in ("rule of 1997", "with one change", "today"):
        head += [way, "sequences"]
    lines = [
        [line.label, number(line.paper), *of(line.original), *of(line.changed), *of(line.today)]
        for line in replay_table()
    ]
    return markdown(head, lines)


def bias_map() -> str:
    """Solved trials at each pair of biases, and the sequences that they took."""
    recorded = {
        (row["settings"]["biases"]["forget_bias"], row["settings"]["biases"]["input_bias"]): summary(row)
        for key, row in load("biases").items()
        if key.startswith("map")
    }
    forget, inputs = (sorted({pair[k] for pair in recorded}) for k in (0, 1))
    lines = [[f"$b_f = {f:g}$", *(" · ".join(of(recorded.get((f, i)))) for i in inputs)] for f in forget]
    table = markdown([""] + [f"$b_i = {i:g}$" for i in inputs], lines)
    return table.replace("\\$", "$")


def bias_long() -> str:
    """The rows of the study "biases" that are not on the map."""
    lines = []
    for key, row in load("biases").items():
        if not key.startswith("map"):
            one = summary(row)
            span = f"{number(one.low)}–{number(one.high)}" if one.solved else NONE
            lines.append([key, *of(one), span, number(one.wrong, 1)])
    return markdown(["start", "solved", "sequences", "quickest–slowest", f"wrong of {one.tested:,}"], lines)


def returns() -> str:
    """Scores of tomorrow's return over seeds, and whether any network beats "tomorrow = today"."""
    head = ["network", "days", "seeds", "R², %", "± seeds", "± days", "direction, %", "± seeds", "always up, %", "DM p"]
    lines = []
    for since in ("2009 to 2018", "2019"):
        found = over_seeds(load("returns"), since)
        for k, name in enumerate(found.names):
            r2, direction = found.r2, found.direction
            lines.append([
                name, number(found.days[k]), len(r2.values[k]),
                *(number(one[k], 2) for one in (r2.values.mean(axis=1), r2.seeds, r2.days)),
                *(number(one[k], 1) for one in (direction.values.mean(axis=1), direction.seeds, direction.reference)),
                number(found.together["DM p"].iloc[k], 2),
            ])  # fmt: skip
    better = [line[0] for line in lines if float(line[-1]) < 0.05 and not line[3].startswith("−")]
    verdict = ", ".join(better) + " beat" if better else "None of them beats"
    return f'{markdown(head, lines)}\n\n{verdict} "tomorrow = today" at 5 %.'


def volatility() -> str:
    """Normalised QLIKE of each network on each base: of the years that chose, and of those that judged."""
    parts = {}
    realised = with_range(load_prices("SP500")).variance
    for name, begins in (("chooses", "validation"), ("judges", "test")):
        losses = {}
        for key, row in load("volatility").items():
            if key.startswith(f"{begins}, ") and "NASDAQ" not in key:
                forecast = variances(row, realised.index)
                losses[key.partition(", ")[2]] = normalised_qlike(realised[forecast.index], forecast).mean()
        parts[name] = pd.Series(losses)
    chosen = parts["chooses"].idxmin()
    network, base = chosen.split(" on ")
    head, frames = ["network"], {name: by_base(losses) for name, losses in parts.items()}
    for name, frame in frames.items():
        head += [f"{name}: {column}" for column in frame.columns]
    lines = []
    for one in sorted(frames["judges"].index, key=lambda name: (name.split()[0], int(name.split()[1]))):
        line = [one]
        for frame in frames.values():
            for column in frame.columns:
                text = number(frame.loc[one, column], 3)
                line.append(f"**{text}**" if (one, column) == (network, base) else text)
        lines.append(line)
    return f"{markdown(head, lines)}\n\nIn bold the network that 2004 to 2007 chose, frozen before the test: {chosen}."


def cells() -> str:
    """GRUs less LSTMs of as many units, pair by pair."""
    duels = pairs(load("volatility"), with_range(load_prices("SP500")).variance, normalised_qlike).table()
    digits = [3, 3, 1, 1, 1, 3, 3]
    lines = [[name, *map(number, line, digits)] for name, line in zip(duels.index, duels.to_numpy(), strict=True)]
    return markdown(["units on base", *duels.columns], lines)


def portfolio() -> str:
    """Networks and two plain rules over the test years."""
    market = simple_returns(load_stocks())
    recorded = load("portfolio")
    networks = portfolio_rows.accounts(recorded, market.index)
    first = next(iter(networks.values())).gross.index[0]
    before = market.index[market.index < first][-1]
    books = {name: backtest(rebalance(RULES[name], market)[before:], market[before:]) for name in QUICK}
    found = overview(books | networks)
    seeds = portfolio_rows.own_ratios(recorded)
    alone = {way: f"{number(own.min(), 2)}–{number(own.max(), 2)}" for way, own in seeds.items()}
    lines = [
        [name, number(one.iloc[0], 2), number(one.iloc[1], 2), alone.get(name, NONE), number(one.iloc[2], 1)]
        for name, one in found.iterrows()
    ]
    return markdown(["portfolio", "Sharpe, no costs", "Sharpe, 10 bp", "its seeds alone", "turnover a year"], lines)


def regimes() -> str:
    """What three LSTM alarms resemble, and how well they rank bad days."""
    recorded = {
        key.removeprefix("score, "): row["trials"] for key, row in load("regimes").items() if key.startswith("score")
    }
    like, auc = regime_seeds(recorded, "like"), regime_seeds(recorded, "auc")
    head = ["LSTM", *(f"rank correlation with {name}" for name in like), *(f"AUC: {name}" for name in auc)]
    return markdown(head, [[name, *like.loc[name], *auc.loc[name]] for name in like.index])


def trading() -> str:
    """Agents, the filter and doing nothing, in both hidden markets."""
    lines = []
    for market in MARKETS:
        found = trading_rows.compared(load("trading"), market)
        lines.append(
            [market, "filter that knows the rules", number(found.ceiling, 2), "", "", number(found.best.turnover)]
        )
        for name, one in found.table().iterrows():
            spread = f"{one['lowest']}–{one['highest']}"
            lines.append(
                [
                    market,
                    name,
                    one["Sharpe"],
                    spread,
                    one["lead on the stack, 95%"].replace("-", "−"),
                    number(one["turnover"]),
                ]
            )
        lines.append([market, "buy and hold", number(found.floor, 2), "", "", ""])
    head = ["market", "trader", "Sharpe", "its seeds", "lead on the stack, 95 %", "turnover a year"]
    return markdown(head, lines, text=2)


def trading_index() -> str:
    """The same agents on the index, beside buying and holding."""
    books = trading_rows.index_books(load("trading")).T.groupby(level=0, sort=False).mean().T
    found = compare(books, draws=1000, seed=0).table
    lines = [
        [name, number(one["Sharpe"], 2), f"{number(one['low'], 2)} to {number(one['high'], 2)}",
         number(one["difference"], 2), f"{number(one['d low'], 2)} to {number(one['d high'], 2)}"]
        for name, one in found.iterrows()
    ]  # fmt: skip
    return markdown(["on the S&P 500", "Sharpe", "95 %", "less buy and hold's", "95 %"], lines)


def field() -> str:
    """What came after the LSTM, on the adding task."""
    race = {"LSTM": load("biases")["long, chrono"]}
    for kind, name in {"gru": "GRU", "slstm": "sLSTM", "mlstm": "mLSTM", "transformer": "transformer"}.items():
        race[name] = load("field")[f"race, {kind}"]
    lines = [
        [name, f"{one['solved']:.0f}/{one['trials']:.0f}", per_cent(one["at least"] / 100, one["at most"] / 100),
         number(one["sequences"]), number(one["±"]), number(one["wrong"], 1)]
        for name, one in solvers(race).iterrows()
    ]  # fmt: skip
    return markdown(
        ["reader", "solved", "95 %", "sequences", "±", f"wrong of {race['LSTM']['trials'][0]['tested']:,}"], lines
    )


def store() -> str:
    """Bits that come back right, by memory and load."""
    asked, memories = brain_rows.stored(load("brain_rules"))
    lines = [
        [name, *(number(mean[k], 3) for k in range(len(asked))), NONE if half is None else number(np.max(half), 3)]
        for name, (mean, half) in memories.items()
    ]
    return markdown(["memory", *(f"P = {P}" for P in asked), "± at most"], lines)


def feedback() -> str:
    """Three kinds of feedback on the temporal order of 1997."""
    lines = []
    for name in brain_rows.FEEDBACK:
        row = load("brain_rules")[f"feedback, {name}"]
        solved = [trial["sequences"] for trial in row["trials"] if trial["solved"]]
        low, high = share(len(solved), len(row["trials"]))
        mean = number(np.mean(solved)) if solved else NONE
        lines.append([name, f"{len(solved)}/{len(row['trials'])}", per_cent(low, high), mean])
    return markdown(["feedback weights", "solved", "95 %", "sequences"], lines)


def recall() -> str:
    """Who keeps silent until the bell."""
    found = gate_rows.recall_table(load("brain_gates"))
    lines = [
        [name, *(f"{one[column]:.0f}" for column in ("seeds", "solve it", "all alarms")),
         per_cent(one["low"], one["high"]), number(one["o waiting"], 3), number(one["o bell"], 3)]
        for name, one in found.iterrows()
    ]  # fmt: skip
    head = ["net", "seeds", "solve it", "all alarms", "95 %", "o while waiting, at most", "o at the bell, at least"]
    return markdown(head, lines)


def arousal() -> str:
    """Trackers' errors in worlds that turn."""
    found = gate_rows.tracking_table(load("brain_gates"))
    lines = [[f"{hazard:g}", *map(str, one)] for hazard, one in zip(found.index, found.to_numpy(), strict=True)]
    return markdown(["turns a step", *(name.replace("_", ", ") for name in found.columns)], lines)
