"""Prints some sentences of the embedded corpus and its figures: `python -m grammar` in the folder `recipes`."""

from grammar import sentence_pairs
from grammar.measure import figures

if __name__ == "__main__":
    for english, german in sentence_pairs(10, seed=1):
        print(f"{english}\n    {german}")
    print(figures(draw_also=200_000))
