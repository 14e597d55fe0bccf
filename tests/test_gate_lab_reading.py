"""gate_lab/reading.py, picture.py and page.py: what is said, shown and written out, where there is no widget.

Sentences are taken apart again, and their numbers held against cell.py's own steps; pages are read as a browser would.
"""

import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import test_notebooks
import traitlets
from helpers import LSTM, decoded, images, stepped
from IPython.core.formatters import DisplayFormatter

from lstm_core import plots
from lstm_core.cell import LSTMParams, LSTMState, RNNParams, random_params
from lstm_core.gate_lab import GateLab, page, picture, presets, reading
from lstm_core.gate_lab.state import State

LENSES = ("cell", "forget", "input", "output")
NUMBER = r"(−?\d+\.\d\d(?:\d\d)?|−?\de-\d+)"
WIDGET = "application/vnd.jupyter.widget-view+json"


def own(T=13, D=3, H=5, seed=0, **options) -> GateLab:
    """A lab with a random cell of its own, its gates well out of their middle."""
    rng = np.random.default_rng(seed)
    params = random_params(LSTMParams, D, H, rng, scale=4 / np.sqrt(H))
    return GateLab(params, 2 * rng.normal(size=(T, D)), **options)


def truth(lab) -> dict[str, float]:
    """Gates and states at the lab's step of its unit, by cell.py; "left" is the share of the cell that lasts."""
    zeros = np.zeros((1, lab.params.weight_hh.shape[1]))
    trace = stepped(LSTM, lab.params, lab.x, LSTMState(zeros, zeros), candidate=lab._presets[lab.preset]["candidate"])
    values = {name: float(part[0, lab.step - 1, lab.unit - 1]) for name, part in trace._asdict().items()}
    left = 1.0
    for step in range(lab.step, len(lab.x[0])):
        left *= trace.f[0, step, lab.unit - 1]
    return values | {"left": left}


def halving(factor: float) -> float:
    """After how many steps half is left."""
    return math.log(0.5, factor)


def numbers(pattern: str, text: str) -> list[float]:
    """What the groups of a pattern that fits the whole text say."""
    found = re.fullmatch(pattern, text)
    assert found, text
    return [float(group.replace("−", "-")) for group in found.groups()]


# --- the sentence, lens by lens


@pytest.mark.parametrize("unit", [1, 4, 5])
@pytest.mark.parametrize("step", [1, 6, 12, 13])
def test_the_forget_lens_says_what_is_kept_of_the_cell(step, unit):
    lab = own(show="forget", step=step, unit=unit, forget_bias=4.5)
    f, half_life, c, left = numbers(
        rf"Step {step}, unit {unit}: forget gate {NUMBER}: half-life ([\d.]+) steps, if it stayed so\. "
        rf"The cell holds {NUMBER}; (\d+\.\d)% of that is left at step 13\.",
        lab.sentence,
    )
    true = truth(lab)
    assert (f, c) == (pytest.approx(true["f"], abs=0.0051), pytest.approx(true["c"], abs=0.0051))
    assert left == pytest.approx(100 * true["left"], abs=0.051)
    assert half_life == pytest.approx(halving(true["f"]), abs=0.51 if half_life >= 100 else 0.051)


def test_what_is_all_but_gone_is_said_to_be():
    lab = own(show="forget", step=1, forget_bias=-4)
    assert truth(lab)["left"] < 1e-6
    assert lab.sentence.endswith("less than 0.1% of that is left at step 13.")


def test_the_input_lens_says_what_is_written():
    lab = own(show="input", step=7, unit=2, input_bias=1.0)
    i, g, written, c = numbers(
        rf"Step 7, unit 2: input gate × candidate, {NUMBER} × {NUMBER} = {NUMBER}, is written\. "
        rf"The cell holds {NUMBER}\.",
        lab.sentence,
    )
    true = truth(lab)
    expected = (true["i"], true["g"], true["i"] * true["g"], true["c"])
    assert (i, g, written, c) == pytest.approx(expected, abs=0.0051)


@pytest.mark.parametrize("held_open", [False, True])
def test_the_output_lens_says_what_is_held_and_what_is_shown(held_open):
    lab = own(show="output", step=7, unit=3, open_output=held_open)
    gate = "held open" if held_open else NUMBER
    said = numbers(rf"Step 7, unit 3: output gate {gate}: the cell holds {NUMBER} and shows {NUMBER}\.", lab.sentence)
    true = truth(lab)
    assert said == pytest.approx([true[name] for name in ("ch" if held_open else "och")], abs=0.0051)
    assert true["o"] == 1 or not held_open


@pytest.mark.parametrize("held_open", [False, True])
def test_the_lens_of_the_whole_cell_says_it_all(held_open):
    lab = own(step=5, unit=2, open_output=held_open)
    gate = "held open" if held_open else NUMBER
    f, half_life, *rest = numbers(
        rf"Step 5, unit 2: forget gate {NUMBER}: half-life (\d+\.\d) steps, if it stayed so; input gate {NUMBER}, "
        rf"candidate {NUMBER}, output gate {gate}\. The cell holds {NUMBER} and shows {NUMBER}\.",
        lab.sentence,
    )
    true = truth(lab)
    assert f == pytest.approx(true["f"], abs=0.0051)
    assert half_life == pytest.approx(halving(true["f"]), abs=0.51 if half_life >= 100 else 0.051)
    assert rest == pytest.approx([true[name] for name in ("igch" if held_open else "igoch")], abs=0.0051)


@pytest.mark.parametrize("show", LENSES)
def test_a_cell_of_one_unit_does_not_number_it_and_dates_stand_beside_the_step(show):
    returns = pd.Series([0.5, -3.5, 1.0], pd.date_range("2008-10-13", periods=3))
    assert GateLab(show=show).sentence.startswith("Step 50: ")
    assert GateLab(returns=returns, input="returns", show=show).sentence.startswith("Step 2 (2008-10-14): ")
    assert GateLab(returns=returns, input="returns", preset="chrono", unit=3, show=show).sentence.startswith(
        "Step 2 (2008-10-14), unit 3: "
    )


def test_the_sentence_moves_with_every_trait():
    lab, said = own(step=6), set()
    for trait, value in [
        ("step", 7), ("unit", 2), ("forget_bias", 1), ("input_bias", -1), ("candidate_bias", 0.5), ("output_bias", 2),
        ("open_output", True), ("show", "output"), ("preset", "forget_all"),
    ]:  # fmt: skip
        said.add(lab.sentence)
        setattr(lab, trait, value)
    assert len(said | {lab.sentence}) == 10


# --- the econometric reading


@pytest.mark.parametrize("show", LENSES)
def test_a_tied_variance_is_riskmetrics_and_a_free_one_a_garch(show):
    lab = GateLab(preset="riskmetrics", show=show)
    ewma = r".*\. This is {} EWMA with λ = (0\.\d{{3}}): α \+ β = 1, so a forecast never returns to a mean\."
    assert numbers(ewma.format("RiskMetrics'"), lab.sentence) == [0.94]
    lab.forget_bias = math.log(0.97 / 0.03)
    assert numbers(ewma.format("an"), lab.sentence) == [0.97]
    lab.tied = False
    lab.input_bias = math.log(0.02 / 0.98)
    lab.candidate_bias = 1.5
    garch = (
        r".*\. This is a GARCH\(1,1\) with ω = (0\.\d{3}), α = (0\.\d{3}), β = (0\.\d{3}): "
        r"half-life along the cell \(β\) ([\d.]+) steps, of a forecast \(α \+ β\) ([\d.]+) steps\."
    )
    omega, alpha, beta, cell, forecast = numbers(garch, lab.sentence)
    assert (omega, alpha, beta) == (0.03, 0.02, 0.97)
    assert (cell, forecast) == (pytest.approx(22.76, abs=0.051), pytest.approx(68.97, abs=0.051))


def test_the_garch_preset_says_its_own_numbers():
    lab = GateLab(garch=(0.05, 0.08, 0.9), preset="garch")
    assert "ω = 0.050, α = 0.080, β = 0.900" in lab.sentence
    assert "(β) 6.6 steps, of a forecast (α + β) 34.3 steps." in lab.sentence


@pytest.mark.parametrize(("numbers", "fate"), [((0.05, 0.2, 0.85), "none, a shock grows"), ((0.0, 0.1, 0.9), None)])
def test_a_variance_that_does_not_come_back_is_said_to(numbers, fate):
    said = GateLab(garch=numbers, preset="garch").sentence
    assert said.endswith(f"of a forecast (α + β) {fate}." if fate else "a forecast never returns to a mean.")


def test_a_constant_makes_an_integrated_garch_of_riskmetrics():
    said = GateLab(preset="riskmetrics", candidate_bias=0.5).sentence
    assert "GARCH(1,1) with ω = 0.030, α = 0.060, β = 0.940" in said
    assert said.endswith(("without end.", "more than a million steps."))


def test_without_a_constant_a_variance_fades():
    said = GateLab(preset="garch", garch=(0.0, 0.1, 0.8)).sentence
    numbers = "ω = 0.000, α = 0.100, β = 0.800"
    assert said.endswith(f"With {numbers} nothing holds the variance up: a forecast fades to 0, by half in 6.6 steps.")


def test_a_constant_below_0_is_no_garch():
    lab = GateLab(preset="garch", candidate_bias=-0.5)
    assert lab.sentence.endswith(
        "With ω = −0.050, α = 0.100, β = 0.885 this is no GARCH(1,1): a negative ω can make a variance negative."
    )


def test_other_cells_are_no_variances():
    for name, cell in presets().items():
        assert ("GARCH" in GateLab(preset=name).sentence) == (cell.variance and name == "garch")
        assert cell.variance == (name in ("riskmetrics", "garch"))


# --- the lens "gradient"


@pytest.mark.parametrize(
    "moved", [{}, {"rho": 1.5, "input_scale": 0}, {"rho": 0.5, "input_scale": 2}, {"forget_bias": 6}]
)
def test_the_gradient_lens_says_what_is_left_of_both(moved):
    lab = GateLab(show="gradient", **moved)
    power, fate = r"(less than 1e-99|\de-?\d+)", "(vanishes|fades|explodes|stays level)"
    found = re.fullmatch(
        rf"ρ = {NUMBER}, input scale {NUMBER}: the RNN's gradient {fate}, {power} is left after 99 steps\. "
        rf"The LSTM's, b_f at {NUMBER}, {fate}: {power} is left\.",
        lab.sentence,
    )
    assert found, lab.sentence
    rho, scale, fate_rnn, left_rnn, bias, fate_lstm, left_lstm = found.groups()
    assert (float(rho), float(scale), float(bias)) == (lab.rho, lab.input_scale, lab.forget_bias)
    for fate, said, gain in ((fate_rnn, left_rnn, lab.gains.rnn[0]), (fate_lstm, left_lstm, lab.gains.lstm[0])):
        assert float(said) == pytest.approx(gain, rel=0.5 / int(said[0]))
        fates = ["vanishes", "fades", "stays level", "explodes"]
        assert fate == fates[np.searchsorted([0.1, 0.975, 1.025], gain)]


def test_a_gradient_all_but_gone_is_not_called_nothing():
    lab = GateLab(show="gradient", forget_bias=-8)
    assert lab.gains.lstm[0] < 1e-99
    assert lab.sentence.endswith("b_f at −8.00, vanishes: less than 1e-99 is left.")


# --- numbers, in words


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0, 2, "0.00"), (-0.0, 2, "0.00"), (-0.004, 2, "0.00"), (-0.006, 2, "−0.01"), (1.005, 2, "1.00"), (12, 0, "12"),
     (0.125, 2, "0.13"), (-0.125, 2, "−0.13"), (0.5, 0, "1"), (2.5, 0, "3"), (0.0625, 3, "0.063"),
     (-1234.5678, 1, "−1234.6"), (1e30, 2, "1000000000000000019884624838656.00")],
)  # fmt: skip
def test_fixed_rounds_halves_away_from_zero_as_javascript_does(value, digits, text):
    """1.005 is a little less than it looks: its nearest float lies below the half."""
    assert reading.fixed(value, digits) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(1, "100.0%"), (0.0625, "6.3%"), (0.5, "50.0%"), (0.001, "0.1%"), (0.00099, "less than 0.1%"),
     (0, "less than 0.1%")],
)  # fmt: skip
def test_percent(share, text):
    assert reading.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1e0"), (0.25, "3e-1"), (2.5, "3e0"), (1.23e-5, "1e-5"), (9.6e-6, "1e-5"), (3.5e20, "4e20"), (1e-99, "1e-99"),
     (0.9e-99, "less than 1e-99"), (0, "less than 1e-99"), (1.1e99, "more than 1e99"), (math.inf, "more than 1e99")],
)  # fmt: skip
def test_power(value, text):
    assert reading.power(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00"), (-0.0, "0.00"), (1, "1.00"), (-12.345, "−12.35"), (0.005, "0.01"), (0.00499, "0.0050"),
     (-0.0049, "−0.0049"), (0.00005, "0.0001"), (0.000049, "5e-5"), (-3.2e-7, "−3e-7"), (1e-99, "1e-99"),
     (-0.9e-99, "0.00"), (0.9999, "1.00"), (1e30, "1000000000000000019884624838656.00")],
)  # fmt: skip
def test_a_small_state_has_the_digits_that_it_needs(value, text):
    assert reading.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.995, "0.99"), (0.9951, "0.9951"), (0.99966, "0.9997"), (1 - 1e-7, "1.0000"), (1, "1.00"), (0.5, "0.50"),
     (0.000335, "0.0003"), (2e-9, "2e-9")],
)  # fmt: skip
def test_a_gate_all_but_open_has_the_digits_that_it_needs(value, text):
    assert reading.gate(value) == text


@pytest.mark.parametrize(
    ("factor", "text"),
    [(0.5, "1.0 steps"), (0.25, "0.5 steps"), (0.94, "11.2 steps"), (0.5 ** (1 / 99), "99.0 steps"),
     (0.5 ** (1 / 250), "250 steps"), (0.5 ** (1 / 2_000_000), "more than a million steps"),
     (1, "more than a million steps"), (1.2, "more than a million steps"), (0, "0.0 steps")],
)  # fmt: skip
def test_steps(factor, text):
    assert reading.steps(factor) == text


@pytest.mark.parametrize(
    ("gain", "fate"),
    [(1, "stays level"), (0.98, "stays level"), (1.02, "stays level"), (0.97, "fades"), (0.11, "fades"),
     (0.09, "vanishes"), (1.03, "explodes"), (0, "vanishes"), (math.inf, "explodes")],
)  # fmt: skip
def test_fate(gain, fate):
    assert reading.fate_of(gain) == fate


# --- without widgets


@pytest.mark.parametrize("show", [*LENSES, "gradient"])
def test_the_bundle_has_the_widget_its_sentence_and_a_described_picture(show):
    lab = GateLab(show=show)
    data, metadata = lab._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {WIDGET, "text/plain", "text/html"}
    assert data[WIDGET]["model_id"] == lab.model_id
    assert data["text/plain"] == repr(lab) == lab.sentence
    assert isinstance(metadata, dict)
    (image,) = images(data["text/html"])
    assert lab.sentence in image["alt"]
    assert decoded(image["src"]).shape[1] == 8 * plots.DOTS
    shown = {"output_type": "display_data", "data": data, "metadata": {}}
    cell = test_notebooks.code("lab", 1, shown)
    assert test_notebooks.described({"cells": [cell], "metadata": {}}) == []


def test_a_notebook_is_sent_all_three_by_ipywidgets_7_as_well():
    """There `_ipython_display_` used to go first, with a sentence cut short and no picture."""
    lab = GateLab()
    data, _ = DisplayFormatter().format(lab)
    assert set(data) == {WIDGET, "text/plain", "text/html"}
    assert data["text/plain"] == lab.sentence
    assert len(lab.sentence) > 110


@pytest.mark.parametrize("show", LENSES)
def test_alt_text_says_how_far_everything_in_the_picture_went(show):
    lab = own(show=show, unit=3, forget_bias=1.0)
    drawn = {"cell": "ifogch", "forget": "fc", "input": "igc", "output": "och"}[show]
    names = {
        "i": "input gate",
        "f": "forget gate",
        "o": "output gate",
        "g": "candidate",
        "c": "cell",
        "h": "hidden state",
    }
    text = picture.alt_text(lab)
    assert text.startswith(f"Gate Lab. {lab.sentence} Over 13 steps: ")
    spans = dict(re.findall(r"([a-z ]+) (−?\d\.\d\d to −?\d\.\d\d)", text.partition("13 steps: ")[2]))
    assert {name.strip() for name in spans} == {names[name] for name in drawn}
    zeros = np.zeros((1, 5))
    trace = stepped(LSTM, lab.params, lab.x, LSTMState(zeros, zeros))
    for name in drawn:
        part = getattr(trace, name)[0, :, 2]
        (said,) = (span for key, span in spans.items() if key.strip() == names[name])
        low, high = (float(end.replace("−", "-")) for end in said.split(" to "))
        assert (low, high) == pytest.approx((part.min(), part.max()), abs=0.0051)


def ink(lab) -> dict[str, int]:
    """How many pixels of its picture have a gate's or a state's own colour."""
    (image,) = images(picture.image(lab))
    pixels = decoded(image["src"]).astype(int)
    colours = {
        name: np.array([int(style["color"][k : k + 2], 16) for k in (1, 3, 5)]) for name, style in plots.GATES.items()
    }
    return {name: int((np.abs(pixels - colour).max(axis=2) < 16).sum()) for name, colour in colours.items()}


@pytest.mark.parametrize(("show", "drawn"), [("cell", "ifogch"), ("forget", "fc"), ("input", "igc"), ("output", "och")])
def test_the_picture_draws_what_its_lens_is_about(show, drawn):
    """Axes and letters are all but black, like the cell: it is always there."""
    found = ink(own(show=show))
    assert {name for name, pixels in found.items() if pixels > 150} == set(drawn)


def test_dates_stand_below_the_picture(monkeypatch):
    figures, canvas = [], picture.FigureCanvasAgg
    monkeypatch.setattr(picture, "FigureCanvasAgg", lambda fig: figures.append(fig) or canvas(fig))
    days = pd.date_range("2008-07-01", periods=250, freq="B")
    lab = GateLab(returns=pd.Series(np.ones(250), days), input="returns")
    picture.image(lab)
    lab.input = "pulse"
    picture.image(lab)
    dated, plain = ([label.get_text() for label in fig.axes[1].get_xticklabels()] for fig in figures)
    assert dated[0] == "2008-07-01"
    assert dated[-1] == str(days[-1])[:10]
    assert len(dated) == 5
    assert not any("-" in text for text in plain)
    assert [fig.axes[1].get_xlabel() for fig in figures] == ["", "step t"]


def test_the_picture_shows_the_unit_and_the_step_and_follows_the_sliders():
    lab, seen = own(), set()
    for trait, value in [("unit", 2), ("step", 3), ("forget_bias", 4), ("preset", "say_nothing")]:
        seen.add(picture.image(lab).partition("src=")[2])
        setattr(lab, trait, value)
    assert len(seen | {picture.image(lab).partition("src=")[2]}) == 5
    assert picture.image(lab) == picture.image(lab)


def test_a_line_marks_the_step_in_both_panels_where_the_curves_have_it():
    def pixels(step):
        (image,) = images(picture.image(own(show="forget", step=step)))
        return decoded(image["src"]).astype(int)

    def columns(one, other):
        """Where two pictures of different steps differ: one run of columns for each step."""
        differ = np.abs(pixels(one) - pixels(other)).max(axis=2) > 40
        found = np.flatnonzero(differ.any(axis=0))
        assert np.mean(differ.any(axis=1)) > 0.6  # it runs through both panels
        return np.split(found, np.flatnonzero(np.diff(found) > 5) + 1)

    runs = columns(3, 10)
    assert [len(run) <= 4 for run in runs] == [True, True]
    third, tenth = (run.mean() for run in runs)
    seventh = columns(7, 10)[0].mean()
    assert seventh == pytest.approx(third + 4 / 7 * (tenth - third), abs=2)
    blue = [int(plots.COLOURS["blue"][k : k + 2], 16) for k in (1, 3, 5)]
    starts = np.flatnonzero((np.abs(pixels(7) - blue).max(axis=2) < 16).any(axis=0))[0]
    assert starts == pytest.approx(third - 2 / 7 * (tenth - third), abs=3)  # step 1


def test_the_gradient_picture_draws_both_gains_under_their_names(monkeypatch):
    lab, drawn = GateLab(show="gradient", rho=1.1), {}
    draw = plots.plot_gradient_flow
    monkeypatch.setattr(plots, "plot_gradient_flow", lambda curves, ax: drawn.update(curves) or draw(curves, ax=ax))
    assert images(picture.image(lab))[0]["alt"].startswith(f"Gate Lab. {lab.sentence}")
    assert list(drawn) == ["RNN", "LSTM"]
    np.testing.assert_array_equal(drawn["RNN"], lab.gains.rnn)
    np.testing.assert_array_equal(drawn["LSTM"], lab.gains.lstm)


# --- a page


class Page(HTMLParser):
    """A page as a browser takes it apart: its elements, and the text inside title, h1 and script."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict] = []
        self.texts: dict[str, list[str]] = {}
        self.open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        self.open = tag
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        self.open = ""

    def handle_data(self, data):
        if self.open:
            self.texts[self.open][-1] += data


def mounted(script: str) -> dict[str, dict]:
    """Where labs are mounted, and with what state: the last lines of the script, read as strict JSON."""
    calls = re.findall(r'^mount\(document\.getElementById\("([\w-]+)"\), (\{.*\})\);$', script, re.M)

    def refuse(word):
        raise ValueError(f"{word} is no JSON")

    return {place: json.loads(state, parse_constant=refuse) for place, state in calls}


def test_a_page_holds_each_lab_as_it_stands_with_its_picture():
    labs = [GateLab(preset="chrono", unit=3, step=17), own(show="forget", forget_bias=1.25), GateLab(show="gradient")]
    read = Page(page.page(labs, "Three labs"))
    assert read.texts["title"] == read.texts["h1"] == ["Three labs"]
    assert read.tags.count("script") == 1
    states = mounted(read.texts["script"][0])
    places = [attributes["id"] for tag, attributes in zip(read.tags, read.attributes, strict=True) if tag == "div"]
    assert list(states) == places
    declared = {name for name, trait in vars(State).items() if isinstance(trait, traitlets.TraitType)}
    for lab, state in zip(labs, states.values(), strict=True):
        assert set(state) == declared
        for name in declared:
            assert state[name] == json.loads(json.dumps(getattr(lab, name))), name
    assert [image["alt"] for image in images(page.page(labs, "Three"))] == [picture.alt_text(lab) for lab in labs]


def test_two_pieces_of_one_page_have_places_of_their_own():
    one, two = page.embed([own()]), page.embed([own(), own()], prefix='the "second"')
    ids = [found["id"] for text in (one, two) for found in Page(text).attributes if "id" in found]
    assert ids == ["gate-lab-1", 'the "second"-1', 'the "second"-2']


def test_a_lab_writes_a_page_of_its_own_that_brings_the_module_and_asks_for_nothing():
    text = own().to_html("My cell & I")
    read = Page(text)
    assert read.texts["title"] == ["My cell & I"]
    assert page.SOURCE.read_text("utf-8") in read.texts["script"][0]
    asked = [v for found in read.attributes for key, v in found.items() if key in ("src", "href")]
    assert all(address.startswith("data:image/png;base64,") for address in asked)
    assert own().to_html().count("<title>Gate Lab</title>") == 1


HOSTILE = [
    "</script><script>alert(1)</script>", "<!--<script>", "</title><img src=x onerror=alert(1)>", 'a"b\\c',
    "\u2028\u2029", "{labs} {title} %s", "</SCRIPT >", "]]>", "σ² ≥ ½",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_title_and_no_name_breaks_out_of_the_page(text):
    lab = own(D=2, names=[text, "other"])
    written = page.page([lab], text)
    harmless = page.page([own(D=2, names=["one", "other"])], "Harmless")
    read = Page(written)
    assert read.tags == Page(harmless).tags
    assert read.texts["title"] == read.texts["h1"] == [text]
    (state,) = mounted(read.texts["script"][0]).values()
    assert state["_inputs"]["given"]["names"] == [text, "other"]
    assert "<" not in read.texts["script"][0].partition("mount(document")[2]


def test_a_number_that_json_lacks_is_refused():
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            page.as_json({"x": [1.0, bad]})


def test_a_module_that_would_end_its_own_script_is_refused(monkeypatch, tmp_path):
    (tmp_path / "gate_lab.js").write_text("const end = '</SCRIPT>';", "utf-8")
    monkeypatch.setattr(page, "SOURCE", tmp_path / "gate_lab.js")
    with pytest.raises(ValueError, match="spells out an end tag of a script"):
        own().to_html()


def test_an_error_in_the_trace_is_not_swallowed(monkeypatch):
    lab = own()

    def broken(*arguments):
        raise RuntimeError("no trace")

    monkeypatch.setattr("lstm_core.gate_lab.widget.lstm_forward", broken)
    for ask in (lambda: repr(lab), lambda: lab._repr_mimebundle_(), lambda: lab.to_html(), lambda: lab.trace):
        with pytest.raises(RuntimeError, match="no trace"):
            ask()


def test_an_rnn_of_ones_own_is_in_the_page():
    rnn = random_params(RNNParams, 3, 2, np.random.default_rng(0))
    (state,) = mounted(Page(own(rnn=rnn).to_html()).texts["script"][0]).values()
    np.testing.assert_array_equal(state["_rnn"]["weight_ih"], rnn.weight_ih.ravel())
