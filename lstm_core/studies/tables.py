"""Which rows there are: what `make results` runs, study by study. A new row here makes no other one stale."""

from lstm_core.studies import (
    brain_gates,
    brain_rules,
    field,
    original,
    portfolio,
    regimes,
    returns,
    today,
    trading,
    volatility,
)
from lstm_core.studies.study import Study

__all__ = ["TABLES"]


def _row(task: str, net: str, rate: float, cap: int, trials: int = 10, **more) -> dict:
    return dict(task=task, net=net, rate=rate, cap=cap, trials=trials, **more)


def _original() -> dict[str, dict]:
    rows = {
        f"1, {net}, rate {rate}": _row("1", f"1, {net}", rate, 200_000 if rate < 0.5 else 100_000)
        for net, rate in (("4×1", 0.1), ("3×2", 0.1), ("3×2", 0.2), ("4×1", 0.5), ("3×2", 0.5))
    }
    rows["1, 3×2, rate 0.5, biases on all units"] = _row("1", "1, 3×2", 0.5, 100_000, but=dict(biased="all"))
    rows["1, 3×2, rate 0.5, inputs reach outputs"] = _row("1", "1, 3×2", 0.5, 100_000, but=dict(direct=True))
    for task in ("2a", "2b"):
        shut = dict(biased="gates", input_bias=[-4.0])
        rows[f"{task}, p = 100"] = _row(task, task, 1.0, 60_000, late=1000)
        rows[f"{task}, p = 100, cell from the start"] = _row(task, task, 1.0, 20_000)
        rows[f"{task}, p = 100, input gate starts shut"] = _row(task, task, 1.0, 60_000, late=1000, but=shut)
        wide = dict(g="centred")
        rows[f"{task}, p = 100, g from −2 to 2"] = _row(task, task, 1.0, 60_000, late=1000, but=wide)
    for q, p, cap, trials in (
        (50, 50, 500_000, 10), (100, 100, 500_000, 10), (200, 200, 100_000, 10), (500, 500, 100_000, 10),
        (1000, 1000, 120_000, 3), (1000, 500, 120_000, 3), (1000, 200, 95_000, 3), (1000, 100, 170_000, 3),
        (1000, 50, 255_000, 3),
    ):  # fmt: skip
        key, of = f"2c, q = {q}, p = {p}", dict(q=q, p=p)
        rows[key] = _row("2c", "2c", 0.01, cap, trials, of=of)
        alone = dict(recurrent=False)
        rows[f"{key}, no recurrent connections"] = _row("2c", "2c", 0.01, 400_000, trials, of=of, but=alone)
    for task, T, signal, rate, cap in (
        ("3a", 100, 3, 1.0, 300_000), ("3a", 100, 1, 1.0, 300_000), ("3a", 1000, 3, 1.0, 700_000),
        ("3b", 100, 3, 1.0, 300_000), ("3b", 100, 1, 1.0, 300_000), ("3b", 1000, 1, 1.0, 700_000),
        ("3c", 100, 3, 0.1, 1_000_000), ("3c", 100, 1, 0.1, 1_000_000),
    ):  # fmt: skip
        of = dict(T=T, signal=signal)
        rows[f"{task}, T = {T}, signal = {signal}"] = _row(task, "3", rate, cap, 10 if T < 1000 else 3, of=of)
    for T, cap, trials in ((100, 500_000, 10), (500, 600_000, 3), (1000, 900_000, 3)):
        rows[f"4, T = {T}"] = _row("4", "4", 0.5, cap, trials, of=dict(T=T))
    rows["5"] = _row("5", "5", 0.1, 1_500_000)
    rows["6a"] = _row("6a", "6a", 0.5, 200_000)
    rows["6b"] = _row("6b", "6b", 0.1, 2_000_000, 5)
    return rows


def _net(task: str, cap: int, trials: int = 10, cell: str = "lstm", hidden: int = 32, lr: float = 0.01, **more) -> dict:
    return dict(task=task, cap=cap, trials=trials, cell=cell, hidden=hidden, lr=lr, batch=20, **more)


def _today() -> dict[str, dict]:
    """Each row of the paper with chrono initialisation, told the longest lag; long ones with fewer trials."""
    rows = {"1": _net("1", 100_000, biases=dict(chrono=20))}
    for task in ("2a", "2b"):
        rows[f"{task}, p = 100"] = _net(task, 100_000, 5, biases=dict(chrono=100))
    for q, p, trials in ((50, 50, 10), (100, 100, 10), (200, 200, 5), (500, 500, 5), (1000, 1000, 3), (1000, 500, 3),
                         (1000, 200, 3), (1000, 100, 3), (1000, 50, 3)):  # fmt: skip
        rows[f"2c, q = {q}, p = {p}"] = _net("2c", 60_000, trials, of=dict(q=q, p=p), biases=dict(chrono=q + 10))
    for task, T, signal in (("3a", 100, 3), ("3a", 100, 1), ("3a", 1000, 3), ("3b", 100, 3), ("3b", 100, 1),
                            ("3b", 1000, 1), ("3c", 100, 3), ("3c", 100, 1)):  # fmt: skip
        trials, of = 10 if T == 100 else 3, dict(T=T, signal=signal)
        rows[f"{task}, T = {T}, signal = {signal}"] = _net(task, 100_000, trials, of=of, biases=dict(chrono=T))
    for T, trials in ((100, 10), (500, 5), (1000, 3)):
        rows[f"4, T = {T}"] = _net("4", 100_000, trials, of=dict(T=T), biases=dict(chrono=T))
    for task, cap in (("5", 300_000), ("6a", 100_000), ("6b", 200_000)):
        rows[task] = _net(task, cap, biases=dict(chrono=100))
    return rows


def _biases() -> dict[str, dict]:
    """Adding, T = 100, H = 32, Adam at 0.01, batches of 20: what differs is where the gates' biases start."""
    cap, rows = 40_000, {}
    for forget in (0, 1, 2, 3, 4, 5, 7):
        for into in (0, -1, -2, -3, -5):
            biases = dict(forget_bias=float(forget), input_bias=float(into))
            rows[f"map, b_f = {forget}, b_i = {into}"] = _net("4", cap, 4, of=dict(T=100), biases=biases)
    for name, biases in (("b_f = 3, b_i = -3", dict(forget_bias=3.0, input_bias=-3.0)), ("chrono", dict(chrono=100))):
        rows[f"long, {name}"] = _net("4", 200_000, 10, of=dict(T=100), biases=biases)
    for forget in (1, 5):
        biases = dict(forget_bias=float(forget), input_bias=0.0)
        rows[f"long, b_f = {forget}, b_i = 0"] = _net("4", 200_000, 10, of=dict(T=100), biases=biases)
    for cell, lr, biases in (("rnn", 0.01, {}), ("rnn", 0.001, {}), ("gru", 0.01, {}), ("gru", 0.01, dict(chrono=100))):
        name = f"cell, {cell}, lr = {lr}" + ", chrono" * bool(biases)
        rows[name] = _net("4", cap, 3, cell, lr=lr, of=dict(T=100), biases=biases)
    return rows


def _network(base: str, cell: str, hidden: int, seeds: int = 3, years: int = 1, **more) -> dict:
    settings = dict(symbol="SP500", base=base, cell=cell, hidden=hidden, seeds=seeds, years=years, horizon=1) | more
    folds = -(-(settings["last"] + 1 - settings["first"]) // years)
    return settings | dict(trials=folds * seeds)


def _volatility() -> dict[str, dict]:
    """Variance, refitted each January. The validation years picked one of 18 networks, by QLIKE: gru 8 on GJR, ranges.

    That one alone goes on to another series, another horizon and a window that rolls, and with it the best LSTM; all 18
    are scored on the test years, because the tests of many forecasts want to know of every one that was tried.
    """
    rows, test = {}, dict(first=2008, last=2018)
    for base in ("none", "LHAR", "GJR, ranges"):
        for cell in ("lstm", "gru"):
            for hidden in (8, 16, 32):
                name = f"{cell} {hidden} on {base}"
                rows[f"validation, {name}"] = _network(base, cell, hidden, first=2004, last=2007)
                rows[f"test, {name}"] = _network(base, cell, hidden, **test)
    for cell in ("gru", "lstm"):
        name, network = f"{cell} 8 on GJR, ranges", ("GJR, ranges", cell, 8)
        rows[f"NASDAQ, {name}"] = _network(*network, symbol="NASDAQ", **test)
        rows[f"21 days, {name}"] = _network(*network, horizon=21, **test)
        rows[f"8 years that roll, {name}"] = _network(*network, length=2016, **test)
    return rows


def _returns() -> dict[str, dict]:
    """What notebook 08 runs live with three seeds, with ten: its years with each of its three sizes, and the years that
    came later with the size that its validation years picked, 32."""
    training = dict(held_out=250, epochs=20, patience=3, batch_size=256)
    shared = dict(since="1999", size=503, length=20, embargo=1, seeds=10, training=training)
    rows = {
        f"2009 to 2018, {hidden} units": dict(symbol="SP500", hidden=hidden, folds=5, trials=50, **shared)
        for hidden in (8, 16, 32)
    }
    return rows | {"2019 to 2022, 32 units": dict(symbol="SP500_INDEX", hidden=32, folds=2, trials=20, **shared)}


def _allocator(hold: int, cost_bp: float, hidden: int, epochs: int, seeds: int, folds: list[list[str]]) -> dict:
    return dict(hold=hold, cost_bp=cost_bp, hidden=hidden, epochs=epochs, folds=folds, seeds=seeds, trials=len(folds))


def _portfolio() -> dict[str, dict]:
    """Three ways to train and trade. Size and epochs of each are picked on 1998–2001, out of six, with five seeds.

    The years after are run with what `portfolio_rows.chosen` says, and with three seeds, which is what time allows.
    """
    ways = {"daily": (1, 0.0), "daily, costs in the loss": (1, 10.0), "monthly": (21, 0.0)}
    picked = {"daily": (64, 30), "daily, costs in the loss": (64, 10), "monthly": (64, 30)}
    years = [[str(year), str(year + 2)] for year in range(2002, 2023, 3)]
    rows = {}
    for way, (hold, cost_bp) in ways.items():
        rows[f"test, {way}"] = _allocator(hold, cost_bp, *picked[way], 3, years)
        for hidden in (16, 64):
            for epochs in (10, 30, 100):
                key = f"validation, {way}, {hidden} units, {epochs} epochs"
                rows[key] = _allocator(hold, cost_bp, hidden, epochs, 5, [["1998", "2001"]])
    return rows


def _regimes() -> dict[str, dict]:
    """Three networks in three sizes each, chosen by the mean validation loss of five seeds; the chosen over ten."""
    sizes = {"residual": (8, 16, 32), "autoencoder": (2, 4, 8), "volatility": (8, 16, 32)}
    chosen = {"residual": 8, "autoencoder": 8, "volatility": 16}  # what the "choose" rows say; a test compares
    rows = {
        f"choose, {network}, H = {hidden}": dict(part="choose", network=network, hidden=hidden, trials=5)
        for network, tried in sizes.items()
        for hidden in tried
    }
    for network, hidden in chosen.items():
        rows[f"score, {network}"] = dict(part="score", network=network, hidden=hidden, trials=10)
    return rows


def _brain_gates() -> dict[str, dict]:
    """Delayed recall with and without an output gate; trackers of a mean that turns, in calm and in volatile worlds."""
    rows = {
        f"recall, {hidden} unit{'s' * (hidden > 1)}{', no output gate' * (not gate)}": dict(
            part="recall", hidden=hidden, output_gate=gate, trials=20
        )
        for hidden, gate in ((1, True), (1, False), (8, False))
    }
    return rows | {"tracking": dict(part="tracking", hidden=8, hazards=[0.01, 0.04, 0.15], home=0.04, trials=12)}


def _brain_rules() -> dict[str, dict]:
    """Three kinds of feedback with one rate and cap; LSTMs that were trained on up to 3, 6 and 10 patterns."""
    rows = {
        f"feedback, {feedback}": dict(part="feedback", feedback=feedback, rate=0.5, cap=40_000, trials=10)
        for feedback in ("transposed", "random", "none")
    }
    for load in (3, 6, 10):
        training = dict(load=load, minibatches=5000, hidden=64, lr=0.003, batch=100)
        rows[f"store, up to {load} patterns"] = dict(part="store", training=training, trials=10)
    return rows


def _trading() -> dict[str, dict]:
    """An LSTM, the last 40 returns, the last 10, and the last alone: in two hidden markets, and on the S&P 500.

    Settings come from about forty runs on other simulations. Among them, on seed 1 of each market, were a grid of
    sixteen, learning rates of 0.001 and 0.003 and stacks of 10 and 40 returns, and two of the LSTM with a bonus for
    entropy, without which it came to hold its first position for ever in long spells. The stack of ten was added, and
    three seeds were made five, when the first test results were in. For the index nothing was tried.
    """
    agents = {
        "lstm": dict(memory="lstm", hidden=32, lr=0.003, stack=1),
        "stack": dict(memory="stack", hidden=64, lr=0.001, stack=40),
        "ten": dict(memory="stack", hidden=64, lr=0.001, stack=10),
        "none": dict(memory="none", hidden=64, lr=0.001, stack=1),
    }
    return {
        f"{market}, {agent}": dict(market=market, steps=80_000, trials=5, **how, **since)
        for market, since in (("short spells", {}), ("long spells", {}), ("SP500", dict(since="2010")))
        for agent, how in agents.items()
    }


def _field() -> dict[str, dict]:
    """Adding, T = 100: readers of about 4,500 weights. Adam's rate is chosen by the loss after 10,000 sequences, on the
    seeds 100 and 101; then seeds from 0 on run with it, up to 40,000. The LSTM's own race is "long, chrono" of biases.
    """
    chosen = {"lstm": 0.01, "gru": 0.01, "slstm": 0.01, "mlstm": 0.003, "transformer": 0.003}  # a test compares
    slow, rows = ("gru", "slstm"), {}  # what takes long a step was not tried with the smallest rate
    for reader, best in chosen.items():
        shared = dict(task="4", of=dict(T=100), reader=reader, batch=20)
        for rate in (0.001, 0.003, 0.01)[reader in slow :]:
            rows[f"choose, {reader}, lr = {rate}"] = shared | dict(lr=rate, cap=10_000, seed=100, trials=2)
        if reader != "lstm":
            rows[f"race, {reader}"] = shared | dict(lr=best, cap=40_000, seed=0, trials=5)
    return rows


TABLES = {
    "original": Study("original", _original(), original.run, original.first),
    "today": Study("today", _today(), today.run, today.first),
    "biases": Study("biases", _biases(), today.run, today.first),
    "volatility": Study("volatility", _volatility(), volatility.run, volatility.first),
    "returns": Study("returns", _returns(), returns.run, returns.first),
    "portfolio": Study("portfolio", _portfolio(), portfolio.run, portfolio.first),
    "regimes": Study("regimes", _regimes(), regimes.run, regimes.first),
    "brain_gates": Study("brain_gates", _brain_gates(), brain_gates.run, brain_gates.first),
    "brain_rules": Study("brain_rules", _brain_rules(), brain_rules.run, brain_rules.first),
    "trading": Study("trading", _trading(), trading.run, trading.first),
    "field": Study("field", _field(), field.run, field.first),
}
