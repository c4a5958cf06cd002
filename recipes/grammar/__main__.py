"""Prints the figures of the embedded corpus and some of its sentences: `python -m grammar` in this folder."""

from grammar import sentence_pairs
from grammar.measure import figures

if __name__ == "__main__":
    for english, german in sentence_pairs(10, seed=1):
        print(f"{english}\n    {german}")
    print(figures(draw_also=200_000))
