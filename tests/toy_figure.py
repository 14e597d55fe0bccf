"""A figure under two sliders that is drawn in no time, for the tests of pictures drawn beforehand."""

from lstm_core import plots
from lstm_core.live import LiveFigure, slider


def sentence(level: float, width: float) -> str:
    return f"The line stands at {level:.2f} & is {width:.0f} points wide </p></script>."


def toy_figure() -> LiveFigure:
    """A line whose level moves by 0.05 from 0 to 1 and whose width by 2 from 1 to 7; at first 0.35 and 3."""
    fig, ax = plots.figure(size=(3, 2))
    ax.set(ylim=(-0.1, 1.1), xlim=(0, 1))
    (line,) = ax.plot([0, 1], [0, 0], color=plots.COLOURS["blue"])

    def update(level, width):
        line.set(ydata=[level, level], linewidth=width)
        return sentence(level, width)

    level, width = slider("the level <ℓ>", 0.35, 0, 1, 0.05), slider("its width", 3, 1, 7, 2, digits=0)
    return LiveFigure(fig, [line], update, level=level, width=width)
