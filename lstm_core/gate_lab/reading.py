"""The sentence under the Gate Lab: what its picture says, in words. gate_lab.js says the same, to the letter.

It is read out by screen readers, stands in for the picture where there is none, and is what tests check.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

__all__ = ["gradient_sentence", "gru_sentence", "number", "sentence", "steps", "variance_sentence"]

WIDE, ONE_DIGIT = Context(prec=400), Context(prec=1, rounding=ROUND_HALF_UP)


def sentence(show: str, at: str, gates: tuple[float, ...], left: float, last: int, open_output: bool) -> str:
    """What a lens shows at one step of one unit.

    `at` names step and unit, `gates` are i, f, C̃, o, C and h there, `left` is ∏ f from there to step `last`.
    """
    i, f, g, o, c, h = gates
    kept = kept_by("forget", f)
    held = "held open" if open_output else gate(o)
    if show == "forget":
        return f"{at}: {kept}. The cell holds {number(c)}; {percent(left)} of that is left at step {last}."
    if show == "input":
        written = f"{gate(i)} × {number(g)} = {number(i * g)}"
        return f"{at}: input gate × candidate, {written}, is written. The cell holds {number(c)}."
    if show == "output":
        return f"{at}: output gate {held}: the cell holds {number(c)} and shows {number(h)}."
    rest = f"input gate {gate(i)}, candidate {number(g)}, output gate {held}"
    return f"{at}: {kept}; {rest}. The cell holds {number(c)} and shows {number(h)}."


def gru_sentence(show: str, at: str, trace: tuple[float, ...], heard: float, left: float, last: int) -> str:
    """The same for a GRU: `trace` is r, z, n and h there, `heard` is U_n·h + c_n, which r scales, `left` is ∏ z."""
    r, z, n, h = trace
    if show == "update":
        lasts = f"by way of z {percent(left)} of that is left at step {last}"
        return f"{at}: {kept_by(show, z)}. The state is {number(h)}; {lasts}."
    if show == "reset":
        let_in = f"{gate(r)} × {number(heard)} = {number(r * heard)}"
        return f"{at}: reset gate × what the old state says, {let_in}, reaches the candidate, which is {number(n)}."
    rest = f"reset gate {gate(r)}, candidate {number(n)}"
    return f"{at}: {kept_by('update', z)}; {rest}. The state is {number(h)}."


def kept_by(name: str, share: float) -> str:
    return f"{name} gate {gate(share)}: half-life {steps(share)}, if it stayed so"


def variance_sentence(forget: float, input: float, candidate_bias: float) -> str:
    """A frozen cell as the econometric model that it is: β = f, α = i, ω = α times the candidate's bias."""
    omega, memory = input * candidate_bias, forget + input
    if abs(memory - 1) < 1e-9 and omega == 0:
        whose = "RiskMetrics'" if abs(forget - 0.94) < 0.0005 else "an"
        name = f"This is {whose} EWMA with λ = {fixed(forget, 3)}"
        return f"{name}: α + β = 1, so a forecast never returns to a mean."
    numbers = f"ω = {fixed(omega, 3)}, α = {fixed(input, 3)}, β = {fixed(forget, 3)}"
    if omega < 0:
        return f"With {numbers} this is no GARCH(1,1): a negative ω can make a variance negative."
    if omega == 0 and memory < 1:
        return f"With {numbers} nothing holds the variance up: a forecast fades to 0, by half in {steps(memory)}."
    name = f"This is a GARCH(1,1) with {numbers}"
    lasting = steps(memory) if memory < 1 else "without end" if memory < 1 + 1e-9 else "none, a shock grows"
    return f"{name}: half-life along the cell (β) {steps(forget)}, of a forecast (α + β) {lasting}."


def gradient_sentence(rho: float, input_scale: float, rnn: float, forget: float, lstm: float, lag: int) -> str:
    """What is left of both gradients after `lag` steps; `forget` is the slider of the LSTM's forget bias."""
    setting = f"ρ = {fixed(rho)}, input scale {fixed(input_scale)}"
    fate = f"the RNN's gradient {fate_of(rnn)}, {power(rnn)} is left after {lag} steps"
    return f"{setting}: {fate}. The LSTM's, b_f at {fixed(forget)}, {fate_of(lstm)}: {power(lstm)} is left."


def fate_of(gain: float) -> str:
    change = math.log10(gain) if gain > 0 else -math.inf
    if abs(change) < 0.01:
        return "stays level"
    return "explodes" if change > 0 else "fades" if change > -1 else "vanishes"


def steps(factor: float) -> str:
    """Half-life of what shrinks by `factor` a step, spelt out."""
    half_life = math.log(2) / -math.log(factor) if 0 < factor < 1 else math.inf if factor > 0 else 0.0
    if half_life >= 1e6:
        return "more than a million steps"
    return f"{fixed(half_life, 1 if half_life < 100 else 0)} steps"


def fixed(value: float, digits: int = 2) -> str:
    """A number with a true minus sign, none before a zero, and halves rounded away from 0, as JavaScript has it."""
    text = f"{Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, WIDE):f}"
    return text.replace("-", "" if float(text) == 0 else "−")


def number(value: float) -> str:
    """A state: two digits, or as many as a small one needs."""
    size = abs(value)
    if size >= 0.005 or size < 1e-99:
        return fixed(value)
    return fixed(value, 4) if size >= 0.00005 else ("−" if value < 0 else "") + power(size)


def gate(value: float) -> str:
    """A gate: as a state, with more digits where it is all but open too."""
    return fixed(value, 4) if 0.995 < value < 1 else number(value)


def percent(share: float) -> str:
    return f"{fixed(100 * share, 1)}%" if share >= 0.001 else "less than 0.1%"


def power(value: float) -> str:
    """One digit and a power of ten, as 1e-5, from 1e-99 to 1e99; what lies beyond is only said to."""
    if not 1e-99 <= value <= 1e99:
        return "less than 1e-99" if value < 1 else "more than 1e99"
    mantissa, exponent = f"{ONE_DIGIT.create_decimal(value):.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"
