"""gate_lab.js, the file that ships, in a page from disk: its numbers against Python's, its sliders, its words."""

import base64
from pathlib import Path

import numpy as np
import pytest
from gate_lab import BIASES, RANGES, LabView, labs_on, move_everything
from playwright.sync_api import Page

from lstm_core import cell, gate_lab, gradient_flow
from lstm_core.gate_lab import GateLab, gru_scenes, scenes
from lstm_core.gate_lab import page as pages

pytestmark = pytest.mark.browser

MODULE = Path(gate_lab.__file__).with_name("gate_lab.js")
LENSES = ("cell", "forget", "input", "output", "gradient")
GRU_LENSES = ("cell", "update", "reset")
CELLS, AT_ONCE = 200, 10
RETURNS = np.random.default_rng(3).standard_t(4, size=300)  # per cent a day


@pytest.fixture
def module(page: Page) -> Page:
    """A page in which the module's exports are at hand, as window.gateLab."""
    page.goto("about:blank")
    names = "lstmForward, gruForward, shiftBiases, cellPath, rnnGains, lstmGains"
    page.add_script_tag(type="module", content=f"{MODULE.read_text('utf-8')}\nwindow.gateLab = {{ {names} }};")
    page.wait_for_function("window.gateLab")
    return page


RUN = """labs => labs.map(({ state, kind }) => {
    const { lstmForward, gruForward, shiftBiases, cellPath, rnnGains, lstmGains } = window.gateLab;
    const preset = state._presets[state.preset], weights = state._weights[preset.weights];
    const biases = Object.keys(state).filter(name => name.endsWith("_bias"));
    const shifts = Object.fromEntries(biases.map(name => [name.slice(0, -5), state[name]]));
    const cell = shiftBiases(weights, shifts, state.open_output), x = Float64Array.from(state._inputs[state.input].x);
    const pack = array => {
        const bytes = new Uint8Array(array.buffer);
        let text = "";
        for (let n = 0; n < bytes.length; n += 32768) text += String.fromCharCode(...bytes.subarray(n, n + 32768));
        return btoa(text);
    };
    const spread = object => Object.fromEntries(Object.entries(object).map(([key, array]) => [key, pack(array)]));
    if (kind === "gains") {
        const rnn = state._rnn, scaled = { ...rnn, weight_ih: rnn.weight_ih.map(w => state.input_scale * w),
            weight_hh: rnn.weight_hh.map(w => state.rho * w) };
        return spread({ rnn: rnnGains(scaled, x), lstm: lstmGains(cell, x, preset.candidate) });
    }
    const trace = state._cell.name === "gru" ? gruForward(cell, x) : lstmForward(cell, x, preset.candidate);
    return spread({ ...trace, path: cellPath(trace.f ?? trace.z, weights.H) });
})"""


def in_javascript(module: Page, labs: list[GateLab], kind: str = "trace") -> list[dict[str, np.ndarray]]:
    """What the module makes of each lab's state."""
    packed = module.evaluate(RUN, [{"state": pages.state(lab), "kind": kind} for lab in labs])
    return [{key: np.frombuffer(base64.b64decode(text)) for key, text in one.items()} for one in packed]


def random_lab(seed: int) -> GateLab:
    """A cell with weights as PyTorch draws them, a state to start from, and biases from one end to the other."""
    rng = np.random.default_rng(seed)
    D, H, T = rng.integers(1, 9), rng.integers(1, 33), rng.integers(1, 513)
    params = cell.random_params(cell.LSTMParams, D, H, rng)
    shifts = dict(zip(list(BIASES)[:4], rng.uniform(-8, 8, 4), strict=True))
    state = cell.LSTMState(*rng.normal(size=(2, 1, H))) if seed % 3 == 0 else None
    return GateLab(params, rng.normal(size=(T, D)), state=state, open_output=seed % 5 == 0, **shifts)


def random_gru(seed: int) -> GateLab:
    rng = np.random.default_rng(seed)
    D, H, T = rng.integers(1, 9), rng.integers(1, 33), rng.integers(1, 513)
    params = cell.random_params(cell.GRUParams, D, H, rng)
    shifts = dict(zip(("reset_bias", "update_bias", "candidate_bias"), rng.uniform(-8, 8, 3), strict=True))
    state = rng.normal(size=(1, H)) if seed % 3 == 0 else None
    return GateLab(params, rng.normal(size=(T, D)), state=state, **shifts)


def assert_equal(ours: dict[str, np.ndarray], lab: GateLab) -> None:
    """Gates, C and h to 1e-12 · (1 + |C|), and the cell's path back."""
    trace = lab.trace
    allowed = 1e-12 * (1 + np.abs(trace.h[0] if lab.cell == "gru" else trace.c[0]))
    for name, python in trace._asdict().items():
        difference = np.abs(ours[name].reshape(python[0].shape) - python[0])
        assert (difference <= allowed).all(), f"{name} is off by {difference.max():.1e}"
    path = backwards(trace.z[0]) if lab.cell == "gru" else gradient_flow.cell_path(trace)[0]
    np.testing.assert_allclose(ours["path"].reshape(path.shape), path, rtol=1e-10, atol=1e-300)


def backwards(z: np.ndarray) -> np.ndarray:
    """∏ z_s over s > t for every t: (T, H), one step after the other."""
    path = np.ones_like(z)
    for t in range(len(z) - 2, -1, -1):
        path[t] = path[t + 1] * z[t + 1]
    return path


@pytest.mark.parametrize("first", range(0, CELLS, 2 * AT_ONCE))
def test_random_cells_are_computed_as_in_python(module: Page, first: int):
    for start in (first, first + AT_ONCE):
        labs = [random_lab(seed) for seed in range(start, start + AT_ONCE)]
        for lab, ours in zip(labs, in_javascript(module, labs), strict=True):
            assert_equal(ours, lab)


@pytest.mark.parametrize("first", range(0, CELLS // 2, 2 * AT_ONCE))
def test_random_grus_are_computed_as_in_python(module: Page, first: int):
    labs = [random_gru(seed) for seed in range(first, first + 2 * AT_ONCE)]
    for lab, ours in zip(labs, in_javascript(module, labs), strict=True):
        assert_equal(ours, lab)
        before = np.concatenate([np.array([lab._weights["given"]["h"]]), lab.trace.h[0, :-1]])
        H = before.shape[1]
        heard = before @ lab.params.weight_hh[2 * H :].T + lab.params.bias_hh[2 * H :]
        np.testing.assert_allclose(ours["u"].reshape(heard.shape), heard, atol=1e-12)


@pytest.mark.parametrize("preset", gru_scenes.presets())
def test_presets_of_grus_are_computed_as_in_python(module: Page, preset: str):
    labs = [GateLab(cell="gru", preset=preset, input=name, returns=RETURNS) for name in scenes.inputs(RETURNS)]
    for lab, ours in zip(labs, in_javascript(module, labs), strict=True):
        assert_equal(ours, lab)


@pytest.mark.parametrize("preset", scenes.presets())
def test_presets_are_computed_as_in_python(module: Page, preset: str):
    labs = [GateLab(preset=preset, input=name, returns=RETURNS) for name in scenes.inputs(RETURNS)]
    for lab, ours in zip(labs, in_javascript(module, labs), strict=True):
        assert_equal(ours, lab)


@pytest.mark.parametrize(
    "settings", [{}, {"rho": 1.5, "input_scale": 1.0, "forget_bias": 5}, {"rho": 2, "forget_bias": -3}]
)
def test_gains_are_those_of_gradient_flow(module: Page, settings: dict):
    lab = GateLab(show="gradient", **settings)
    (ours,) = in_javascript(module, [lab], "gains")
    for name, python in lab.gains._asdict().items():
        np.testing.assert_allclose(ours[name], python, rtol=1e-9, atol=1e-300)


def test_gains_of_a_cell_of_ones_own(module: Page):
    """Weights large enough for every route to count, the candidate linear, a state to start from."""
    rng = np.random.default_rng(5)
    params, rnn = (cell.random_params(kind, 3, 7, rng, scale=0.8) for kind in (cell.LSTMParams, cell.RNNParams))
    state = cell.LSTMState(*rng.normal(size=(2, 1, 7)))
    for candidate in ("tanh", "linear"):
        x = 0.3 * rng.normal(size=(25, 3))
        lab = GateLab(params, x, state=state, candidate=candidate, rnn=rnn, show="gradient")
        (ours,) = in_javascript(module, [lab], "gains")
        for name, python in lab.gains._asdict().items():
            np.testing.assert_allclose(ours[name], python, rtol=1e-9)


# --- a page from disk, without network


@pytest.fixture
def opened(touch_page: Page, tmp_path: Path):
    """Opens labs in one page from disk, which is shut off from the network."""

    def open_page(*labs: GateLab) -> list[LabView]:
        touch_page.context.set_offline(True)
        path = tmp_path / "labs.html"
        path.write_text(pages.page(labs, "Gate Lab"), encoding="utf-8")
        touch_page.goto(path.as_uri())
        return labs_on(touch_page, len(labs))

    return open_page


def example(show: str) -> GateLab:
    own = {} if show == "gradient" else {"returns": RETURNS}
    return GateLab(show=show, **own)


@pytest.mark.parametrize("show", LENSES)
def test_every_slider_follows_mouse_keyboard_and_touch(opened, show: str):
    (lab,) = opened(example(show))
    assert move_everything(lab) == 9 * len(lab.sliders()) >= 9


@pytest.mark.parametrize("show", LENSES)
def test_it_says_what_python_says(opened, show: str):
    """After every move the sentence is, to the letter, the one that Python has for the same traits."""
    says_the_same(opened, example(show), list(scenes.presets()))


@pytest.mark.parametrize("show", GRU_LENSES)
def test_every_slider_of_a_gru_follows_mouse_keyboard_and_touch(opened, show: str):
    (lab,) = opened(GateLab(cell="gru", show=show, returns=RETURNS))
    assert len(lab.sliders()) == {"cell": 3, "update": 1, "reset": 2}[show]
    assert move_everything(lab) == 9 * len(lab.sliders())


@pytest.mark.parametrize("show", GRU_LENSES)
def test_a_gru_says_what_python_says(opened, show: str):
    says_the_same(opened, GateLab(cell="gru", show=show, returns=RETURNS), list(gru_scenes.presets()))


def says_the_same(opened, python: GateLab, presets: list[str]) -> None:
    """Every preset on every input, its sliders moved one after the other: one sentence in both halves."""
    (lab,), show = opened(python), python.show
    assert lab.sentence == python.sentence
    for preset in [None] if show == "gradient" else presets:
        for name in [None] if show == "gradient" else list(scenes.inputs(RETURNS)):
            if preset:
                lab.choose("cell", preset)
                lab.choose("input", name)
                python.preset, python.input = preset, name
                python.step, python.unit = (len(python.x[0]) + 1) // 2, 1
            for trait in lab.sliders():
                low, high = RANGES[trait]
                lab.by_keyboard(trait, 0.6)
                wanted = low + 0.6 * (high - low)  # −8 + 9.6, 0.5 + 0.9, 1.2: stops of the arrow keys
                lab.wait_for(lambda t=trait, w=wanted: lab.value(t) == pytest.approx(w), f"{trait} went elsewhere")
                setattr(python, trait, wanted)
            said = python.sentence
            lab.wait_for(lambda s=said: lab.sentence == s, f"{preset} on {name}: Python says {said}")
