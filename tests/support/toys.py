"""Recipes as modules, and toy corpora to run them on."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

from sentences import sentence_pairs

from seq2seq.groups import as_json
from seq2seq.tasks.options import ParallelFiles, TestFiles

ROOT = Path(__file__).parents[2]


def load(kind, name):
    """A recipe or script as a module: they stand beside the package, not in it."""
    spec = importlib.util.spec_from_file_location(f"{kind}_{name}", ROOT / kind / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_corpus(folder, **sizes):
    """Write NAME.en and NAME.de for each `name=size`; no sentence is in two of them. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = iter(sentence_pairs(sum(sizes.values())))
    for name, size in sizes.items():
        english, german = zip(*(next(pairs) for _ in range(size)), strict=True)
        for language, lines in ("en", english), ("de", german):
            (folder / f"{name}.{language}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def files(folder, *parts):
    """Options that name the corpora of `write_corpus`: the groups train, valid and test, as a dictionary."""
    options = {}
    for part in parts:
        source, target = folder / f"{part}.en", folder / f"{part}.de"
        if part == "test":
            options[part] = TestFiles(source=(source,), target=(target,))
        else:
            options[part] = ParallelFiles(source=source, target=target)
    return options


def arguments(config, defaults):
    """What to type for `config`: an argument for each option that differs from the defaults."""
    typed, before = [], as_json(defaults)
    for name, value in as_json(config).items():
        if value != before[name] and isinstance(value, bool):
            group, dot, switch = name.replace("_", "-").rpartition(".")
            typed += [f"--{group}{dot}{switch if value else 'no-' + switch}"]
        elif value != before[name]:
            typed += ["--" + name.replace("_", "-"), *(value if isinstance(value, list) else [str(value)])]
    return typed


def tiny_run(folder):
    """Run the quickstart's TINY on 60 sentence pairs in files; returns the run folder."""
    quickstart = load("recipes", "quickstart")
    corpus = write_corpus(folder / "corpus", train=60, valid=8, test=6)
    data = dataclasses.replace(quickstart.TINY.data, max_length=60)
    options = {"run_dir": folder / "run", "data": data, **files(corpus, "train", "valid", "test")}
    quickstart.run_recipe(dataclasses.replace(quickstart.TINY, **options))
    return folder / "run"
