"""What the studies of the tasks of 1997 run: their settings, row by row; `tables` makes studies of them."""

__all__ = ["biases", "original", "today"]


def _row(task: str, net: str, rate: float, cap: int, trials: int = 10, **more) -> dict:
    return dict(task=task, net=net, rate=rate, cap=cap, trials=trials, **more)


def original() -> dict[str, dict]:
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


def today() -> dict[str, dict]:
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


def biases() -> dict[str, dict]:
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
