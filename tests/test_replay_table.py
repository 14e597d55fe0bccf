"""studies.table and replay_plots: every LSTM row of the paper's tables has its line, once, beside the right rows."""

from itertools import pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lstm_core.replay_plots import plot_replay
from lstm_core.studies import table
from lstm_core.studies.summary import Summary
from lstm_core.studies.table import Line, replay_table
from lstm_core.studies.tables import TABLES
from lstm_core.tasks import TASKS

PAPER = [  # experiment, condition, sequences: read off Tables 1 to 9 once more
    *[("1", c, n) for c, n in (("4 blocks of 1 cell, learning rate 0.1", 39_740),
                               ("3 blocks of 2 cells, learning rate 0.1", 21_730),
                               ("3 blocks of 2 cells, learning rate 0.2", 14_060),
                               ("4 blocks of 1 cell, learning rate 0.5", 9_500),
                               ("3 blocks of 2 cells, learning rate 0.5", 8_440))],
    ("2a", "", 5_040), ("2b", "", 5_680),
    *[("2c", "", n) for n in (30_000, 31_000, 33_000, 38_000, 49_000, 49_000, 75_000, 135_000, 203_000)],
    *[("3a", c, n) for n3 in ((27_380, 39_850), (58_370, 64_330), (446_850, 452_460))
      for c, n in zip(("ST1", "ST2"), n3, strict=True)],
    *[("3b", c, n) for n3 in ((41_740, 43_250), (74_950, 78_430), (481_060, 485_080))
      for c, n in zip(("ST1", "ST2"), n3, strict=True)],
    ("3c", "", 269_650), ("3c", "", 565_640),
    ("4", "", 74_000), ("4", "", 209_000), ("4", "", 853_000),
    ("5", "n_seq = 140", 482_000), ("5", "n_seq = 13", 1_273_000), ("6a", "", 31_390), ("6b", "", 571_100),
]  # fmt: skip


@pytest.fixture
def rows(monkeypatch):
    """Rows of every key, each telling by its numbers which one it is."""

    def load(name):
        made = {}
        for number, key in enumerate(TABLES[name].settings, 1):
            met = {rule: number * 1000 + k for k, rule in enumerate(("ST1", "ST2", "n_seq = 140", "n_seq = 13", ""))}
            trial = dict(seed=0, solved=True, sequences=number * 1000, met=met, wrong=0, tested=2560, seconds=1.0)
            made[key] = dict(key=key, settings=TABLES[name].settings[key], trials=[trial])
        return dict(sorted(made.items(), reverse=True))  # in whatever order files come

    monkeypatch.setattr(table, "load", load)
    return load


def test_every_row_of_the_paper_has_its_line_in_order(rows):
    assert [(line.experiment, line.condition, line.paper) for line in replay_table()] == PAPER


def number_of(name, key):
    return 1 + list(TABLES[name].settings).index(key)


def test_each_line_stands_beside_its_own_rows(rows):
    lines = replay_table()
    by_condition = {(line.experiment, line.condition): line for line in lines}
    line = by_condition["1", "3 blocks of 2 cells, learning rate 0.2"]
    assert line.original.mean == number_of("original", "1, 3×2, rate 0.2") * 1000
    st1, st2 = lines[16], lines[17]
    assert st1.original.mean == number_of("original", "3a, T = 100, signal = 3") * 1000
    assert st2.original.mean == st1.original.mean + 1
    assert (st1.today, st2.today.mean) == (None, number_of("today", "3a, T = 100, signal = 3") * 1000)
    long = next(line for line in lines if line.paper == 853_000)
    assert long.original.mean == number_of("original", "4, T = 1000") * 1000
    assert long.today.mean == number_of("today", "4, T = 1000") * 1000
    assert len({line.original.mean for line in lines}) == len(lines)


def test_a_changed_net_stands_beside_the_line_that_it_changes(rows):
    by_place = {(line.experiment, line.condition, line.task): line for line in replay_table()}
    line = by_place["2c", "", TASKS["2c"](q=1000, p=50).name]
    assert line.change == "no recurrent connections"
    key = "2c, q = 1000, p = 50, no recurrent connections"
    assert line.changed.mean == number_of("original", key) * 1000
    assert by_place["6a", "", TASKS["6a"]().name][-2:] == (None, "")
    slow = by_place["1", "3 blocks of 2 cells, learning rate 0.1", TASKS["1"]().name]
    assert slow.changed is None


def test_of_several_changes_the_one_that_solved_most_is_shown(monkeypatch, rows):
    def load(name):
        made = rows(name)
        for key in made:
            made[key]["trials"][0]["solved"] = key != "1, 3×2, rate 0.5, biases on all units"
        return made

    monkeypatch.setattr(table, "load", load)
    line = next(line for line in replay_table() if line.condition == "3 blocks of 2 cells, learning rate 0.5")
    assert line.change == "inputs reach outputs"


def drawn(lines):
    ax = plot_replay(lines)
    FigureCanvasAgg(ax.figure).draw()
    return ax


def a_line(original, today=None, **other):
    good = dict(experiment="4", task="adding problem, T = 100", condition="", paper=74_000, outcome="")
    return Line(**good | other, original=original, today=today)


def test_a_picture_has_every_mean_range_and_share():
    some = Summary(10, 7, 50_000.0, 20_000, 90_000, 1.0, 2560, 3.0)
    none = Summary(5, 0, None, None, None, None, 2560, 3.0)
    ax = drawn([a_line(some, none), a_line(some._replace(solved=10), experiment="6a", task="temporal order")])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["4 adding, T=100", "6a temporal order"]
    assert sorted(text.get_text() for text in ax.texts) == ["0/5", "7/10"]
    ends = [tuple(line.get_xdata()) for line in ax.get_lines()]
    assert (20_000, 90_000) in ends
    assert (50_000.0,) in ends
    assert (74_000, 74_000) in ends
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["the paper", "rule of 1997", "today's practice"]


def test_a_changed_net_has_a_hollow_mark_of_its_own():
    some = Summary(10, 10, 50_000.0, 20_000, 90_000, 1.0, 2560, 3.0)
    ax = drawn([a_line(some._replace(solved=0, mean=None), changed=some, change="g from −2 to 2")])
    (mark,) = (line for line in ax.get_lines() if tuple(line.get_xdata()) == (50_000.0,))
    assert mark.get_markerfacecolor() == "white"
    assert "the same, net changed" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_shares_at_the_right_edge_do_not_lie_on_each_other():
    none = Summary(10, 0, None, None, None, None, 2560, 3.0)
    ax = drawn([a_line(none, none, changed=none, change="g from −2 to 2")])
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 2
    assert not boxes[0].overlaps(boxes[1].shrunk(0.7, 0.7))


def test_no_text_leaves_the_picture_or_lies_on_another(rows):
    ax = drawn(replay_table())
    canvas = ax.figure.canvas
    labels = [label.get_window_extent() for label in ax.get_yticklabels()]
    inside = canvas.figure.bbox
    boxes = [*labels, ax.xaxis.label.get_window_extent(), *(text.get_window_extent() for text in ax.texts)]
    assert all(box.x0 >= inside.x0 and box.x1 <= inside.x1 for box in boxes)
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(labels))
