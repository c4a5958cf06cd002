"""Real sentences to test with."""

from pathlib import Path


def sentence_pairs(count: int) -> list[tuple[str, str]]:
    """The first (English, German) pairs of sentences.tsv, which are all different. There are 300."""
    rows = Path(__file__).with_name("sentences.tsv").read_text(encoding="utf-8").splitlines()
    assert count <= len(rows), f"{count} sentence pairs were asked for; sentences.tsv has {len(rows)}."
    return [tuple(row.split("\t")) for row in rows[:count]]
