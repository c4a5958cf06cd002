import numpy as np
import pytest
from matplotlib.figure import Figure

from seq2seq.pictures import GradientCurve, gradient_norms


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Draws curves; gives the figure."""
    figures = []
    monkeypatch.setattr(
        Figure,
        "savefig",
        lambda self, path, original=Figure.savefig, **how: figures.append(self) or original(self, path),
    )

    def draw(curves):
        path = gradient_norms(curves, tmp_path / "gradients.png", "Gradients of $5")
        assert path.read_bytes().startswith(b"\x89PNG")
        return figures[-1]

    return draw


def curve(label, rate, before=None):
    return GradientCurve(label, rate ** np.arange(9.0), before)


def test_a_few_lines_share_a_panel_and_dashed_ones_are_before_training(drawn):
    (axes,) = drawn([curve("$elman", 0.5, before=np.ones(9)), curve("lstm", 0.9)]).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["$elman", "lstm", "before training"]
    assert axes.get_yscale() == "log" and axes.get_xlim() == (0, 8)
    low, high = axes.get_ylim()
    assert low < 0.5**8 and high > 1


def test_many_lines_get_a_panel_each(drawn):
    figure = drawn([curve(f"cell {number}", 0.5) for number in range(7)])
    shown = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title(loc="left") for axes in shown] == [f"cell {number}" for number in range(7)]
    assert sum(axes.xaxis.get_tick_params()["labelbottom"] for axes in shown) == 5  # the lowest of each column


def test_norms_of_zero_and_beyond_all_bounds_have_no_place(drawn):
    (axes,) = drawn([GradientCurve("dead", np.zeros(3)), GradientCurve("wild", np.array([1, 1e200, np.inf]))]).axes
    assert axes.get_ylim()[1] < 1e17
    drawn([GradientCurve("nothing", np.zeros(0))])
