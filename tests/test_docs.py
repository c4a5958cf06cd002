"""The pages for users: what they link to exists."""

import re

import pytest
from toys import ROOT

PAGES = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "benchmarks/README.md", *sorted(ROOT.glob("docs/*.md"))]


@pytest.mark.parametrize("page", [ROOT / page for page in PAGES], ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []
