"""What the studies of real markets run: their settings, row by row; `tables` makes studies of them."""

__all__ = ["portfolio", "regimes", "returns", "volatility"]


def _network(base: str, cell: str, hidden: int, seeds: int = 3, years: int = 1, **more) -> dict:
    settings = dict(symbol="SP500", base=base, cell=cell, hidden=hidden, seeds=seeds, years=years, horizon=1) | more
    folds = -(-(settings["last"] + 1 - settings["first"]) // years)
    return settings | dict(trials=folds * seeds)


def volatility() -> dict[str, dict]:
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


def returns() -> dict[str, dict]:
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


def portfolio() -> dict[str, dict]:
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


def regimes() -> dict[str, dict]:
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
