import pytest

from seq2seq.cli import gradients


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def command(*arguments):
    return gradients.main(["--units", "4", "--length", "12", *arguments])


def test_prints_how_a_linear_network_shrinks_a_gradient_and_draws_it(capsys, tmp_path):
    arguments = ("--cell", "elman", "--cell-options", "activation=identity", "--scale", "0.5", "1")
    assert command(*arguments, "--output", "pictures/e.png") == 0
    header, half, whole, picture = capsys.readouterr().out.splitlines()
    assert header.split() == ["steps", "back", "1", "2", "5", "10"]
    assert half.split() == ["elman", "×", "0.5", "0.5", "0.25", "0.031", "0.00098"]
    assert whole.split() == ["elman", "×", "1", "1", "1", "1", "1"]
    assert picture == "picture: pictures/e.png" and (tmp_path / "pictures" / "e.png").exists()


def test_several_cells_have_a_line_each(capsys, tmp_path):
    assert command("--cell", "gru", "ssru") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == ["gru", "ssru", "picture:"]
    assert (tmp_path / "gradients.png").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--cell", "elmen"], "There is no cell named 'elmen'; did you mean elman"),
        (["--cell-options", "activation=relu"], "--cell-options are those of one cell"),
        (["--cell", "gru", "--cell-options", "rest=before"], "has no argument 'rest'; known are reset"),
        (["--scale", "-1"], "--scale is a number above 0"),
        (["--length", "1"], "--length is 1; it has to be between 2 and 10,000"),
        (["--cell", "hgrn", "--scale", "2"], "HGRN multiplies its state by no kernel"),
    ],
)
def test_refuses_what_it_cannot_draw(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        command(*arguments)
    assert not list(tmp_path.iterdir())
