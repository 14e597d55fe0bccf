"""tasks/: each task's sequences against the paper's construction, written out once more, one sequence at a time.

Every sequence drawn is read back by a function that knows the definition only, and has to find nothing wrong; the laws
behind it are held to by χ² tests of fixed seed; lags are measured by changing the input that matters.
"""

import itertools
import math
import pickle
import re
from collections import Counter, deque

import numpy as np
import pytest
from helpers import few, seeds
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lstm_core import tasks
from lstm_core.tasks import TASKS, Batch, Stop, adding, embedded_reber, legal_successors, multiplication, reber_sets
from lstm_core.tasks.task import largest_error

SMALL = {
    "1": {}, "2a": {"p": 5}, "2b": {"p": 6}, "2c": {"q": 4, "p": 3}, "3a": {"T": 20, "signal": 3},
    "3b": {"T": 20, "signal": 1}, "3c": {"T": 23, "signal": 2}, "4": {"T": 20}, "5": {"T": 31}, "6a": {}, "6b": {},
}  # fmt: skip
every_task = pytest.mark.parametrize("experiment", TASKS)


def rng(seed=0):
    return np.random.default_rng(seed)


def small(experiment):
    return TASKS[experiment](**SMALL[experiment])


def is_fair(observed, expected=None, significance=1e-3):
    """χ²: are these counts what equal (or the expected) shares would give? Seeds are fixed, and so is the answer."""
    return stats.chisquare(observed, expected).pvalue > significance


def sequences(task, batch):
    """Each sequence on its own, cut at its end: (what is read, what is wanted at the steps of its mask)."""
    for n, length in enumerate(batch.lengths):
        wanted = batch.wanted[n][batch.mask[n]]
        read = batch.given[n, :length]
        if task.symbols:
            yield [task.symbols[k] for k in read], [task.classes[k] for k in wanted]
        else:
            yield read.astype(float), wanted[:, 0].astype(float)


# --- what all tasks have in common


@every_task
@few
@given(seed=seeds, count=st.integers(1, 30))
def test_batches_have_their_shapes_and_zeros_after_each_end(experiment, seed, count):
    task = small(experiment)
    batch = task.batch(count, rng(seed))
    N, T = count, batch.lengths.max()
    assert batch.mask.shape == batch.steps.shape == (N, T)
    assert (batch.x.shape, batch.target.shape) == ((N, T, task.inputs), (N, T, task.outputs))
    assert (batch.inputs, batch.outputs) == (task.inputs, task.outputs)
    assert batch.x.dtype == batch.target.dtype == np.float32
    assert batch.mask.dtype == batch.steps.dtype == bool
    assert {batch.lengths.dtype, batch.last.dtype} == {np.dtype(np.int64)}
    for n, length in enumerate(batch.lengths):
        assert not batch.x[n, length:].any()
        assert not batch.given[n, length:].any()
        wanted_at = range(length) if task.every_step else [length - 1]
        assert list(np.flatnonzero(batch.mask[n])) == list(wanted_at)
        assert list(np.flatnonzero(batch.steps[n])) == list(range(length))
        assert batch.last[n] == length - 1
    assert not batch.target[~batch.mask].any()
    assert not batch.wanted[~batch.mask].any()


@every_task
def test_symbols_and_one_hot_vectors_say_the_same(experiment):
    task = small(experiment)
    batch = task.batch(20, rng())
    if not task.symbols:
        assert task.classes == ()
        assert batch.x is batch.given
        return
    assert batch.given.dtype == batch.wanted.dtype == np.int64
    assert (len(task.symbols), len(task.classes)) == (task.inputs, task.outputs)
    for vectors, numbers, where in [(batch.x, batch.given, batch.steps), (batch.target, batch.wanted, batch.mask)]:
        np.testing.assert_array_equal(vectors[where], np.eye(vectors.shape[2])[numbers[where]])


@every_task
def test_the_generator_alone_decides_and_two_batches_stay_apart(experiment):
    task = small(experiment)
    first, again, other = (task.batch(50, rng(seed)) for seed in (0, 0, 1))
    for a, b in zip(first[:4], again[:4], strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.given, other.given)
    for array in again[:4]:
        array[...] = 0
    for a, b in zip(first[:4], small(experiment).batch(50, rng(0))[:4], strict=True):
        np.testing.assert_array_equal(a, b)


@every_task
def test_rows_can_be_taken_and_are_cut_to_the_longest(experiment):
    batch = small(experiment).batch(9, rng(3))
    for rows in ([4, 0, 4], np.arange(9) % 2 == 1, 7, np.int64(2), slice(2, 5)):
        part, which = batch.take(rows), np.atleast_1d(np.arange(9)[rows])
        T = max(batch.lengths[which])
        assert part.mask.shape == (len(which), T)
        for whole, cut in [(batch.x, part.x), (batch.target, part.target), (batch.mask, part.mask)]:
            np.testing.assert_array_equal(cut, whole[which, :T])
        np.testing.assert_array_equal(part.lengths, batch.lengths[which])
    with pytest.raises(ValueError, match="rows picks no sequence: name at least one"):
        batch.take([])


@every_task
def test_tasks_travel_to_other_processes(experiment):
    task = small(experiment)
    travelled = pickle.loads(pickle.dumps(task))
    np.testing.assert_array_equal(travelled.batch(3, rng()).given, task.batch(3, rng()).given)


@every_task
def test_what_a_notebook_prints_is_there(experiment):
    task = TASKS[experiment]()
    assert task.experiment == experiment
    assert task.name
    assert re.fullmatch(r".*(step|step, to the noise-free target,|any step,) below 0(\.\d+)?", task.criterion)
    assert task.paper  # the defaults are one of the paper's rows
    if experiment != "1":
        assert [row.condition for row in task.paper] == [rule.name for rule in task.stops]
    assert all("wrong" in str(rule) for rule in task.stops)
    assert tasks.__all__ == sorted(tasks.__all__, key=lambda name: (not name.isupper(), name.lower() == name, name))


@every_task
def test_the_lag_is_the_shortest_that_is_drawn(experiment):
    task = small(experiment)
    batch = task.batch(20_000, rng(5))
    if experiment in ("4", "5"):
        matters = np.array([max(np.flatnonzero(marks == 1), default=0) for marks in batch.given[..., 1]])
    elif experiment in ("6a", "6b"):
        matters = np.array([max(np.flatnonzero(row >= task.symbols.index("X"))) for row in batch.given])
    else:
        matters = {"1": 1, "2a": 0, "2b": 0, "2c": 1}.get(experiment, SMALL[experiment].get("signal", 0) - 1)
    needed = batch.last - 1 if experiment == "1" else batch.last  # Reber's last step wants E, which is no secret
    assert (needed - matters).min() == task.lag


# --- the sequences, read back one at a time by the paper's definition


def read_2a(read, wanted, p):
    middle = [f"a{k}" for k in range(1, p)]
    assert read in (["x", *middle], ["y", *middle])
    assert wanted == [*middle, read[0]]


def read_2b(read, wanted, p):
    assert read[0] in ("x", "y")
    assert len(read) == p
    assert set(read[1:]) <= {f"a{k}" for k in range(1, p)}
    assert wanted == [*read[1:], read[0]]


def read_2c(read, wanted, q, p):
    b, x_or_y, *distractors, e = read
    assert (b, e) == ("b", "e")
    assert len(distractors) >= q
    assert set(distractors) <= {f"a{k}" for k in range(1, p + 1)}
    assert wanted == [x_or_y]
    assert x_or_y in ("x", "y")


def read_3a(read, wanted, T, signal):
    assert T <= len(read) <= T + T / 10
    assert {1.0: 1.0, -1.0: 0.0}[read[0, 0]] == wanted[0]
    assert set(read[:signal, 0]) == {read[0, 0]}
    assert abs(read[signal, 0]) != 1


def read_3b(read, wanted, T, signal):
    assert T <= len(read) <= T + T / 10
    assert wanted[0] in (0.0, 1.0)
    assert abs(read[signal - 1, 0]) != 1


def read_3c(read, wanted, T, signal):
    read_3a(read, [{1.0: 1.0, -1.0: 0.0}[read[0, 0]]], T, signal)
    assert abs(wanted[0] - {1.0: 0.2, -1.0: 0.8}[read[0, 0]]) < 6 * math.sqrt(0.1)


def read_marked(read, wanted, T, neutral, lowest, combined):
    value, marker = read.T
    marked = np.flatnonzero(marker == 1)
    assert T <= len(read) <= T + T / 10
    assert marker[0] == marker[-1] == -1
    assert set(np.delete(marker, [0, len(marker) - 1, *marked])) == {0}
    assert lowest <= value.min() <= value.max() <= 1
    if len(marked) == 1:  # the first pair was the other
        assert value[0] == neutral
        marked = np.array([0, *marked])
    assert len(marked) == 2
    assert min(marked) < 10
    assert max(marked) < T // 2
    assert wanted[0] == pytest.approx(combined(*value[marked]), abs=1e-7)


def read_4(read, wanted, T):
    read_marked(read, wanted, T, 0, -1, lambda first, second: 0.5 + (first + second) / 4)


def read_5(read, wanted, T):
    read_marked(read, wanted, T, 1, 0, lambda first, second: first * second)


def read_order(read, wanted, places, classes):
    assert 100 <= len(read) <= 110
    assert (read[0], read[-1]) == ("E", "B")
    found = [k + 1 for k, symbol in enumerate(read) if symbol in "XY"]  # the E is number 1
    assert len(found) == len(places)
    assert all(low <= k <= high for k, (low, high) in zip(found, places, strict=True))
    assert set(read[1:-1]) <= set("abcdXY")
    assert wanted == [classes["".join(read[k - 1] for k in found)]]


def read_6a(read, wanted):
    read_order(read, wanted, [(10, 20), (50, 60)], {"XX": "Q", "XY": "R", "YX": "S", "YY": "U"})


def read_6b(read, wanted):
    classes = {"XXX": "Q", "XXY": "R", "XYX": "S", "XYY": "U", "YXX": "V", "YXY": "A", "YYX": "B", "YYY": "C"}
    read_order(read, wanted, [(10, 20), (33, 43), (66, 76)], classes)


def read_1(read, wanted):
    assert wanted[:-1] == read[1:]
    assert EMBEDDED.fullmatch("".join(read) + wanted[-1])


READERS = {name.removeprefix("read_"): reader for name, reader in globals().items() if name.startswith("read_")}


@every_task
@few
@given(seed=seeds)
def test_every_sequence_is_what_the_paper_says(experiment, seed):
    task = small(experiment)
    for read, wanted in sequences(task, task.batch(40, rng(seed))):
        READERS[experiment](read, wanted, **SMALL[experiment])


@pytest.mark.parametrize("experiment", ["2a", "2b", "2c", "3a", "3b", "3c", "6a", "6b"])
def test_classes_are_equally_likely(experiment):
    task = small(experiment)
    batch = task.batch(8000, rng(8))
    last = batch.wanted[batch.mask & (np.arange(batch.mask.shape[1]) == batch.last[:, None])]
    if experiment == "3c":
        last = batch.given[:, 0, 0]
    counts = Counter(last.ravel().tolist())
    assert len(counts) == (task.outputs if experiment[0] == "6" else 2)
    assert is_fair(list(counts.values()))


@pytest.mark.parametrize("experiment", ["3a", "3b", "3c", "4", "5", "6a", "6b"])
def test_lengths_are_spread_evenly_from_T_to_its_eleven_tenths(experiment):
    T = SMALL[experiment].get("T", 100)
    counts = np.bincount(small(experiment).batch(6000, rng(9)).lengths)
    assert not counts[:T].any()
    assert len(counts) == T + T // 10 + 1
    assert is_fair(counts[T:])


def test_distractors_of_2b_and_2c_are_drawn_evenly():
    noisy = tasks.long_lag_2b(p=6).batch(4000, rng(1))
    assert is_fair(np.bincount(noisy.given[:, 1:].ravel(), minlength=5))
    batch = tasks.long_lag_2c(q=4, p=3).batch(4000, rng(2))
    assert is_fair(np.bincount(batch.given[batch.steps & (batch.given < 3)], minlength=3))
    assert stats.pearsonr(batch.given[:, 2], batch.given[:, 3]).pvalue > 0.001


def test_the_suffix_of_2c_goes_on_with_probability_nine_tenths():
    q = 4
    extra = tasks.long_lag_2c(q=q, p=3).batch(20_000, rng(3)).lengths - (q + 3)
    counts = np.bincount(np.minimum(extra, 30))
    shares = [0.1 * 0.9**k for k in range(30)] + [0.9**30]
    assert is_fair(counts, np.array(shares) * len(extra))
    assert extra.mean() == pytest.approx(9, abs=0.3)  # not the 10 of the paper's "expected length q + 14"


@pytest.mark.parametrize("experiment", ["3a", "3b", "3c"])
def test_the_noise_of_experiment_3_is_gaussian_with_its_variance(experiment):
    T, signal = 50, 3
    batch = TASKS[experiment](T, signal).batch(3000, rng(4))
    line = batch.given[..., 0].astype(float)
    noise = stats.norm(0, math.sqrt(0.2))
    assert stats.kstest(line[:, signal:T].ravel(), noise.cdf).pvalue > 0.001
    target = batch.target[np.arange(3000), batch.last, 0].astype(float)
    if experiment == "3b":
        on_the_signal = line[:, :signal] - (2 * target[:, None] - 1)
        assert stats.kstest(on_the_signal.ravel(), noise.cdf).pvalue > 0.001
        assert np.corrcoef(on_the_signal.T) == pytest.approx(np.eye(signal), abs=0.07)  # drawn for each step anew
    if experiment == "3c":
        noise = target - np.where(line[:, 0] == 1, 0.2, 0.8)
        assert stats.kstest(noise, stats.norm(0, math.sqrt(0.1)).cdf).pvalue > 0.001


@pytest.mark.parametrize(("make", "lowest", "neutral"), [(adding, -1, 0), (multiplication, 0, 1)])
def test_marks_and_values_follow_their_law(make, lowest, neutral):
    T, count = 24, 30_000
    batch = make(T).batch(count, rng(6))
    value, marker = batch.given[..., 0].astype(float), batch.given[..., 1]
    law = Counter()  # {first, second} → probability, by going through every draw
    for first in range(10):
        unmarked = [k for k in range(T) if k != first][: T // 2 - 1]
        for second in unmarked:
            law[frozenset([first, second])] += 1 / 10 / len(unmarked)
    seen = Counter(frozenset(np.flatnonzero(row == 1).tolist()) for row in marker)
    seen = Counter({pair if len(pair) == 2 else pair | {0}: count for pair, count in seen.items()})
    assert set(seen) <= set(law)
    assert is_fair([seen[pair] for pair in law], [count * share for share in law.values()])
    np.testing.assert_array_equal(value[np.sum(marker == 1, axis=1) == 1, 0], neutral)
    uniform = stats.uniform(lowest, 1 - lowest)
    assert stats.kstest(value[:, 1:T].ravel(), uniform.cdf).pvalue > 0.001


@pytest.mark.parametrize(("experiment", "starts"), [("6a", (10, 50)), ("6b", (10, 33, 66))])
def test_places_and_distractors_of_experiment_6_are_drawn_evenly(experiment, starts):
    batch = small(experiment).batch(4000, rng(7))
    rows, places = np.nonzero(batch.given >= 6)
    assert is_fair([np.sum(batch.given == letter) for letter in range(2, 6)])
    for k, start in enumerate(starts):
        assert is_fair(np.bincount(places[k :: len(starts)] + 1, minlength=start + 11)[start:])
    np.testing.assert_array_equal(np.bincount(rows), len(starts))


# --- experiment 1

INNER = r"B(?:TS*X(?:XT*VP)*(?:S|XT*VV)|PT*V(?:PXT*V)*(?:V|PS))E"  # the Reber grammar as a regular expression
EMBEDDED = re.compile(rf"B([TP]){INNER}\1E")
# From each place in the grammar one way to the end, whose letter before the last is the second, written "?".
ENDINGS = ["?BTXSE?E", "BTXSE?E", "TXSE?E", "XSE?E", "SE?E", "VVE?E", "VE?E", "E?E", "?E", "E", ""]


def successors(prefix):
    """The letters after which some way of going on makes the regular expression match."""
    return {
        letter
        for letter, ending, outer in itertools.product("BTSXPVE", ENDINGS, "TP")
        if EMBEDDED.fullmatch(prefix + letter + ending.replace("?", outer))
    }


def strings_up_to(length):
    """Every embedded Reber string of at most this length, and its probability: ½ wherever there are two successors."""
    found, started = {}, {"": 1.0}
    for _ in range(length):
        longer = {}
        for prefix, share in started.items():
            after = successors(prefix)
            longer |= {prefix + letter: share / len(after) for letter in after}
        found |= {string: share for string, share in longer.items() if EMBEDDED.fullmatch(string)}
        started = {string: share for string, share in longer.items() if string not in found}
    return found


def spelt(batch):
    """Each string in letters, its last E put back."""
    return ["".join(read) + wanted[-1] for read, wanted in sequences(embedded_reber(), batch)]


def as_batch(string):
    """A string as a batch, whether it is legal or not."""
    numbers = np.array([["BTSXPVE".index(letter) for letter in string]])
    T = len(string) - 1
    return Batch(numbers[:, :-1], numbers[:, 1:], np.ones((1, T), bool), np.array([T]), 7, 7)


@pytest.mark.parametrize("string", ["BTBTXSETE", "BPBPVVEPE", "BTBPVPXTTVVETE", "BPBTSSSXXTVPSEPE", "BTBPTTTVPXVPSETE"])
def test_legal_strings_have_the_successors_that_lead_on(string):
    (legal,) = legal_successors(as_batch(string))
    for t in range(len(string) - 1):
        assert {"BTSXPVE"[k] for k in np.flatnonzero(legal[t])} == successors(string[: t + 1])
        assert string[t + 1] in successors(string[: t + 1])


def test_the_letter_before_the_last_hangs_on_the_second():
    for outer in "TP":
        legal = legal_successors(as_batch(f"B{outer}BTXSE{outer}E"))[0, 6]
        assert np.flatnonzero(legal).tolist() == ["BTSXPVE".index(outer)]


@pytest.mark.parametrize(
    ("string", "begins"),
    [
        ("TBTXSETEE", "T"), ("BSBTXSETE", "BS"), ("BTTTXSETE", "BTT"), ("BPBPSVEPE", "BPBPS"), ("BTBTXVETE", "BTBTXV"),
        ("BTBTXSEPE", "BTBTXSEP"), ("BPBTXSETE", "BPBTXSET"), ("BPBPVSEPE", "BPBPVS"), ("BTBTXSXTE", "BTBTXSX"),
    ],
)  # fmt: skip
def test_illegal_strings_are_refused(string, begins):
    assert not EMBEDDED.fullmatch(string)
    with pytest.raises(ValueError, match=f"string 0 begins with {begins}, as no embedded Reber string does"):
        legal_successors(as_batch(string))


def test_nothing_follows_the_end():
    assert not legal_successors(as_batch("BTBTXSETEB"))[0, -1].any()
    with pytest.raises(ValueError, match="string 0 begins with BTBTXSETEB, as"):
        legal_successors(as_batch("BTBTXSETEBT"))


def test_padding_has_no_successors():
    batch = embedded_reber().batch(50, rng(1))
    legal = legal_successors(batch)
    assert not legal[~batch.steps].any()
    assert legal.any(axis=2)[batch.steps].all()
    cut = as_batch("BTBBBBBBB")  # two steps, then padding, the first of which would even be legal
    legal = legal_successors(cut._replace(lengths=np.array([2]), mask=np.arange(8)[None] < 2))
    assert legal.any(axis=2).tolist() == [[True] * 2 + [False] * 6]


def test_strings_come_as_often_as_coins_make_them():
    law = strings_up_to(11)
    assert Counter(map(len, law)) == {9: 4, 10: 6, 11: 8}
    drawn = Counter(spelt(embedded_reber().batch(20_000, rng(2))))
    shares = [*law.values(), 1 - sum(law.values())]
    counts = [drawn[string] for string in law]
    assert is_fair([*counts, 20_000 - sum(counts)], np.array(shares) * 20_000)
    assert {string for string in drawn if len(string) <= 11} == set(law)


@pytest.mark.parametrize(("train", "test"), [(256, 256), (2000, 1), (1, 300)])
def test_no_test_string_was_trained_on(train, test):
    training, tests = reber_sets(rng(0), train, test)
    trained, tested = spelt(training), spelt(tests)
    assert (len(trained), len(tested)) == (train, test)
    assert not set(trained) & set(tested)
    assert all(map(EMBEDDED.fullmatch, trained + tested))
    again = reber_sets(rng(0), train, test)
    assert (spelt(again[0]), spelt(again[1])) == (trained, tested)


def test_a_test_set_follows_the_law_of_the_strings_left():
    """With one string to avoid, the others keep their shares: rejection leaves no other trace."""
    training, tests = reber_sets(rng(3), 1, 10_000)
    (avoided,), law = spelt(training), strings_up_to(11)
    counts = Counter(spelt(tests))
    left = 1 - law.pop(avoided, 2.0 ** -sum(len(successors(avoided[:k])) == 2 for k in range(len(avoided))))
    seen = [counts[string] for string in law]
    shares = [share / left for share in law.values()]
    assert is_fair([*seen, 10_000 - sum(seen)], np.array([*shares, 1 - sum(shares)]) * 10_000)


# --- judges


def outputs_of(task, batch, seed=0):
    """Outputs as a net might give them where nothing is asked, and exactly what is wanted where something is."""
    outputs = rng(seed).uniform(-3, 3, (*batch.mask.shape, task.outputs))
    outputs[batch.mask] = batch.target[batch.mask]
    return outputs


@pytest.mark.parametrize("experiment", [name for name in TASKS if name not in ("1", "3c")])
def test_errors_are_the_largest_of_the_steps_that_count(experiment):
    task = small(experiment)
    batch = task.batch(30, rng(1))
    outputs = outputs_of(task, batch)
    assert task.errors(outputs, batch).tolist() == [0] * 30
    nearly, too_much = (task.threshold * (1 + sign * 1e-9) for sign in (-1, 1))
    for n, error in [(3, nearly), (4, -nearly), (5, too_much), (6, -too_much), (7, task.threshold)]:
        outputs[n, batch.last[n], n % task.outputs] += error
        outputs[n, batch.last[n], (n + 1) % task.outputs] += error / 2 if task.outputs > 1 else 0
    errors = task.errors(outputs, batch)
    np.testing.assert_allclose(errors[3:8], [nearly, nearly, too_much, too_much, task.threshold], rtol=1e-12)
    assert np.flatnonzero(errors).tolist() == [3, 4, 5, 6, 7]
    assert np.flatnonzero(errors > task.threshold * (1 + 1e-12)).tolist() == [5, 6]


@pytest.mark.parametrize("experiment", ["2a", "2b"])
def test_2a_is_judged_at_every_step_and_2b_at_the_last(experiment):
    task = small(experiment)
    batch = task.batch(2, rng())
    outputs = outputs_of(task, batch)
    outputs[1, 2, 3] += 9
    assert task.errors(outputs, batch) == pytest.approx([0, 9] if experiment == "2a" else [0, 0])


def test_padding_is_not_judged_where_every_step_is():
    batch = embedded_reber().batch(30, rng(4))  # 2a, which is judged so, has sequences of one length
    outputs = outputs_of(embedded_reber(), batch)
    outputs[7, 1, 2] -= 4.5
    assert not batch.steps.all()
    assert largest_error(outputs, batch) == pytest.approx([0] * 7 + [4.5] + [0] * 22)


@every_task
def test_the_last_steps_outputs_are_enough_where_they_alone_are_judged(experiment):
    task = small(experiment)
    batch = task.batch(12, rng(2))
    outputs = rng(3).normal(size=(*batch.mask.shape, task.outputs)).astype(np.float32)
    last = np.array([row[k] for row, k in zip(outputs, batch.last, strict=True)])
    if task.judged_at_end:
        np.testing.assert_array_equal(task.errors(last, batch), task.errors(outputs, batch))
    else:
        with pytest.raises(ValueError, match=r"outputs has shape \(12, \d\), but \(12, \d+, \d\) is expected"):
            task.errors(last, batch)
    with pytest.raises(ValueError, match=r"outputs has shape .* is expected"):
        task.errors(outputs[:, 1:], batch)
    outputs[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="outputs holds 1 NaN"):
        task.errors(outputs, batch)


def test_3c_is_judged_against_the_target_without_its_noise():
    task = tasks.two_sequence_3c(20, 2)
    batch = task.batch(400, rng(5))
    expected = np.array([[0.2 if row[0] == 1 else 0.8] for row in batch.given[..., 0]])
    np.testing.assert_allclose(task.errors(expected, batch), 0, atol=1e-15)
    np.testing.assert_allclose(task.errors(expected - 0.03, batch), 0.03, rtol=1e-12)
    noisy = task.errors(batch.target, batch)
    assert math.sqrt(np.mean(noisy**2)) == pytest.approx(math.sqrt(0.1), rel=0.1)


def test_a_reber_string_is_right_if_every_legal_letter_leads_every_other():
    task = embedded_reber()
    batch = task.batch(40, rng(6))
    outputs = rng(7).uniform(0, 0.4, (*batch.mask.shape, 7))
    for n, string in enumerate(spelt(batch)):
        for t in range(batch.lengths[n]):
            for letter in successors(string[: t + 1]):
                outputs[n, t, "BTSXPVE".index(letter)] += 0.5
    assert np.all(task.errors(outputs, batch) < task.threshold)
    assert task.solved(np.tile(task.errors(outputs, batch), 13))
    edit = outputs.copy()
    edit[0, 4, np.argmin(outputs[0, 4])] = np.min(outputs[0, 4][outputs[0, 4] > 0.45])  # a tie: illegal and legal
    edit[1, batch.last[1], 0] = 2.0  # B instead of the E at the end
    edit[~batch.steps] = 9.0  # what comes after the end is nobody's business
    errors = task.errors(edit, batch)
    assert np.flatnonzero(errors >= task.threshold).tolist() == [0, 1]
    assert errors[1] == pytest.approx(2 - outputs[1, batch.last[1], 6])
    np.testing.assert_array_equal(errors[2:], task.errors(outputs, batch)[2:])


def test_the_one_hot_target_itself_does_not_pass_as_reber_outputs():
    """Two letters are legal at most steps, and a net that knows which will come would not be right, but lucky."""
    task = embedded_reber()
    batch = task.batch(10, rng())
    assert task.errors(batch.target, batch).tolist() == [0] * 10  # a tie of the other legal letter with illegal ones


# --- stopping rules, as the paper states them

RULES = [  # experiment, rule, sequences, how many may be wrong, mean below; the smallest error that is wrong
    ("1", "", 512, 0, None, 0.0),
    ("2a", "", 10_000, 0, None, 0.25),
    ("2b", "", 10_000, 0, None, 0.25),
    ("2c", "", 10_000, 0, None, 0.2),
    ("3a", "ST1", 256, 0, None, 0.2),
    ("3a", "ST2", 256, 0, 0.01, 0.2),
    ("3b", "ST1", 256, 5, None, 0.2),
    ("3b", "ST2", 256, 5, 0.04, 0.2),
    ("3c", "", 256, 0, 0.015, 0.1),
    ("4", "", 2000, 0, 0.01, 0.04),
    ("5", "n_seq = 140", 2000, 139, None, 0.04),
    ("5", "n_seq = 13", 2000, 12, None, 0.04),
    ("6a", "", 2000, 0, 0.1, 0.3),
    ("6b", "", 2000, 0, 0.1, 0.3),
]


@pytest.mark.parametrize(("experiment", "rule", "count", "wrong", "mean", "threshold"), RULES)
def test_stopping_rules(experiment, rule, count, wrong, mean, threshold):
    task = small(experiment)
    right = -1.0 if experiment == "1" else 0.0
    assert task.threshold == threshold
    good = np.full(count, right)
    assert task.solved(good, rule)
    assert task.solved([9.0, 9.0, *good], rule)  # only the newest count
    assert not task.solved(good[1:], rule)
    assert not task.solved([], rule)
    assert task.solved(deque(good), rule)
    few_wrong, too_many = good.copy(), good.copy()
    few_wrong[:wrong], too_many[: wrong + 1] = threshold, threshold
    assert task.solved(few_wrong, rule)
    assert not task.solved(too_many, rule)
    almost = threshold - 1e-9
    assert task.solved(np.full(count, almost), rule) == (mean is None)
    if mean is not None:
        assert task.solved(np.full(count, mean * (1 - 1e-9)), rule)
        assert not task.solved(np.full(count, mean * (1 + 1e-9)), rule)


def test_every_rule_is_tested_and_the_strictest_is_the_default():
    assert [(name, rule.name) for name in TASKS for rule in small(name).stops] == [rule[:2] for rule in RULES]
    errors = np.zeros(2000)
    errors[:100] = 1
    assert small("5").solved(errors, "n_seq = 140")
    assert not small("5").solved(errors)
    assert small("3a").solved(np.full(256, 0.1), "ST1")
    assert not small("3a").solved(np.full(256, 0.1))


def test_a_rule_says_itself_in_words():
    assert [str(rule) for rule in small("3b").stops] == [
        "ST1: at most 5 of the 256 test sequences wrong",
        "ST2: at most 5 of the 256 test sequences wrong, their mean error below 0.04",
    ]
    assert str(Stop("latest training sequences", 2000)) == "none of the 2000 latest training sequences wrong"
    assert adding().criterion == "error at the last step below 0.04"


# --- the paper's numbers

PAPER = [  # (experiment, arguments), then sequences to success as in shared facts
    ("1", {}, [39_740, 21_730, 14_060, 9_500, 8_440]),
    ("2a", {"p": 100}, [5_040]), ("2b", {"p": 100}, [5_680]),
    *[("2c", {"q": q, "p": q}, [n]) for q, n in [(50, 30_000), (100, 31_000), (200, 33_000), (500, 38_000)]],
    *[("2c", {"q": 1000, "p": p}, [n]) for p, n in [(1000, 49_000), (500, 49_000), (200, 75_000), (100, 135_000)]],
    ("2c", {"q": 1000, "p": 50}, [203_000]),
    ("3a", {"T": 100, "signal": 3}, [27_380, 39_850]), ("3a", {"T": 100, "signal": 1}, [58_370, 64_330]),
    ("3a", {"T": 1000, "signal": 3}, [446_850, 452_460]), ("3b", {"T": 100, "signal": 3}, [41_740, 43_250]),
    ("3b", {"T": 100, "signal": 1}, [74_950, 78_430]), ("3b", {"T": 1000, "signal": 1}, [481_060, 485_080]),
    ("3c", {"T": 100, "signal": 3}, [269_650]), ("3c", {"T": 100, "signal": 1}, [565_640]),
    ("4", {"T": 100}, [74_000]), ("4", {"T": 500}, [209_000]), ("4", {"T": 1000}, [853_000]),
    ("5", {"T": 100}, [482_000, 1_273_000]), ("6a", {}, [31_390]), ("6b", {}, [571_100]),
    ("2a", {"p": 10}, []), ("2c", {"q": 50, "p": 100}, []), ("3a", {"T": 1000, "signal": 1}, []),
    ("3c", {"T": 50}, []), ("4", {"T": 200}, []), ("5", {"T": 500}, []),
]  # fmt: skip


@pytest.mark.parametrize(("experiment", "arguments", "expected"), PAPER)
def test_the_papers_numbers_stand_by_the_papers_arguments_and_no_others(experiment, arguments, expected):
    assert [row.sequences for row in TASKS[experiment](**arguments).paper] == expected


def test_misclassification_is_told_after_the_last_rule():
    st1, st2 = tasks.two_sequence_3b(1000, 1).paper
    assert (st1.condition, st1.outcome) == ("ST1", "")
    assert (st2.condition, st2.outcome) == ("ST2", "a fraction of 0.01207 of 2560 misclassified")


# --- what makes no sense

REFUSED = [
    (tasks.long_lag_2a, {"p": 1}, "p is 1, but must be a whole number of at least 2"),
    (tasks.long_lag_2b, {"p": 10.0}, r"p is 10\.0, but must be a whole number"),
    (tasks.long_lag_2c, {"q": 0}, "q is 0, but must be a whole number of at least 1"),
    (tasks.long_lag_2c, {"p": "50"}, "p is '50', but must be a whole number"),
    (tasks.two_sequence_3a, {"T": 1}, "T is 1, but must be a whole number of at least 2"),
    (tasks.two_sequence_3b, {"T": 5, "signal": 5}, "signal is 5, but must be .* at least 1 and at most 4"),
    (tasks.two_sequence_3c, {"signal": True}, "signal is True, but must be a whole number"),
    (adding, {"T": 19}, "T is 19, but must be a whole number of at least 20"),
    (multiplication, {"T": math.nan}, "T is nan, but must be a whole number of at least 20"),
    (adding().batch, {"count": 0, "rng": rng()}, "count is 0, but must be a whole number of at least 1"),
    (adding().batch, {"count": 5, "rng": 0}, r"rng is 0, but a random generator is expected: np\.random\.default_rng"),
    (adding().solved, {"errors": [0.0], "stop": "ST1"}, "stop is 'ST1', but must be one of ''"),
    (adding().solved, {"errors": [math.nan] * 2000}, "errors holds 2000 NaN"),
    (reber_sets, {"rng": rng(), "test": 0}, "test is 0, but must be"),
    (reber_sets, {"rng": rng(), "train": -1}, "train is -1, but must be"),
    (reber_sets, {"rng": 7}, "rng is 7, but a random generator is expected"),
]


@pytest.mark.parametrize(("call", "arguments", "message"), REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(call, arguments, message):
    with pytest.raises(ValueError, match=message):
        call(**arguments)
