"""Text in, text out, by an engine that copies and by real ones."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq
from seq2seq.model.archive import save_model
from seq2seq.text.shortlist import Shortlist
from seq2seq.translator import Translator
from seq2seq.translator.constraints import TextConstraints
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

LINES = ["ein Hund", "", "zwei kleine Katzen", " \t ", "ja", "\u2028", "drei"]
LIMITED = {"max_length_factor": 0.5, "length_penalty": 0.6}


@pytest.mark.parametrize("options", [{}, {"beam_size": 1}, {"batch_tokens": 1}, {"beam_size": 2, "n_best": 2}])
def test_each_line_gets_its_own_translation_in_order(copying, options):
    expected = ["ein Hund", "", "zwei kleine Katzen", "", "ja", "", "drei"]
    assert copying().translate(iter(LINES), **options) == expected


def test_nothing_in_nothing_out(copying):
    assert copying().translate([]) == []
    assert copying().translate(["", "  "]) == ["", ""]


def test_one_string_is_not_lines(copying):
    with pytest.raises(TypeError, match="one string: 'ein Hund'"):
        copying().translate("ein Hund")


def test_a_caller_who_stops_reading_gets_no_more_translations(copying):
    translator = copying()

    def give_up(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        translator.translate(["ja"] * 100, batch_tokens=16, progress=give_up)
    assert len(translator.engine.batches) < 100


def test_progress_counts_every_line_once(copying):
    counts = []
    line = "zwei kleine Katzen und ein Hund"
    copying(max_source_length=16).search([*LINES, line], progress=counts.append, batch_tokens=32)
    assert sum(counts) == len(LINES) + 1
    assert counts[0] == 3  # the blank ones


def test_a_translation_tells_its_pieces_and_scores(copying):
    (translation, second), blank = copying().search(["ja", ""], n_best=2, beam_size=3)
    assert translation.source_pieces == translation.target_pieces == ("▁", "j", "a", "</s>")
    assert translation.score == pytest.approx(translation.log_prob / (9 / 6))  # ((5 + 4) / 6) ** 1
    assert second.text != "ja"
    assert second.score <= translation.score
    assert translation.alignment is None
    assert [(one.text, one.score, one.source_pieces) for one in blank] == [("", 0.0, ())]


def test_alignments_are_given_when_asked_for(copying):
    translation = copying().search(["ja", "ein Hund"], alignments=True)[0][0]
    np.testing.assert_array_equal(translation.alignment, np.eye(4))  # the longer line's padding is cut off
    assert copying(attends=False).search(["ja"], alignments=True)[0][0].alignment is None


def test_long_lines_are_translated_in_parts_and_nothing_is_lost(copying):
    line = "ein Hund und zwei Katzen. ein Hund, drei Katzen und vier, ja! zwei kleine Katzen"
    translator = copying(max_source_length=16)
    words, letters = "ja " * 5000, "j" * 5000
    assert translator.translate([line, "ja", words, letters]) == [line, "ja", words.strip(), letters]
    assert max(width for _, width in translator.engine.batches) == 16


def test_the_parts_of_a_line_add_up(copying):
    line = "ein Hund, zwei Katzen"
    parts = copying().search(["ein Hund,", "zwei Katzen"], alignments=True)
    ((whole, *others),) = copying(max_source_length=16).search([line], n_best=3, alignments=True)
    first, second = (part[0] for part in parts)
    assert whole.text == line
    assert whole.log_prob == pytest.approx(first.log_prob + second.log_prob, rel=1e-5)
    assert whole.score == pytest.approx((first.score + second.score) / 2, rel=1e-5)
    assert whole.source_pieces == first.source_pieces + second.source_pieces
    np.testing.assert_array_equal(whole.alignment, np.eye(len(whole.source_pieces)))
    assert whole.score >= others[0].score >= others[1].score


def test_unusual_characters_are_translated_like_others(copying, tokenizer):
    lines = ["\x00", "a\x00b", "🦄🦄", "\ufffd", "日本語", "x\u2028y", "\u0301"]
    assert copying().translate(lines) == tokenizer.decode(tokenizer.encode(lines))


def test_a_broken_model_is_named_instead_of_translating(copying):
    with pytest.raises(ValueError, match="no probabilities for 'ja'.*not finite"):
        copying(broken=True).translate(["ja"])


def test_wrong_options_are_named(copying):
    with pytest.raises(TypeError, match="no search option beamsize. Did you mean beam_size?"):
        copying().translate(["ja"], beamsize=5)
    with pytest.raises(ValueError, match="beam_size is 0"):
        copying().translate(["ja"], beam_size=0)


def test_the_longest_translation_follows_from_the_source_alone(copying):
    (found,) = copying().search(["ja"], min_length=50, max_length_factor=1.0)
    assert len(found[0].target_pieces) == 14  # 4 source tokens and 10; the maximum holds against the minimum


def test_constraints_are_fulfilled_and_counted(copying):
    lines = ["ein Hund", "", "drei"]
    first, third = TextConstraints(required=["zwei"]), TextConstraints(prefix="ja", forbidden=["drei"])
    constraints = [first, TextConstraints(), third]
    first, blank, third = copying().translate(lines, constraints=constraints)
    assert "zwei" in first and blank == "" and third.startswith("ja") and "drei" not in third
    with pytest.raises(ValueError, match="There are 3 lines, but constraints for 1"):
        copying().translate(lines, constraints=constraints[:1])


def test_constraints_of_a_whole_text_are_checked_at_once(copying):
    copying().check_constraints([TextConstraints(required=["zwei"]), TextConstraints()])
    with pytest.raises(ValueError, match="A required phrase of sentence 3 is empty"):
        copying().check_constraints([TextConstraints(), TextConstraints(), TextConstraints(required=[""])])


def test_a_translator_cannot_be_changed(copying):
    translator = copying()
    for name in ("engine", "precision", "model", "other"):
        with pytest.raises(AttributeError):
            setattr(translator, name, None)
    before = dict(vars(translator))
    translator.search(LINES, n_best=2, alignments=True, constraints=[TextConstraints(forbidden=["ja"])] * len(LINES))
    assert vars(translator) == before == {"engine": translator.engine}  # nothing is kept between calls either


@pytest.mark.parametrize("kind", ["TensorFlow", "ONNX"])
def test_threads_with_different_options_share_a_translator(model, archive, kind):
    translator = Translator(TensorFlowEngine(model) if kind == "TensorFlow" else OnnxEngine.of_archive(archive))
    jobs = [
        {"beam_size": 1},
        {"beam_size": 3, "n_best": 3, "alignments": True},
        {"search": "sample", "n_best": 2, "seed": 7},
        {"constraints": [TextConstraints(required=["ja"])] * len(LINES)},
    ]

    def search(job):
        return [one for found in translator.search(LINES, **job, **LIMITED) for one in found]

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(search, jobs * 3))
    for job, found in zip(jobs * 3, together, strict=True):
        expected = search(job)
        assert [one.text for one in found] == [one.text for one in expected]
        assert [one.score for one in found] == pytest.approx([one.score for one in expected], rel=1e-5)


def test_an_exported_model_has_no_keras_model(archive):
    with pytest.raises(ValueError, match="runs exported graphs, without a Keras model"):
        _ = Translator(OnnxEngine.of_archive(archive)).model


def test_a_model_without_tokenizers_is_refused(model):
    with pytest.raises(ValueError, match="no tokenizers"):
        Translator(TensorFlowEngine(Seq2Seq.from_config(model.get_config())))


def test_a_saved_model_translates_the_same(model, run_folder, tmp_path):
    translator = Translator(TensorFlowEngine(model))
    translator.save(tmp_path / "mine.keras")
    assert Translator.load(tmp_path / "mine.keras").translate(LINES) == translator.translate(LINES)


@pytest.fixture
def translator(archive):
    return Translator(OnnxEngine.of_archive(archive, name="run"))


def test_the_other_sentences_of_a_batch_have_no_influence(translator):
    together = translator.search(LINES, n_best=3, alignments=True, **LIMITED)
    for line, found in zip(LINES, together, strict=True):
        (alone,) = translator.search([line], n_best=3, alignments=True, **LIMITED)
        assert [one.text for one in found] == [one.text for one in alone]
        np.testing.assert_allclose([a.score for a in found], [a.score for a in alone], rtol=1e-4)
        if line.strip():
            np.testing.assert_allclose(found[0].alignment, alone[0].alignment, atol=1e-5)


def test_samples_of_a_line_depend_on_its_place_in_the_text_not_on_its_batch(translator):
    options = {"search": "sample", "n_best": 3, **LIMITED}
    together, apart = (translator.search(["ja"] * 3, batch_tokens=size, **options) for size in (2048, 1))
    texts = [[[one.text for one in found] for found in each] for each in (together, apart)]
    assert texts[0] == texts[1] and texts[0][0] != texts[0][1]


def shortlist_for(model, ids):
    """The same ids for every sentence."""
    tokenizers = model.source_tokenizer, model.target_tokenizer
    nothing = np.full((tokenizers[0].vocab_size, 1), -1)
    return Shortlist(nothing, np.array(ids), vocabularies=tuple(tokenizer.fingerprint for tokenizer in tokenizers))


def test_a_shortlist_of_another_model_is_refused(translator, model, tmp_path):
    more = model.target_tokenizer.extended(["€€"], 1)
    extension = SimpleNamespace(source_tokenizer=model.source_tokenizer, target_tokenizer=more)
    shortlist_for(extension, [5]).save(tmp_path / "list.npz")
    with pytest.raises(ValueError, match="list.npz was learnt for another target .* than run has.*seq2seq shortlist"):
        translator.search(["ein Hund"], beam_size=1, shortlist=Shortlist.load(tmp_path / "list.npz"))


def test_a_shortlist_limits_the_pieces_but_not_the_required_phrases(translator, model, tokenizer):
    limits = {"shortlist": shortlist_for(model, range(4, tokenizer.vocab_size, 2)), **LIMITED}
    pieces = tokenizer.pieces(range(tokenizer.vocab_size))
    allowed = {pieces[3], *pieces[4::2]}
    used = {piece for (found,) in translator.search(LINES, **limits) for piece in found.target_pieces}
    assert used <= allowed
    wanted = next(piece for piece in pieces[5::2] if piece.isalpha())
    constraints = [TextConstraints(required=[wanted])] * len(LINES)
    allowed.update(tokenizer.pieces(tokenizer.encode([wanted])[0]))
    for line, (found,) in zip(LINES, translator.search(LINES, constraints=constraints, **limits), strict=True):
        assert set(found.target_pieces) <= allowed and (wanted in found.text or not line.strip())
        assert found.log_prob > -1e6  # the model gives the phrase a probability


def test_a_predicted_length_is_no_piece_of_the_translation(tokenizer, tmp_path):
    """It counts in the score alone. The file that is exported knows of it, and so does a shortlist."""
    keras.utils.set_random_seed(1)
    parts = {"ending": "length", "num_lengths": 12}
    model = Seq2Seq(
        Encoder(281, 8, GRU(8)),
        RNNDecoder(281, 8, GRU(8), AdditiveAttention(8), **parts),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
    )
    save_model(model, tmp_path / "translator.keras")
    exported = Translator.load(tmp_path)
    options = {"n_best": 3, "alignments": True}
    for found, others in zip(
        exported.search(LINES, **options), Translator(TensorFlowEngine(model)).search(LINES, **options), strict=True
    ):
        assert [one.text for one in found] == [one.text for one in others]
        for one in found:
            assert one.alignment is None or one.alignment.shape == (len(one.target_pieces), len(one.source_pieces))
    (found,), prefix = exported.search(["ja"], constraints=[TextConstraints(prefix="zwei")]), ("▁", "z", "w", "e", "i")
    assert found[0].target_pieces[:5] == prefix and found[0].target_pieces[-1] == "</s>"
    batch = [tokenizer.encode([line])[0] for line in ("ja", found[0].text)]
    ids = {"source_ids": tf.constant([[*batch[0], 3]]), "target_ids": tf.constant([[2, *batch[1], 3]])}
    assert found[0].log_prob == pytest.approx(-float(model.evaluate_batch(ids)["nll_sum"]), rel=1e-4)
    with pytest.raises(ValueError, match="Required phrases do not fit a model that predicts its lengths"):
        exported.search(["ja"], constraints=[TextConstraints(required=["zwei"])])
    listed = exported.search(LINES[:1], shortlist=shortlist_for(model, range(200, 281)))[0][0]
    assert set(listed.target_pieces) <= {"</s>", *tokenizer.pieces([*range(4, 16), *range(200, 281)])}
