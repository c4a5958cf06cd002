"""Fine-tuning on a few pairs of a new kind: what is learnt, and what is forgotten with and without mixing.

    python benchmarks/finetuning.py RUN --data-dir data/multi30k

RUN, a finished run of Multi30k en→de, is fine-tuned on 500 sentences of the embedded grammar, alone and mixed with
captions; and with `--extend-vocab` on 500 captions that name their photographer in Greek letters, for which its
vocabulary has only bytes. A finished fine-tuning is not repeated, an interrupted one goes on.
"""

import dataclasses
import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed
sys.path.insert(0, str(Path(__file__).parents[1] / "recipes"))  # the grammar

import tyro
from turns import where

NEW, VALID, TEST = 500, 200, 500  # pairs of the new kind
FIRST_NAMES = (
    "Γιώργος Ελένη Νίκος Μαρία Κώστας Σοφία Δημήτρης Αθηνά Θεόδωρος Ζωή Ξένια Φώτης Χρήστος Βασιλική Ρένα".split()
)
LAST_NAMES = "Παπαδόπουλος Οικονόμου Ιωάννου Καραγιάννης Μακρής Λαμπράκη Βλάχος Ψυχάρης Τσουκαλά Ζέρβας".split()


@dataclasses.dataclass(frozen=True)
class Options:
    """What to fine-tune."""

    run: tyro.conf.Positional[Path]
    """Finished run of Multi30k."""
    data_dir: Path = Path("data/multi30k")
    """Folder of the corpus."""
    folder: Path = Path("runs/finetuning")
    """Folder for corpora and runs."""
    max_updates: int = 800
    """Updates of each."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""
    only: tuple[Literal["grammar", "grammar-mixed", "names-extended"], ...] = ()
    """These in this process, to have several side by side; the table is made without."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Write the corpora, fine-tune, print."""
    from seq2seq.training.options import MixOptions

    options.folder.mkdir(parents=True, exist_ok=True)
    write_grammar(options.folder)
    write_names(options.folder, options.data_dir)
    captions = {"source": (options.data_dir / "train.en",), "target": (options.data_dir / "train.de",)}
    ways = {  # the name begins with the kind of pairs
        "grammar": ("500 sentences of the grammar", {}),
        "grammar-mixed": ("the same, with 10 % of the captions", {"mix": MixOptions(**captions, weight=(0.1,))}),
        "names-extended": (
            "Greek names, 100 new pieces, with 5 % of the captions",
            {"mix": MixOptions(**captions, weight=(0.05,)), "extend_vocab": 100},
        ),
    }
    for slug in options.only:
        tuned(options, slug, **ways[slug][1])
    if options.only:
        return
    lines = [
        f"{options.max_updates} updates each. {where()}",
        "",
        "| learnt from | new kind: before | after | captions: before | after |",
        "|---|---|---|---|---|",
    ]
    for slug, (name, way) in ways.items():
        kind, run = kind_of(slug), tuned(options, slug, **way)
        report = json.loads((run.finished.path / "finetune.json").read_text(encoding="utf-8"))["tests"]
        cells = []
        for test in (f"{kind}.test.en", "test_2016_flickr.en"):
            before, after = (report[test][when]["bleu"]["value"] for when in ("before", "after"))
            p_value = report[test]["p_value"]["bleu"]
            cells += [f"{before:.1f}", f"{after:.1f} ({after - before:+.1f}, p = {p_value:.3f})"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", *names_found(options, run)]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def kind_of(slug: str) -> str:
    """What a fine-tuning of this name learns from."""
    return slug.partition("-")[0]


def tuned(options: Options, slug: str, **way: Any) -> Any:
    """The outcome of one fine-tuning, tested on the new kind and on captions."""
    from seq2seq.tasks.options import ParallelFiles, TestFiles
    from seq2seq.training.finetune import finetune
    from seq2seq.training.options import FinetuneOptions

    def files(part: str) -> list[Path]:
        return [options.folder / f"{kind_of(slug)}.{part}.{language}" for language in ("en", "de")]

    def parallel(part: str) -> ParallelFiles:
        source, target = files(part)
        return ParallelFiles(source=source, target=target)

    captions = [options.data_dir / f"test_2016_flickr.{language}" for language in ("en", "de")]
    source, target = zip(files("test"), captions, strict=True)
    config = FinetuneOptions(
        parent=options.run,
        run_dir=options.folder / slug,
        train=parallel("train"),
        valid=parallel("valid"),
        test=TestFiles(source=source, target=target),
        max_updates=options.max_updates,
        validation=dataclasses.replace(FinetuneOptions.validation, every=options.max_updates // 4, samples=0),
        threads=options.threads,
        **way,
    )
    return finetune(config)


def write_grammar(folder: Path) -> None:
    """Sentences of the embedded grammar, none in two parts."""
    from grammar import corpus

    for part, split in corpus(seed=1, train=NEW, valid=VALID, test=TEST).items():
        write(folder / f"grammar.{part}", split.source_lines, split.target_lines)


def write_names(folder: Path, data_dir: Path) -> None:
    """Captions of each part, with a photographer."""
    chance = random.Random(1)
    for part, captions, count in (("train", "train", NEW), ("valid", "val", VALID), ("test", "test_2016_flickr", TEST)):
        sides = [
            (data_dir / f"{captions}.{language}").read_text(encoding="utf-8").splitlines() for language in ("en", "de")
        ]
        pairs = chance.sample(list(zip(*sides, strict=True)), count)
        names = [f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}" for _ in pairs]
        write(
            folder / f"names.{part}",
            [f"Photo by {name}: {english}" for name, (english, _) in zip(names, pairs, strict=True)],
            [f"Foto von {name}: {german}" for name, (_, german) in zip(names, pairs, strict=True)],
        )


def write(path: Path, source: Iterable[str], target: Iterable[str]) -> None:
    """Both sides as files."""
    for language, lines in (("en", source), ("de", target)):
        Path(f"{path}.{language}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def names_found(options: Options, run: Any) -> list[str]:
    """What became of the Greek names: pieces each, and how many the translations spell right."""
    from seq2seq.translator.opening import read_tokenizers

    lines = (options.folder / "names.test.en").read_text(encoding="utf-8").splitlines()
    names = [line.removeprefix("Photo by ").partition(":")[0] for line in lines]
    found = []
    for who, place in (("the parent", options.run), ("extended", run.finished.path)):
        tokenizer, _ = read_tokenizers(place)
        pieces = [tokenizer.pieces(ids) for ids in tokenizer.encode(names)]
        num_bytes = sum(piece.startswith("<0x") for name in pieces for piece in name)
        per_name = sum(map(len, pieces)) / len(names)
        found.append(f"{who}: {per_name:.1f} pieces a name, {num_bytes:,} of them bytes")
    spelt = sum(
        name in text for name, text in zip(names, run.finished.results["names.test.en"].hypotheses, strict=True)
    )
    folders = (options.folder / "grammar", run.finished.path)
    parents, extended = ((folder / "test_2016_flickr.en.before.txt").read_bytes() for folder in folders)
    same = "the same to the byte as" if parents == extended else "not those of"
    return [
        f"Greek names: {'; '.join(found)}; {spelt} of {len(names)} are spelt right in the translations.",
        f"Before training, the extended model's translations of the captions are {same} the parent's.",
    ]


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
