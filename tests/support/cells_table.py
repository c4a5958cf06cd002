"""Writes what each cell of the registry passed as a Markdown table: `pytest ... --cells-table FILE`."""

from pathlib import Path

COLUMNS = {
    "test_equals_the_equations_run_over_each_sentence_alone": "equation",
    "test_gradients_are_those_of_finite_differences": "gradient",
    "test_more_padding_and_what_stands_in_it_change_nothing": "mask",
    "test_a_whole_sequence_equals_its_steps_one_by_one": "whole = steps",
    "test_saved_and_loaded_it_gives_the_same_logits": "save",
    "test_a_run_resumed_from_a_checkpoint_ends_with_the_same_weights": "resume",
    "test_exported_it_translates_alike_without_tensorflow": "export",
    "test_learns_to_reverse_digits": "learns reversal",
}
HEADER = f"| cell | {' | '.join(COLUMNS.values())} |"


class CellsTable:
    """A plugin of pytest that collects the outcomes of the tests in `COLUMNS`, each of which has an argument `cell`.

    Args:
        path: the file. A table that is in it already is replaced.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.cells = {}  # id of a test -> value of its argument `cell`
        self.outcomes = {}  # (cell, column) -> whether each of its tests passed

    def pytest_collection_modifyitems(self, items):
        for item in items:
            if item.originalname in COLUMNS and "cell" in item.callspec.params:
                self.cells[item.nodeid] = item.callspec.params["cell"], COLUMNS[item.originalname]

    def pytest_runtest_logreport(self, report):
        if report.nodeid in self.cells and (report.when == "call" or not report.passed):
            self.outcomes.setdefault(self.cells[report.nodeid], []).append(report.passed)

    def pytest_sessionfinish(self):
        text = self.path.read_text("utf-8") if self.path.exists() else HEADER
        before, _, after = text.partition(HEADER)
        _, end, after = after.partition("\n\n")
        self.path.write_text(before + table(self.outcomes) + (end + after or "\n"), encoding="utf-8")


def table(outcomes):
    """The table: yes where all tests of a cell and its variants passed, NO where one failed, - where none ran."""
    from tiny import CELLS as tested

    from seq2seq.registry import CELLS

    rows = [HEADER, "|---" * (len(COLUMNS) + 1) + "|"]
    for name in CELLS:
        variants = {name, *(variant for variant, make in tested.items() if type(make()) is CELLS[name])}
        passed = [sum((outcomes.get((one, column), []) for one in variants), []) for column in COLUMNS.values()]
        ticks = ["yes" if all(one) and one else "NO" if one else "-" for one in passed]
        rows.append(f"| `{name}` | {' | '.join(ticks)} |")
    return "\n".join(rows)
