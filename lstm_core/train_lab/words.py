"""What a TrainLab says: verdicts, titles, alt texts. Only what a net did and how soon, never that it "cannot"."""

from collections.abc import Sequence

from lstm_core.train_lab.runner import MISSED, SOLVED, STOPPED, Press

__all__ = [
    "biases",
    "cell_text",
    "curve_alt",
    "ended",
    "failure",
    "map_alt",
    "outcome",
    "place",
    "thousands",
    "verdict",
]

ENDINGS = {SOLVED: "solved", MISSED: "not solved", STOPPED: "stopped"}


def number(value: float) -> str:
    """3, −3 or 0.5, with a real minus."""
    return f"{value:g}".replace("-", "−")


def thousands(sequences: float) -> str:
    """23k for 23,400; 800 for 800."""
    return f"{sequences / 1000:.0f}k" if sequences >= 1000 else f"{sequences:.0f}"


def biases(pair: Sequence[float | None]) -> str:
    """ "b_f = 3, b_i = −3", or "chrono biases"."""
    return "chrono biases" if pair[0] is None else f"b_f = {number(pair[0])}, b_i = {number(pair[1])}"


def in_italics(title: str) -> str:
    """A title as matplotlib is to have it, its b_f and b_i set as in the equations."""
    return title.replace("b_f", "$b_f$").replace("b_i", "$b_i$")


def place(pair: Sequence[float | None]) -> str:
    """ "(3, −3)", or "chrono"."""
    return "chrono" if pair[0] is None else f"({number(pair[0])}, {number(pair[1])})"


def verdict(press: Press) -> str:
    """What came of a press: its biases, its seed and its outcome."""
    return f"{biases(press)}, seed {press.seed}: {outcome(press)}"


def outcome(press: Press) -> str:
    """ "solved after 23,400 sequences (5.1 s)" and its siblings."""
    done = f"{press.sequences:,} sequences"
    if press.outcome == STOPPED:
        return f"stopped after {done}; Train goes on from here"
    if press.outcome == SOLVED:
        return f"solved after {done} ({press.seconds:.1f} s)"
    return f"not within {done} ({press.seconds:.1f} s): error still {press.loss:.2g}"


def failure(error: Exception) -> str:
    """What stands in place of a verdict."""
    return f"The training stopped at an error and left no verdict. {type(error).__name__}: {error!s:.400}"


def ended(press: Press) -> str:
    """The same, short enough for a title."""
    start = {SOLVED: "solved after", MISSED: "not within", STOPPED: "stopped after"}[press.outcome]
    return f"{start} {press.sequences:,} sequences"


def curve_alt(title: str, ys: Sequence[float], former: Sequence[Press], budget: int) -> str:
    """What the left picture shows: where its curve began and where it is, and how the pale ones ended."""
    said = [f"Training loss on a log scale against the sequences seen, up to {budget:,}."]
    said.append(f"{title}; the loss fell" if ys and ys[-1] < ys[0] / 2 else f"{title}; the loss went" if ys else title)
    if ys:
        said[-1] += f" from {ys[0]:.2g} to {ys[-1]:.2g}"
    said[-1] += "."
    if former:
        said.append("Pale: " + "; ".join(f"{place(press)} {ended(press)}" for press in former) + ".")
    return " ".join(said)


def map_alt(title: str, background: Sequence[dict], presses: Sequence[Press]) -> str:
    """What the right picture shows: the recorded runs by how many solved it, and one's own presses."""
    said = [f"Map of the starts, forget bias b_f to the right, input bias b_i upwards. {title}."]
    kinds = {"all solved": [], "some solved": [], "none solved": []}
    for row in background:
        where, share = place((row["forget_bias"], row["input_bias"])), row["solved"] / row["runs"]
        kind = "all solved" if share == 1 else "some solved" if share else "none solved"
        kinds[kind].append(f"{where} {cell_text(row)}" if share else where)
    said += [f"Recorded, {kind}: {', '.join(rows)}." for kind, rows in kinds.items() if rows]
    own = [f"{place(press)} {ENDINGS[press.outcome]} at {press.sequences:,}" for press in presses]
    said.append(f"Your presses: {', '.join(own) or 'none yet'}.")
    return " ".join(said)


def cell_text(row: dict) -> str:
    """What stands in a cell of the map: 23k if all runs solved it, else how many did, 4/10."""
    if row["solved"] == row["runs"] and row["sequences"]:
        return thousands(row["sequences"])
    return f"{row['solved']}/{row['runs']}"
