import pytest
from sacrebleu.metrics import BLEU
from sacrebleu.tokenizers import tokenizer_spm

from seq2seq.text import bleu_tokenizers
from seq2seq.text.bleu_tokenizers import bleu_metric, check_tokenizer, no_4_grams_warning, tokenizer_for

CHINESE = "两只狗在旧公园里跑，一个男人骑着一匹很大的棕色的马。"
JAPANESE = "二匹の犬が古い公園を走り、男の人が大きな茶色の馬に乗っている。"
THAI = "สุนัขสองตัววิ่งในสวนสาธารณะเก่า"


TEXTS = {
    "13a": [
        "Zwei Hunde laufen im alten Park.",
        "Две собаки бегут в старом парке.",
        "두 마리의 개가 오래된 공원에서 달립니다.",  # Korean puts spaces between words
        "किताब मेज़ पर है। كتاب على الطاولة",
        "The film 卧虎藏龙 was shown in the old cinema.",
        "12:30 +49 2000 !",  # no letter
        "",
    ],
    "zh": [
        CHINESE,
        "我用 TensorFlow 和 Keras 训练一个模型。",  # most letters are Latin, most words are not
    ],
    "char": [
        *(JAPANESE, "カタカナ ﾊﾝｶｸ", THAI, "ສະບາຍດີ", "សួស្តី", "မင်္ဂလာပါ", "བཀྲ་ཤིས་བདེ་ལེགས།", CHINESE + THAI),
        "\U00020000\U00020001\U0002a6d6",  # Chinese that sacreBLEU's zh leaves in one piece
    ],
}


@pytest.mark.parametrize("tokenizer", TEXTS)
def test_the_script_decides(tokenizer):
    for text in TEXTS[tokenizer]:
        assert tokenizer_for([text]) == tokenizer, text
        perfect = bleu_metric("auto", [text]).corpus_score([text], [[text]])
        assert (perfect.score == pytest.approx(100)) == (no_4_grams_warning("it", [text], tokenizer) is None)


def test_all_lines_decide_together():
    assert tokenizer_for([CHINESE, "", "OK"]) == tokenizer_for(["OK", CHINESE]) == "zh"
    assert tokenizer_for([]) == "13a"
    assert tokenizer_for([CHINESE], "intl") == "intl"


def test_an_unknown_tokenizer_is_refused_with_the_nearest_one():
    with pytest.raises(ValueError, match="Unknown tokenizer 'jp-mecab' .* Did you mean ja-mecab. .*flores200"):
        check_tokenizer("jp-mecab")
    with pytest.raises(ValueError, match="Unknown tokenizer '' for BLEU. Choose one of auto, none, zh, 13a"):
        bleu_metric("")
    for name in ("auto", *BLEU.TOKENIZERS):
        check_tokenizer(name)


@pytest.mark.parametrize("module", ["ja_mecab", "ko_mecab"])
def test_a_tokenizer_without_its_package_says_so_in_one_line(module, monkeypatch):
    monkeypatch.setattr(f"sacrebleu.tokenizers.tokenizer_{module}.MeCab", None)
    with pytest.raises(ValueError, match=r"mecab of sacreBLEU cannot be loaded: .* pip install sacrebleu\[..\]$"):
        bleu_metric(module.replace("_", "-"))


def test_a_model_is_fetched_with_a_warning_and_refused_without_a_network(monkeypatch, tmp_path, caplog):
    def no_network(url, path):
        raise OSError("no route to host")

    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_spm.download_file", no_network)
    for module in (bleu_tokenizers, tokenizer_spm):
        monkeypatch.setattr(module, "SACREBLEU_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="the tokenizer flores200 of sacreBLEU cannot be loaded: no route to host"):
        bleu_metric("flores200")
    assert "sacreBLEU fetches its tokenizer flores200 from https" in caplog.text and str(tmp_path) in caplog.text


@pytest.mark.parametrize(
    ("lines", "tokenizer"),
    [
        (["Hund", "Katze"], "13a"),
        ([CHINESE[:9]], "13a"),
        (["狗", "大猫"], "zh"),
        (["eins zwei drei"], "none"),
    ],
)
def test_a_text_without_4_grams_gets_a_warning(lines, tokenizer):
    why = f"no line has four tokens in a row (tokenizer {tokenizer})"
    assert no_4_grams_warning("test.de", lines, tokenizer) == f"BLEU is no measure of test.de: {why}. Go by chrF."
    assert bleu_metric(tokenizer).corpus_score(lines, [lines]).score == 0
    assert no_4_grams_warning("test.de", [*lines, "a b c d"], tokenizer) is None
