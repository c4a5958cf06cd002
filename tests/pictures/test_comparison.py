from matplotlib.image import imread

from seq2seq.pictures import Panel, comparison


def panel(heading, values, limits=(0.0, 1.0)):
    return Panel(heading, values, frozenset({"gru"}), chance=0.25, limits=limits, label="accuracy")


def test_every_panel_and_candidate_is_named(tmp_path):
    rows = [
        [panel("order, 50 steps", {"gru": 1.0, "el$man$": 0.3}), panel("order, 200 steps", {"gru": 0.5})],
        [panel("sum, 50 steps", {"gru": 7.0}, limits=(0.2, 0.0)), panel("sum, 200 steps", {})],
    ]
    text = comparison(["gru", "el$man$"], rows, tmp_path / "x.svg", title="Results").read_text()
    for name in ("order, 50 steps", "order, 200 steps", "sum, 50 steps", "sum, 200 steps", "el$man$", "Results"):
        assert f"<!-- {name} -->" in text
    assert text.count("<!-- gru -->") == 2  # once for each row of panels


def test_a_candidate_needs_room_of_its_own(tmp_path):
    heights = []
    for count in 3, 20:
        names = [f"cell {number}" for number in range(count)]
        path = comparison(names, [[panel("a", dict.fromkeys(names, 0.5))]], tmp_path / "x.png", title="a")
        heights.append(imread(path).shape[0])
    assert heights[1] - heights[0] > 17 * 20  # pixels: 17 more rows of at least 20
