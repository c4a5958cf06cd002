"""The pages for users: what they link to exists."""

import inspect
import re

import pytest
from toys import ROOT

from seq2seq.registry import CELLS

PAGES = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "benchmarks/README.md", *sorted(ROOT.glob("docs/*.md"))]


@pytest.mark.parametrize("page", [ROOT / page for page in PAGES], ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_every_cell_has_a_section_with_its_options():
    page = (ROOT / "docs" / "recurrences.md").read_text("utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(CELLS)
    for name, section in sections.items():
        parameters = inspect.signature(CELLS[name]).parameters.values()
        options = {one.name for one in parameters if one.default is not inspect.Parameter.empty}
        assert options == options & set(re.findall(r"`(\w+)`", section)), name
        assert CELLS[name].__module__.replace(".", "/") + ".py)" in section


def test_links_within_the_page_of_recurrences_lead_somewhere():
    page = (ROOT / "docs" / "recurrences.md").read_text("utf-8")
    headings = [re.sub(r"[^\w -]", "", title.lower()) for title in re.findall(r"^#+ (.*)$", page, re.MULTILINE)]
    anchors = {heading.replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) - anchors == set()
