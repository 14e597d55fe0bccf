"""brain.gating: the task is what it says, what is heard is counted by hand; and the claim of notebook 13: with its
output gate held open a trained net gives false alarms all the time, in the recorded seeds and in one trained here."""

import numpy as np
import pytest

from lstm_core.brain import hear, hold_output, new_net, recall_task, train_recall
from lstm_core.studies import load
from lstm_core.studies.gate_rows import held_curves, recall_table

TASK = recall_task(400, np.random.default_rng(5))


def test_the_order_stands_at_its_mark_and_is_wanted_at_the_bell_alone():
    value, mark, bell = TASK.x.transpose(2, 0, 1)
    n = np.arange(400)
    np.testing.assert_array_equal(value[:, 1], TASK.order)
    np.testing.assert_array_equal(np.argwhere(mark), np.column_stack([n, n * 0 + 1]))
    np.testing.assert_array_equal(np.argwhere(bell), np.column_stack([n, TASK.bell]))
    np.testing.assert_array_equal(TASK.wanted, TASK.order[:, None] * bell)
    assert set(TASK.bell) == set(range(7, 19))
    assert set(TASK.order) == {-1, 1}
    assert np.delete(value, 1, axis=1).std() == pytest.approx(0.3, rel=0.03)
    np.testing.assert_array_equal(TASK.waiting.sum(1), TASK.bell - 2)
    assert not (TASK.waiting & TASK.ringing).any()


def parrot(loudness):
    """A net that says ±loudness from the order on, by hand: the mark writes, nothing is forgotten, the gate is open."""
    net = new_net(3, 1, 0)
    W = np.array([[0, 60, 0], [0, 0, 0], [3.0, 0, 0], [0, 0, 0]])
    lstm = net.lstm._replace(weight_ih=W, weight_hh=np.zeros((4, 1)), bias=np.array([-30.0, 30, 0, 50]))
    kept = np.tanh(np.tanh(3.0))
    return net._replace(lstm=lstm, head=np.array([loudness / kept]), head_bias=0.0)


@pytest.mark.parametrize(("loudness", "alarms", "told"), [(1.0, 1, 1), (0.4, 0, 0), (3.0, 1, 1), (-1.0, 1, 0)])
def test_what_is_heard_is_counted(loudness, alarms, told):
    heard = hear(parrot(loudness), TASK)
    assert (heard.alarms, heard.told, heard.right) == (alarms, told, 0)
    assert heard.o_waiting == heard.o_bell == 1


def test_recorded_seeds_all_learn_to_wait_and_held_open_all_of_them_blurt():
    trials = load("brain_gates")["recall, 1 unit"]["trials"]
    assert len(trials) >= 10
    assert min(trial["right"] for trial in trials) > 0.99
    assert max(trial["alarms"] for trial in trials) < 0.01
    assert min(trial["held"]["1.0"]["alarms"] for trial in trials) >= 0.9
    assert max(trial["o_waiting"] for trial in trials) < 0.05 < 0.3 < min(trial["o_bell"] for trial in trials)


def test_wherever_the_gate_is_held_alarms_and_answered_bells_come_together():
    """A gate that does not move cannot tell the bell from the waiting."""
    curves = held_curves(load("brain_gates"))
    assert (curves["alarms"] - curves["told"]).abs().max() < 0.06
    assert curves["alarms"].is_monotonic_increasing
    assert (curves["alarms"].iloc[0], curves["alarms"].iloc[-1]) == (0, 1)


def test_eight_units_need_no_output_gate_and_one_does():
    rows = load("brain_gates")
    right = {key: [t["right"] > 0.99 for t in row["trials"]] for key, row in rows.items() if "no output gate" in key}
    assert all(right["recall, 8 units, no output gate"])
    assert not any(right["recall, 1 unit, no output gate"])


def test_the_table_counts_seeds_and_has_wilsons_interval():
    table = recall_table(load("brain_gates"))
    n, z = 20, 1.959964
    held = table.loc["1 unit, gate then held open"]
    assert (held["seeds"], held["all alarms"], held["solve it"]) == (n, n, 0)
    assert (held["low"], held["high"]) == (pytest.approx(n / (n + z**2)), pytest.approx(1))
    assert table.loc["1 unit", "all alarms"] == 0
    trials = load("brain_gates")["recall, 1 unit"]["trials"]
    assert table.loc["1 unit", "o waiting"] == max(trial["o_waiting"] for trial in trials)
    assert table.loc["1 unit", "o bell"] == min(trial["o_bell"] for trial in trials)
    assert table.loc["1 unit", "high"] == pytest.approx(z**2 / (n + z**2))


def test_one_seed_again():
    """Trained here, in two seconds: it waits; held open, it does not."""
    (net,) = train_recall([0])
    free, held = hear(net, TASK), hear(hold_output(net, 1.0), TASK)
    assert (free.right, free.alarms) == (pytest.approx(1, abs=0.01), pytest.approx(0, abs=0.01))
    assert held.alarms >= 0.9
    recorded = load("brain_gates")["recall, 1 unit"]["trials"][0]
    assert free.o_bell == pytest.approx(recorded["o_bell"], rel=0.1)
