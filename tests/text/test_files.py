import subprocess
import sys

import pytest

from seq2seq.text.files import written_beside


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "folder" / "file"
    with written_beside(path) as beside:
        beside.write_text("new")
        assert beside.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]
    (path.parent / "plain").write_text("")
    assert path.stat().st_mode == (path.parent / "plain").stat().st_mode


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="in the middle"), written_beside(path) as beside:
        beside.write_text("half")
        raise RuntimeError("in the middle")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_imports_neither_tensorflow_nor_keras():
    code = "import sys, seq2seq.text as t; [getattr(t, n) for n in t.__all__]\n"
    code += "print({'tensorflow', 'keras'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
