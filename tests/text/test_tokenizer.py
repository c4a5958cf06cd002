import pickle
import subprocess
import sys

import pytest
import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from seq2seq.text.cleaning import clean
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID, Tokenizer

TEXT = [
    "A man rides a horse across the field.",
    "Two dogs run through the snow.",
    "Ein Mann reitet auf einem Pferd über das Feld.",
    "Zwei Hunde laufen durch den Schnee.",
    "Die Männer, die Frauen und die Kinder spielen draußen Fußball!",
] * 4

HOSTILE = [
    "",
    " ",
    "   ",
    "two  spaces",
    " leading",
    "trailing  ",
    "\ttab\t\ttabs\t",
    "emoji 😀👩‍👩‍👧🇩🇪",
    "decomposed e\u0301 and composed é",
    "ligature ﬁ, half ½, full-width Ａ",
    "no-break\u00a0space, ideographic\u3000space, zero\u200bwidth",
    "NUL \0 inside",
    "\0",
    "\ufeffBOM",
    "日本語 и русский 한국어 العربية",
    "<s> </s> <pad> <unk> <0x41>",
    "\U0010ffff\ufffd\ufdd0",
    "▅ block",
    "x" * 5000,
    "word " * 5000,
]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.train(TEXT, vocab_size=310)


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])
def test_every_line_comes_back_clean_without_unknown_or_special_ids(kind):
    tokenizer = Tokenizer.train(TEXT, kind=kind, vocab_size=310)
    ids = tokenizer.encode(HOSTILE + TEXT)
    assert tokenizer.decode(ids) == [clean(line) for line in HOSTILE + TEXT]
    assert min(map(min, filter(None, ids))) > EOS_ID


def test_decoded_text_is_one_line(tokenizer):
    breaks = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
    assert tokenizer.decode(tokenizer.encode([breaks.join("ab")])) == ["a b"]
    newline_byte = tokenizer._processor.piece_to_id("<0x0A>")
    assert newline_byte != UNK_ID and tokenizer.decode([[newline_byte]]) == [" "]


def test_decode_stops_at_the_end_and_skips_padding(tokenizer):
    (ids,) = tokenizer.encode(["dogs run"])
    row = [BOS_ID, PAD_ID, *ids, EOS_ID, *ids, PAD_ID]
    assert tokenizer.decode([row, [EOS_ID], []]) == ["dogs run", "", ""]


def test_bytes_that_are_no_character_become_a_replacement_character(tokenizer):
    lone_byte = tokenizer._processor.piece_to_id("<0xFF>")
    assert tokenizer.decode([[lone_byte]]) == ["\ufffd"]


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char", "word"])
def test_save_and_load(kind, tmp_path):
    tokenizer = Tokenizer.train(TEXT, kind=kind, vocab_size=20 if kind == "word" else 310)
    path = tmp_path / "new" / "tokenizer.model"
    tokenizer.save(path)
    loaded = Tokenizer.load(path)
    assert loaded == tokenizer and hash(loaded) == hash(tokenizer)
    assert (loaded.kind, loaded.vocab_size) == (kind, tokenizer.vocab_size)
    assert pickle.loads(pickle.dumps(tokenizer)).encode(TEXT) == tokenizer.encode(TEXT)


def test_pieces(tokenizer):
    (ids,) = tokenizer.encode(["dogs run"])
    assert "".join(tokenizer.pieces(ids)) == "▁dogs▁run"
    assert tokenizer.pieces([PAD_ID, UNK_ID, BOS_ID, EOS_ID]) == ["<pad>", "<unk>", "<s>", "</s>"]


def test_sampling_has_a_range_and_needs_several_segmentations(tokenizer):
    assert tokenizer.sample(TEXT, alpha=0, seed=7) == tokenizer.encode(TEXT)
    with pytest.raises(ValueError, match="from 0"):
        tokenizer.sample(TEXT, alpha=-1, seed=1)
    with pytest.raises(ValueError, match="A char tokenizer has one segmentation only"):
        Tokenizer.train(TEXT, kind="char", vocab_size=300).sample(TEXT, alpha=0.1, seed=1)


def test_a_word_tokenizer_knows_the_words_of_its_vocabulary():
    tokenizer = Tokenizer.train(TEXT + ["x" * 9000], kind="word", vocab_size=20)
    assert tokenizer.vocab_size == 20
    (ids,) = tokenizer.encode(["the  unheard-of dogs"])
    assert UNK_ID in ids
    assert tokenizer.decode([[UNK_ID, *tokenizer.encode(["the"])[0], UNK_ID]]) == ["⁇ the ⁇"]


def test_bad_input_is_named(tokenizer):
    with pytest.raises(TypeError, match="Put it in a list"):
        tokenizer.encode("abc")
    with pytest.raises(ValueError, match="Line 1 of 2 holds half a surrogate pair"):
        tokenizer.encode(["a", "b\ud800"])
    with pytest.raises(ValueError, match="Id 5000 is not in this tokenizer"):
        tokenizer.decode([[5000]])


def test_foreign_models_are_refused(tmp_path):
    for model in (b"", b"junk"):
        with pytest.raises(ValueError, match="no SentencePiece model"):
            Tokenizer(model)
    with pytest.raises(FileNotFoundError, match="no tokenizer file"):
        Tokenizer.load(tmp_path / "nothing")
    text = tmp_path / "text"
    text.write_text("\n".join(TEXT))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(tmp_path / "other"), vocab_size=60, minloglevel=2
    )
    with pytest.raises(ValueError, match=r"other.model: .* expected \(0, 1, 2, 3\)"):
        Tokenizer.load(tmp_path / "other.model")


def with_rules(field):
    """A change of a model: its rules for cleaning or decoding make 1,000 characters of each "a"."""

    def change(model):
        rules = sentencepiece.SentencePieceNormalizer(norm_map=[("a", "x" * 1000)]).serialized_normalizer_spec()
        getattr(model, field).MergeFromString(rules)

    return change


def with_long_unknown(model):
    model.trainer_spec.unk_surface = "x" * 1000


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (with_rules("normalizer_spec"), "a rule for cleaning"),
        (with_rules("denormalizer_spec"), "a rule for cleaning"),
        (with_long_unknown, "an unknown word"),
    ],
)
def test_a_model_that_makes_pages_of_words_is_refused(tokenizer, change, what):
    model = sentencepiece_model_pb2.ModelProto.FromString(tokenizer.model)
    change(model)
    with pytest.raises(ValueError, match=f"writes 1,000 bytes for {what}; at most 100 make sense"):
        Tokenizer(model.SerializeToString())


def test_usual_rules_for_cleaning_pass(tokenizer):
    model = sentencepiece_model_pb2.ModelProto.FromString(tokenizer.model)
    for rules in ("identity", "nmt_nfkc", "nfkc_cf"):
        spec = sentencepiece.SentencePieceNormalizer(rule_name=rules).serialized_normalizer_spec()
        model.normalizer_spec.CopyFrom(sentencepiece_model_pb2.NormalizerSpec.FromString(spec))
        assert Tokenizer(model.SerializeToString()).encode(["a b"])


def test_training_is_silent_and_the_same_in_another_process():
    code = f"from seq2seq.text import Tokenizer; print(Tokenizer.train({TEXT!r}, vocab_size=310).fingerprint)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert run.stdout.strip() == Tokenizer.train(TEXT, vocab_size=310).fingerprint
