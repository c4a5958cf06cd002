import zipfile

import pytest

from seq2seq.cli import shortlist
from seq2seq.text import Tokenizer
from seq2seq.text.shortlist import Shortlist

SOURCE = ["one two three", "three two", "two one"]
TARGET = ["eins zwei drei", "drei zwei", "zwei eins"]


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Text, and an archive that holds nothing but tokenizers."""
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("model.keras", "w") as archive:
        for side, lines in (("source", SOURCE), ("target", TARGET)):
            (tmp_path / side).write_text("".join(f"{line}\n" for line in lines))
            archive.writestr(f"assets/{side}.model", Tokenizer.train(lines * 3, kind="word", vocab_size=7).model)
    return ["model.keras", "--source", "source", "--target", "target", "--output"]


def test_learnt_and_written(files, capsys):
    assert shortlist.main([*files, "list.npz", "--translations", "1", "--frequent", "2"]) == 0
    assert capsys.readouterr().out.startswith("list.npz: 6 of 7 target pieces for a sentence")
    learnt = Shortlist.load("list.npz")
    assert learnt.translations.shape == (7, 1) and learnt.frequent.shape == (2,)


@pytest.mark.parametrize("side", ["source", "target"])
def test_the_text_is_not_written_over(files, side):
    with pytest.raises(ValueError, match=f"--output {side} is also --{side}, which would be lost"):
        shortlist.main([*files, side])


def test_a_damaged_model_is_named(files, tmp_path):
    (tmp_path / "model.keras").write_bytes(b"PK")
    with pytest.raises(ValueError, match="model.keras is not a translator, or a damaged one"):
        shortlist.main([*files, "list.npz"])


def test_one_file_is_both_sides_only_with_same_file(files):
    files[files.index("target")] = "source"
    with pytest.raises(ValueError, match="are the same file.*--same-file"):
        shortlist.main([*files, "list.npz"])
    assert shortlist.main([*files, "list.npz", "--same-file"]) == 0


@pytest.mark.parametrize(
    "numbers, message",
    [
        (["--translations", "0", "--frequent", "0"], "--translations and --frequent are both 0"),
        (["--translations", "-1"], "--translations is -1; it has to be between 0 and 1,"),
        (["--translations", "1000000000"], "--translations is 1000000000"),
        (["--frequent", "-5"], "--frequent is -5; it has to be between 0 and 1,"),
    ],
)
def test_numbers_are_checked_before_anything_is_read(tmp_path, numbers, message):
    files = ["no model", "--source", "no text", "--target", "no text", "--output", str(tmp_path / "list.npz")]
    with pytest.raises(ValueError, match=message):
        shortlist.main([*files, *numbers])
