"""Three figures under sliders for notebook 13: a gate that is held, a net that is excited, a trader and its mood.

Each returns a LiveFigure whose sentence says what was measured. Shapes: A arousals, M days.
"""

from collections.abc import Mapping

import numpy as np

from lstm_core import mood_plots
from lstm_core.brain.arousal import (
    AROUSALS,
    HAZARDS,
    aroused,
    bayes_tracker,
    switching_world,
    tracking_error,
)
from lstm_core.brain.gating import Recall, hear
from lstm_core.brain.small_nets import Net, hold_output, says
from lstm_core.brain.trader import earned
from lstm_core.live import LiveFigure, slider
from lstm_core.plots import COLOURS, figure

__all__ = ["arousal_sliders", "gate_slider", "mood_sliders"]


def gate_slider(net: Net, task: Recall, curves) -> LiveFigure:
    """Hold the output gate anywhere from shut to open: the answers to the first buy, and what all sequences hear.

    `curves` is the table of `gate_rows.held_curves`, the recorded seeds' means.
    """
    k = int(task.order.argmax())
    fig, (left, right) = figure(1, 2, size=(9.6, 3.4))
    answer = mood_plots.plot_answers(np.zeros(task.x.shape[1]), 1, task.bell[k], ax=left).get_lines()[-1]
    mood_plots.plot_held(curves.index, curves["alarms"], curves["told"], ax=right).legend(loc="lower right")
    (dots,) = right.plot([], [], "o", color=COLOURS["black"], markersize=8)
    left.set_title("One sequence", pad=22)
    right.set_title("All of them", pad=22)

    def hold(o: float) -> str:
        held = hold_output(net, round(o, 6))
        heard = hear(held, task)
        answer.set_ydata(says(held, task.x[k : k + 1])[0])
        dots.set_data([o, o], [heard.alarms, heard.told])
        return f"Output gate held at {o:.2f}: {heard.alarms:.0%} false alarms, {heard.told:.0%} of the bells answered."

    return LiveFigure(fig, [answer, dots], hold, o=slider("output gate held at", 1.0, 0, 1, 0.05))


def arousal_sliders(net: Net, *, top: float = 0.2, seed: int = 7) -> LiveFigure:
    """Excite a tracker in worlds of any hazard rate up to `top`: its error against arousal, and one episode."""
    fig, (left, right) = figure(1, 2, size=(9.6, 3.4), width_ratios=[1, 1.6])
    blank = np.zeros(120)
    curve = mood_plots.plot_arousal(AROUSALS, np.ones(len(AROUSALS)), ax=left).get_lines()[0]
    left.get_lines()[1].remove()  # the lowest point moves: the sentence names it
    (dot,) = left.plot([], [], "o", color=COLOURS["black"], markersize=8)
    left.set(ylim=(0, 1.3), title="Error in this world")
    episode = mood_plots.plot_tracking(blank, blank, blank, blank, ax=right).get_lines()
    right.legend(ncols=3, loc="upper right", bbox_to_anchor=(1, 1.16))
    known: dict[float, tuple] = {}

    def measure(hazard: float) -> tuple:
        world = switching_world(100, 120, hazard, np.random.default_rng(seed))
        errors = [tracking_error(says(aroused(net, a), world.x), world) for a in AROUSALS]
        return world, np.array(errors), bayes_tracker(world.x, hazard)

    def excite(a: float, hazard: float) -> str:
        hazard = round(hazard, 6)
        if hazard not in known:
            known[hazard] = measure(hazard)
        world, errors, best = known[hazard]
        guess = says(aroused(net, a), world.x)
        error, lowest = tracking_error(guess, world), int(errors.argmin())
        curve.set_ydata(errors)
        dot.set_data([a], [error])
        for line, y in zip(episode, (world.x[0, :, 0], world.mean[0], best[0], guess[0]), strict=True):
            line.set_ydata(y)
        floor = tracking_error(best, world)
        return (
            f"Hazard rate {hazard:.2f}, arousal {_signed(a)}: error {error:.3f}. Lowest at {_signed(AROUSALS[lowest])}:"
            f" {errors[lowest]:.3f}; Bayes, who knows the rate: {floor:.3f}."
        )

    controls = dict(a=slider("arousal a", 0, AROUSALS[0], AROUSALS[-1], 0.5, digits=1))
    controls["hazard"] = slider("hazard rate H", HAZARDS[-1], 0.01, top, 0.01)
    return LiveFigure(fig, [curve, dot, *episode], excite, **controls)


def mood_sliders(dates, returns, most: Mapping[int, np.ndarray], calm, *, cost_bp: float = 5.0) -> LiveFigure:
    """Set a trader's mood and how long the returns are that it looks at; its wealth beside the calm one's.

    returns, calm : (M,) simple returns of the index, and what the calm one earned.
    most : for each number of days that it may look over, λ* (M,), decided on the eve of each day. The numbers are to
        be evenly spaced.
    """
    over = sorted(most)
    fig, (left, right) = figure(1, 2, size=(9.6, 3.6))
    mood_plots.plot_tolerated(dates, most[over[0]], 1, ax=left).set_title("The mood at which it walks away, λ*")
    wealth = {"bought and held": earned(np.ones(len(returns)), returns, cost_bp), "calm LSTM": calm, "moody": calm}
    mood_plots.plot_wealth(dates, wealth, ax=right).set_title("What 1 becomes")
    right.legend(loc="upper left")
    moving = [*left.get_lines(), right.get_lines()[-1]]

    def feel(mood: float, d: float) -> str:
        plays = most[round(d)] > mood
        won = earned(plays.astype(float), returns, cost_bp)
        for line, y in zip(moving, (most[round(d)], [mood, mood], np.cumprod(1 + won)), strict=True):
            line.set_ydata(y)
        return (
            f"Mood λ = {mood:.2f}, returns over {round(d)} day{'s' * (round(d) > 1)}: in on {plays.mean():.0%} of the"
            f" days; 1 becomes {np.prod(1 + won):.2f}, the calm LSTM's {np.prod(1 + calm):.2f}."
        )

    looks = slider("looks at returns over", over[len(over) // 2], over[0], over[-1], over[1] - over[0], digits=0)
    return LiveFigure(fig, moving, feel, mood=slider("mood λ", 2.25, 1, 4, 0.25), d=looks)


def _signed(a: float) -> str:
    return f"{a:+.1f}".replace("-", "−")
