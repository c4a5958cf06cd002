"""Multi30k: image captions, from English to German or between any two of English, German, French and Czech.

    python recipes/multi30k.py --data-dir data/multi30k --run-dir runs/multi30k --max-minutes 90

Data: 29 000 pairs for training, 1 014 for validation and 1 000 for the test (test_2016_flickr; Elliott et al., 2016),
read from the folder --data-dir. Missing files are downloaded from the public repository multi30k/dataset and checked:
English and German by their sha256, French and Czech by their number of lines.

Model: bidirectional GRU encoder, conditional GRU decoder with additive attention inside the recurrence (Sennrich et
al., 2017). Both languages share one vocabulary, and its embedding table is also the output layer.

Expected result: 40.8 BLEU on test_2016_flickr after 90 minutes (7 900 updates) on two cores of a 2.5 GHz Xeon, and 37
in validation after half an hour. BLEU is sacreBLEU's, cased, with beam 5; its signature is
nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0.

Variations:
- attention outside the recurrence: --model.decoder rnn (1.5 times as fast; 0.6 BLEU less after as many updates)
- another model: --model.cell lstm, --model.layers 2, --model.attention general
- scheduled sampling, where the decoder reads some of its own tokens: --max-updates 8000 --sampling.way parallel
- a curriculum, which starts with easy pairs: --max-updates 8000 --curriculum.by length

`seq2seq finetune RUN` continues a finished run: on another corpus, or by minimum risk training (--risk.metric bleu).

The same model learns from your own text, in any two languages:

    python recipes/multi30k.py --run-dir runs/mine --train.source F --train.target F --valid.source F --valid.target F

With --test.source F --test.target F a test set is translated and scored at the end.
"""

import dataclasses
import gzip
import io
import logging
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from seq2seq.cli import run
from seq2seq.command_line import parse
from seq2seq.groups import may_change
from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import DataOptions, TranslationValidation, VocabularyOptions
from seq2seq.training import TrainingOptions
from seq2seq.training.options import OptimizerOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus
    from seq2seq.training import FinishedRun

Language = Literal["en", "de", "fr", "cs"]
SOURCE = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw"
SHA256 = {  # of the unpacked text
    "test_2016_flickr.de": "4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
    "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    "train.de": "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
    "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    "val.de": "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
    "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
}
NUM_LINES = {"train": 29_000, "val": 1_014, "test_2016_flickr": 1_000}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of Multi30k."""

    data_dir: Path = may_change(Path("data/multi30k"))
    """Folder of the corpus: {train,val,test_2016_flickr}.{en,de,fr,cs}, plain or .gz. Missing files are downloaded."""
    source_language: Language = "en"
    """Language to translate from."""
    target_language: Language = "de"
    """Language to translate into."""


DEFAULTS = Config(
    run_dir=Path("runs/multi30k"),
    vocab=VocabularyOptions(size=5000, joint=True),
    data=DataOptions(batch_tokens=2000),
    optimizer=OptimizerOptions(learning_rate=0.002, warmup_updates=1000, schedule="inverse_sqrt", average_decay=0.999),
    validation=TranslationValidation(every=500),
    model=ModelOptions(
        cell="gru",
        units=256,
        embedding_dim=256,
        attention="additive",
        decoder="conditional",
        dropout=0.3,
        word_dropout=0.1,
        label_smoothing=0.1,
        tied_output=True,
    ),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    max_updates=4,
    vocab=VocabularyOptions(size=300, joint=True),
    validation=TranslationValidation(every=2),
    model=dataclasses.replace(DEFAULTS.model, units=8, embedding_dim=8),
)


def corpora(config: Config) -> "Corpora":
    """Training, validation and test text of Multi30k in the two languages. Missing files are downloaded."""
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    languages = config.source_language, config.target_language
    if languages[0] == languages[1]:
        raise ValueError(f"--source-language and --target-language are both {languages[0]}; give two languages.")

    def part(name: str) -> "ParallelCorpus":
        paths = [local_file(config.data_dir, f"{name}.{language}") for language in languages]
        corpus = ParallelCorpus.open(*paths)
        if len(corpus) != NUM_LINES[name]:
            raise ValueError(
                f"{paths[0]} and {paths[1]} have {len(corpus)} lines; those of Multi30k have {NUM_LINES[name]}. "
                "Remove them to download them again, or give your own text by --train.source."
            )
        return corpus

    return Corpora(part("train"), part("val"), {"test_2016_flickr": part("test_2016_flickr")})


def local_file(data_dir: Path, name: str) -> Path:
    """Path of a file of the corpus, plain or gzipped. If `data_dir` has neither, the file is downloaded."""
    for path in (data_dir / name, data_dir / f"{name}.gz"):
        if path.exists():
            return path
    import pooch

    url = f"{SOURCE}/{name}.gz"
    logging.getLogger("seq2seq").info(f"fetching {name} into {data_dir}")
    pooch.get_logger().setLevel(logging.WARNING)  # it would log the download again
    try:
        # pooch renames the file to this name once it is complete and its sha256 is right.
        pooch.retrieve(url, SHA256.get(name), fname=name, path=data_dir, downloader=download_and_unpack)
    except (OSError, EOFError, zlib.error) as error:
        by_hand = f"Try again, or download it by hand and save it as {data_dir / name}.gz."
        raise ConnectionError(f"{url} cannot be fetched: {error}. {by_hand}") from error
    return data_dir / name


def download_and_unpack(url: str, path: str, _: object) -> None:
    """A downloader for `pooch.retrieve`: saves the unpacked text of the gzipped file at `url`."""
    import pooch

    packed = io.BytesIO()
    pooch.HTTPDownloader()(url, packed, None)
    Path(path).write_bytes(gzip.decompress(packed.getvalue()))


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there."""
    from seq2seq.training import train

    return train(config, corpora=corpora)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
