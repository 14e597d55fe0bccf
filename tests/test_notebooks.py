"""What every notebook keeps to, each rule a function of the notebook that returns its complaints.

That the outputs are still true is nbval's affair: pytest runs every cell of notebooks/ and compares.
"""

import ast
import copy
import json
import re
from html.parser import HTMLParser
from itertools import chain

import execute
import lecture
import nbconvert
import nbformat
import pytest
import setup_cells

PATHS = sorted(lecture.NOTEBOOKS.glob("*.ipynb"))
VERBS = {
    "predict", "watch", "open", "shut", "write", "build", "decide", "forecast", "price", "spot", "go", "compare",
    "replay", "forget", "remember", "let", "meet", "see", "keep", "speak", "turn", "choose", "train",
}  # fmt: skip
WIDGET = "application/vnd.jupyter.widget-view+json"


def source(cell: dict) -> str:
    return "".join(cell["source"])


def code_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def outputs(notebook: dict) -> list[dict]:
    return [output for cell in code_cells(notebook) for output in cell["outputs"]]


def prose(notebook: dict) -> str:
    return "\n".join(source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def lines_of_code(cell: dict) -> int:
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in source(cell).splitlines())


def executed(notebook: dict) -> list[str]:
    """Run from top to bottom in a fresh kernel, without an error."""
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    wrong = [] if counts == list(range(1, len(counts) + 1)) else [f"run out of order, {counts}: `make notebooks`"]
    return wrong + [f"error {output['ename']}" for output in outputs(notebook) if output["output_type"] == "error"]


def short(notebook: dict) -> list[str]:
    """At most 150 lines of code, 12 a cell, and 500 kB, or 700 where several themes share a notebook: in 12 and 13."""
    lines = [lines_of_code(cell) for cell in code_cells(notebook)]
    size = len(json.dumps(notebook, ensure_ascii=False, indent=1).encode())
    wrong = [f"a cell of {n} lines" for n in lines if n > 12]
    wrong += [f"{sum(lines)} lines of code"] if sum(lines) > 150 else []
    most = 700_000 if re.match(r"# 1[23] ", prose(notebook)) else 500_000
    return wrong + ([f"{size // 1000} kB"] if size > most else [])


class Images(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.alts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")


def alts_of(output: dict) -> list[str]:
    """The alt text of each picture in one output."""
    data, metadata = output.get("data", {}), output.get("metadata", {})
    alts = [metadata.get(kind, {}).get("alt", "") for kind in data if kind.startswith("image/")]
    return alts + Images("".join(data.get("text/html", ""))).alts


def alt_texts(notebook: dict) -> list[str]:
    """The alt text of every picture in the notebook, its saved widgets' included; "" where it has none."""
    alts = [alt for output in outputs(notebook) for alt in alts_of(output)]
    state = notebook["metadata"].get("widgets", {}).get(execute.WIDGETS, {}).get("state", {})
    for model in state.values():
        alts += [""] if model["model_name"] == "ImageModel" else []
        alts += Images(str(model["state"].get("value", ""))).alts
    markdown = re.findall(r"!\[([^\]]*)\]\((?!https://colab)", prose(notebook))
    return alts + markdown


def described(notebook: dict) -> list[str]:
    """Every picture says in words what it shows, not that it is a picture."""
    empty_talk = re.compile(r"(an? |the )?(figure|image|picture|plot|graph|chart)\b", re.I)
    return [f"alt text {alt!r}" for alt in alt_texts(notebook) if len(alt) < 40 or empty_talk.match(alt)]


def laid_out(notebook: dict) -> list[str]:
    """What you'll do, learn and need; then the matter; then On your own and Further reading; a verb in the title."""
    text = prose(notebook).replace("’", "'")
    wanted = ("What you'll do", "What you'll learn", "What you'll need", "On your own", "Further reading")
    found = [match.start() if (match := re.search(rf"^(?:#+ |\*\*){name}", text, re.M)) else -1 for name in wanted]
    wrong = [] if -1 not in found and found == sorted(found) else [f"{wanted} stand at {found}"]
    title = source(notebook["cells"][0]).splitlines()[0]
    has_verb = title.startswith("# ") and VERBS & set(re.findall(r"\w+", title.lower()))
    return wrong + ([] if has_verb else [f"no title with a verb: {title!r}"])


def explained(notebook: dict) -> list[str]:
    """Prose before code: no more than three cells of code in a row."""
    kinds = "".join(cell["cell_type"][0] for cell in notebook["cells"] if "setup" not in tags(cell))
    return ["four cells of code without a word between"] if "cccc" in kinds else []


def portable(notebook: dict) -> list[str]:
    """No path and no version of the machine that ran it, and the kernel that every Jupyter has."""
    text = json.dumps([notebook["cells"], notebook["metadata"]])
    text = re.sub(r"[A-Za-z0-9+/]{200,}", "", text)  # a PNG may spell /tmp/ by chance
    wrong = re.findall(r"(?:/(?:root|home|work|tmp|Users|opt)/|[A-Z]:\\\\)[\w./-]*", text)
    wrong += ["kernelspec"] * (notebook["metadata"]["kernelspec"] != execute.KERNEL)
    wrong += ["language version"] * ("version" in notebook["metadata"].get("language_info", {}))
    return wrong + ["a timestamp"] * any("execution" in cell["metadata"] for cell in notebook["cells"])


def compared(notebook: dict) -> list[str]:
    """nbval compares every output but those of widgets and of timings, and of those few."""
    wrong, ignored = [], [cell for cell in code_cells(notebook) if "nbval-ignore-output" in tags(cell)]
    for cell in ignored:
        shows_widget = any(WIDGET in output.get("data", {}) for output in cell["outputs"])
        wrong += [] if shows_widget or "timing" in tags(cell) else [f"ignored without a need: {source(cell)[:60]!r}"]
    wrong += [f"{len(ignored)} cells ignored"] if len(ignored) > 5 else []
    others = {"nbval-skip", "raises-exception", "nbval-raises-exception"}
    wrong += [f"tag {tag}" for cell in code_cells(notebook) for tag in tags(cell) if tag in others]
    code = "\n".join(map(source, code_cells(notebook)))
    return wrong + re.findall(r"#\s*((?:NBVAL|PYTEST_VALIDATE)_\w+)", code)


def lean(notebook: dict) -> list[str]:
    """Helpers live in lstm_core: at most four functions, no class, and nothing seeded globally."""
    trees = [ast.parse(re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", source(cell))) for cell in code_cells(notebook)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = sum(isinstance(node, ast.FunctionDef) for node in nodes)
    wrong = [f"{functions} functions"] if functions > 4 else []
    wrong += [f"class {node.name}" for node in nodes if isinstance(node, ast.ClassDef)]
    code = "\n".join(source(cell) for cell in code_cells(notebook))
    return wrong + re.findall(r"(?:np\.random\.seed|plt\.show|interact)\(", code)


def set_up(notebook: dict, name: str = "02_name.ipynb") -> list[str]:
    """The first code cell, and the badge, are what `make colab` writes, and the set-up cell has nothing to say."""
    first = code_cells(notebook)[0]
    wrong = [] if "setup" in tags(first) and not first["outputs"] else ["the first code cell is no silent set-up cell"]
    wanted = setup_cells.with_setup(notebook, name, setup_cells.remembered_repo())
    same = [source(cell) for cell in wanted["cells"]] == [source(cell) for cell in notebook["cells"]]
    return wrong + ([] if same else ["set-up cell or badge differ from tools/setup_cells.py: `make colab`"])


RULES = (executed, short, described, laid_out, explained, portable, compared, lean)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebook(path, rule):
    assert rule(setup_cells.read(path)) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_set_up_cell_and_badge_are_those_that_make_colab_writes(path):
    notebook = setup_cells.read(path)
    assert set_up(notebook, path.name) == []
    assert json.loads(path.read_text("utf-8")) == notebook


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_alt_texts_survive_into_exported_html(path):
    page, _ = nbconvert.HTMLExporter().from_notebook_node(nbformat.read(path, as_version=4))
    exported = re.sub(r"<script.*?</script>", "", page, flags=re.S)  # the saved widgets
    still = [output for output in outputs(setup_cells.read(path)) if WIDGET not in output.get("data", {})]
    assert Images(exported).alts == [alt for output in still for alt in alts_of(output)]


# --- the rules themselves: a good notebook passes them all, and each spoilt one is caught by its rule

TITLE = "# Watch an RNN forget\n## What you'll do\n## What you’ll learn\n## What you'll need"
ALT = "The gradient falls from 1 to 0.001 over twenty steps back in time."
PNG = {"image/png": "iVBORw0KGgo=", "text/plain": ALT}


def markdown(text: str) -> dict:
    return {"cell_type": "markdown", "id": f"m{len(text)}", "metadata": {}, "source": [text]}


def code(text: str, count: int, *shown: dict) -> dict:
    cell = {"cell_type": "code", "id": f"c{count}", "metadata": {"tags": []}, "execution_count": count}
    return {**cell, "source": text.splitlines(keepends=True), "outputs": list(shown)}


def picture(alt: str = ALT) -> dict:
    return {"output_type": "display_data", "data": PNG, "metadata": {"image/png": {"alt": alt}}}


@pytest.fixture
def good() -> dict:
    cells = [markdown(TITLE), code("x = 1", 2, picture()), markdown("## On your own\n## Further reading")]
    metadata = {"kernelspec": execute.KERNEL, "language_info": {"name": "python"}}
    notebook = setup_cells.with_setup({"cells": cells, "metadata": metadata}, "02_name.ipynb", "")
    notebook["cells"][1]["execution_count"] = 1
    return notebook


SPOILT = [
    (executed, lambda nb: nb["cells"][2].update(execution_count=None)),
    (executed, lambda nb: nb["cells"][2].update(execution_count=3)),
    (executed, lambda nb: nb["cells"][2]["outputs"].append({"output_type": "error", "ename": "ValueError"})),
    (short, lambda nb: nb["cells"][2].update(source=["x = 1\n"] * 13)),
    (short, lambda nb: nb["cells"].extend(code("x = 1\n" * 11, k) for k in range(14))),
    (short, lambda nb: nb["cells"][2]["outputs"].append({"output_type": "stream", "text": ["x" * 500_000]})),
    (described, lambda nb: nb["cells"][2]["outputs"].append(picture(""))),
    (described, lambda nb: nb["cells"][2]["outputs"].append(picture("Figure of a gradient that falls over 20 steps."))),
    (described, lambda nb: nb["cells"][2]["outputs"].append({**picture(), "data": {"text/html": "<img src='x'>"}})),
    (described, lambda nb: nb["metadata"].update(saved_widget("HTMLModel", "<img alt='too short' src='x'>"))),
    (described, lambda nb: nb["metadata"].update(saved_widget("ImageModel", ""))),
    (described, lambda nb: nb["cells"].append(markdown("![](cell.png)"))),
    (laid_out, lambda nb: nb["cells"].pop()),
    (laid_out, lambda nb: nb["cells"][0].update(source=[TITLE.replace("Watch an RNN forget", "RNNs")])),
    (laid_out, lambda nb: nb["cells"].reverse()),
    (explained, lambda nb: nb["cells"].extend(code("x = 1", k) for k in range(4))),
    (portable, lambda nb: nb["cells"][2]["outputs"].append({"output_type": "stream", "text": ["/home/ada/x.csv"]})),
    (portable, lambda nb: nb["cells"][2]["outputs"].append({"output_type": "stream", "text": ["C:\\Users\\ada"]})),
    (portable, lambda nb: nb["metadata"].update(kernelspec={"name": "my-kernel"})),
    (portable, lambda nb: nb["metadata"].update(language_info={"version": "3.11.7"})),
    (portable, lambda nb: nb["cells"][2]["metadata"].update(execution={"iopub.execute_input": "2026"})),
    (compared, lambda nb: nb["cells"][2]["metadata"].update(tags=["nbval-ignore-output"])),
    (compared, lambda nb: nb["cells"][2]["metadata"].update(tags=["nbval-skip"])),
    (compared, lambda nb: nb["cells"][2].update(source=["# NBVAL_IGNORE_OUTPUT\n", "x = 1"])),
    (compared, lambda nb: nb["cells"].extend([tagged("nbval-ignore-output", "timing")] * 6)),
    (lean, lambda nb: nb["cells"].extend(code("def f(x):\n    return x", k) for k in range(5))),
    (lean, lambda nb: nb["cells"].append(code("class Net:\n    pass", 3))),
    (lean, lambda nb: nb["cells"].append(code("np.random.seed(0)", 3))),
    (set_up, lambda nb: nb["cells"].pop(1)),
    (set_up, lambda nb: nb["cells"][1].update(source=["%pip install torch"])),
    (set_up, lambda nb: nb["cells"].insert(1, {**markdown("[badge](x)"), "metadata": {"tags": ["badges"]}})),
]


def saved_widget(kind: str, value: str) -> dict:
    return {"widgets": {execute.WIDGETS: {"state": {"a": {"model_name": kind, "state": {"value": value}}}}}}


def tagged(*names: str) -> dict:
    return {**code("x = 1", 3), "metadata": {"tags": list(names)}}


@pytest.mark.parametrize("rule", [*RULES, set_up], ids=lambda rule: rule.__name__)
def test_a_good_notebook_passes(good, rule):
    assert rule(good) == []


@pytest.mark.parametrize(("rule", "spoil"), SPOILT)
def test_a_spoilt_notebook_is_caught(good, rule, spoil):
    spoil(good)
    assert rule(good)


# --- make colab, make notebooks


def test_set_up_cells_come_and_go(good):
    with_badge = setup_cells.with_setup(good, "02_name.ipynb", "ada/lovelace")
    assert setup_cells.with_setup(with_badge, "02_name.ipynb", "ada/lovelace") == with_badge
    assert "github/ada/lovelace/blob/main/notebooks/02_name.ipynb" in source(with_badge["cells"][1])
    assert "lstm-core @ git+https://github.com/ada/lovelace" in source(code_cells(with_badge)[0])
    assert setup_cells.with_setup(with_badge, "02_name.ipynb", "") == good


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_formulas_use_the_fonts_that_the_classic_notebook_has(path):
    """Its own MathJax has no letters for mathbb, mathcal, mathscr and mathfrak, and asks for them in vain."""
    assert re.findall(r"\\\\math(?:bb|cal|scr|frak)", path.read_text("utf-8")) == []


def test_the_index_of_what_was_put_right_names_headings_that_are_there():
    """notebooks/README.md: each row names notebooks and, in italics, a heading of theirs."""
    table = (lecture.NOTEBOOKS / "README.md").read_text("utf-8").splitlines()
    rows = [line for line in table if line.startswith("| ")][1:]
    places = [re.findall(r"\]\((\w+\.ipynb)\), \*(.*?)\*", row) for row in rows]
    assert len(rows) == 12
    assert all(places)
    for name, heading in chain(*places):
        assert f"## {heading}\n" in prose(setup_cells.read(lecture.NOTEBOOKS / name))


def test_only_a_notebook_on_markets_or_trading_asks_for_their_packages():
    assert "lstm-core[markets] @ x" in setup_cells.setup_source("from lstm_core.markets import load_prices", "x")
    both = "from lstm_core.markets import load_prices\nfrom lstm_core import plots, trading"
    assert "lstm-core[markets,trading] @ x" in setup_cells.setup_source(both, "x")
    assert "lstm-core @ x" in setup_cells.setup_source("from lstm_core import cell", "x")


@pytest.mark.parametrize("text", [setup_cells.setup_source("", ""), setup_cells.setup_source("", "git+https://x")])
def test_set_up_cell_is_short_and_silent_where_lstm_core_is_installed(text, capfd):
    assert len(text.splitlines()) <= 12
    exec(re.sub(r"(?m)^(\s*)[%!].*", r"\1raise AssertionError", text), {})
    assert capfd.readouterr() == ("", "")


def test_repository_is_remembered_and_checked(tmp_path):
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[tool.colab]\nrepo = ""\n')
    setup_cells.remember_repo("ada/lovelace", pyproject)
    assert setup_cells.remembered_repo(pyproject) == "ada/lovelace"
    setup_cells.remember_repo("", pyproject)
    assert pyproject.read_text() == '[tool.colab]\nrepo = ""\n'
    with pytest.raises(SystemExit, match="owner/name"):
        setup_cells.remember_repo("https://github.com/ada/lovelace", pyproject)


def test_what_is_printed_in_pieces_is_saved_in_one():
    def printed(name: str, *text: str) -> dict:
        return {"output_type": "stream", "name": name, "text": list(text)}

    rest = [picture(), printed("stdout", "d"), printed("stderr", "e")]
    whole = [printed("stdout", "a\n", "bc\n"), *rest]
    pieces = [printed("stdout", "a\n", "b"), printed("stdout", "c\n"), *rest]
    assert execute.joined(pieces) == execute.joined(whole) == whole


def test_two_runs_of_a_notebook_are_saved_alike(good):
    def run(slider: str, layout: str) -> dict:
        notebook = copy.deepcopy(good)
        shown = {"output_type": "display_data", "metadata": {}, "data": {WIDGET: {"model_id": slider}}}
        notebook["cells"][2]["outputs"] = [shown]
        notebook["cells"][2]["metadata"]["execution"] = {"iopub.execute_input": slider}
        notebook["metadata"]["language_info"]["version"] = slider
        models = {slider: {"state": {"layout": f"IPY_MODEL_{layout}"}}, layout: {"state": {}}}
        notebook["metadata"]["widgets"] = {execute.WIDGETS: {"state": dict(sorted(models.items()))}}
        return execute.settled(notebook, "02_name.ipynb")

    assert run("1" * 32, "2" * 32) == run("b" * 32, "a" * 32)


def test_the_readmes_table_gets_a_repositorys_badges_and_loses_them_again():
    text = (setup_cells.environment.ROOT / "README.md").read_text("utf-8")
    assert setup_cells.with_badges(text, setup_cells.remembered_repo()) == text
    with_badges = setup_cells.with_badges(text, "ada/lovelace")
    for path in setup_cells.NOTEBOOKS.glob("*.ipynb"):
        assert f"(https://colab.research.google.com/github/ada/lovelace/blob/main/notebooks/{path.name})" in with_badges
        assert f"/gh/ada/lovelace/main?urlpath=lab/tree/notebooks/{path.name})" in with_badges
    assert setup_cells.with_badges(with_badges, "ada/lovelace") == with_badges
    assert setup_cells.with_badges(with_badges, "") == setup_cells.with_badges(text, "")


def test_a_repositorys_site_has_its_address():
    assert setup_cells.site_address("Ada/Notes") == "https://ada.github.io/Notes/"
    assert setup_cells.site_address("Ada/ada.github.io") == "https://ada.github.io/"
