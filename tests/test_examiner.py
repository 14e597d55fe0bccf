"""tasks.examiner: each kind of stopping rule against one applied by hand."""

import numpy as np
import pytest

from lstm_core.tasks import TASKS, Examiner, adding
from lstm_core.tasks.examiner import EVERY, FIRST_LOOK


def perfect(task, wrong=()):
    """A net that knows the targets, but for the sequences of these places, and counts how many it was asked."""

    def answer(batch):
        said = batch.target if task.every_step else batch.target[batch.mask]
        said = np.where(said > 0.5, 0.99, 0.01) if task.symbols else said + 0.001
        at = [n - answer.asked for n in wrong if 0 <= n - answer.asked < len(said)]
        said[at] = 1 - said[at]
        answer.asked += len(said)
        return said

    answer.asked = 0
    return answer


def never(_batch):
    raise AssertionError("nobody should ask")


def test_rules_about_training_take_the_newest_errors():
    task = adding(20)
    examiner = Examiner(task, 0)
    for errors in (np.full(100, 0.2), np.full(1900, 0.001)):
        examiner.saw(errors)
    assert not examiner.look(never)
    examiner.saw(np.full(99, 0.001))
    assert not examiner.look(never)  # one of the newest 2000 is still wrong
    examiner.saw(np.full(1, 0.001))
    assert examiner.look(never)
    assert examiner.solved
    assert examiner.met == {"": 2100}
    assert examiner.sequences == 2100


def test_of_two_rules_each_has_its_own_time():
    task = TASKS["5"]()
    examiner = Examiner(task, 0)
    examiner.saw(np.repeat([0.5, 0.001], [100, 1900]))
    assert not examiner.look(never)
    assert examiner.met == {"n_seq = 140": 2000}
    examiner.saw(np.full(100, 0.001))
    assert examiner.look(never)
    assert examiner.met == {"n_seq = 140": 2000, "n_seq = 13": 2100}


@pytest.mark.parametrize("experiment", ["3a", "3b", "3c"])
def test_test_sequences_are_the_same_at_every_look(experiment):
    task, seen = TASKS[experiment](T=20), []
    examiner = Examiner(task, 1)
    examiner.saw(np.ones(EVERY - 1))
    assert not examiner.look(never)
    examiner.saw(np.ones(1))

    def wrong(batch):
        seen.append(batch.given)
        return 1 - batch.target[batch.mask]

    assert not examiner.look(wrong)
    assert not examiner.look(never)  # not before another 500
    examiner.saw(np.ones(EVERY))

    def right(batch):
        seen.append(batch.given)
        expected = np.where(batch.given[:, :1, 0] > 0, 0.2, 0.8) if experiment == "3c" else batch.target[batch.mask]
        return expected

    assert examiner.look(right)
    assert len(seen) > 1
    assert all(np.array_equal(seen[0], other) for other in seen)
    assert seen[0].shape[0] == 256


def test_ten_thousand_sequences_are_asked_only_of_a_net_that_trains_without_a_mistake():
    task = TASKS["2c"](q=4, p=3)
    examiner = Examiner(task, 0)
    examiner.saw(np.repeat([0.01, 0.5, 0.01], [EVERY - FIRST_LOOK, 1, FIRST_LOOK - 1]))
    assert not examiner.look(never)
    examiner.saw(np.full(EVERY, 0.01))
    one_wrong = perfect(task, wrong=[9_999])
    assert not examiner.look(one_wrong)
    assert one_wrong.asked == 10_000
    examiner.saw(np.full(EVERY, 0.01))
    assert not examiner.look(early := perfect(task, wrong=[3]))
    assert early.asked == 500  # the first mistake ends it
    examiner.saw(np.full(EVERY, 0.01))
    assert examiner.look(perfect(task))


def test_reber_is_judged_on_all_512_strings():
    task = TASKS["1"]()
    examiner = Examiner(task, 0)
    examiner.saw(np.ones(EVERY))

    def legal(batch):
        from lstm_core.tasks import legal_successors

        said = 0.1 + 0.5 * legal_successors(batch)
        legal.asked += len(said)
        if legal.asked == 512 and legal.wrong:
            said[-1, 0] = 0
        return said

    legal.asked, legal.wrong = 0, True
    assert not examiner.look(legal)
    assert legal.asked == 512
    examiner.saw(np.ones(EVERY))
    legal.asked, legal.wrong = 0, False
    assert examiner.look(legal)
    drawn = {row.tobytes() for row in examiner.draw(1000).given[:, :9]}
    training = {row.tobytes() for row in examiner._sets[0].given[:, :9]}
    assert drawn <= training


def test_testing_changes_nothing_in_what_is_trained_on():
    one, two = (Examiner(TASKS["2c"](q=4, p=3), 5) for _ in range(2))
    one.count_wrong(perfect(one.task))
    assert np.array_equal(one.draw(50).given, two.draw(50).given)
    assert not np.array_equal(Examiner(one.task, 6).draw(50).given, Examiner(one.task, 5).draw(50).given)


def test_mistakes_are_counted_on_as_many_sequences_as_the_paper_has():
    task = adding(20)
    assert Examiner(task, 0).count_wrong(perfect(task, wrong=[0, 700, 2559])) == (3, 2560)
    strings = TASKS["1"]()
    assert Examiner(strings, 0).count_wrong(lambda batch: np.zeros((*batch.mask.shape, 7))) == (256, 256)
