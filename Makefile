# make demo    train a small translator on the embedded corpus and show what it does
# make test    the whole suite, but for the tests that need a network
# make check   linter and formatter
#
# Each creates the virtual environment and installs what it needs, once.
# PYTHON chooses the interpreter the environment is made from: make demo PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
INSTALL = $(VENV)/bin/python -m pip install --disable-pip-version-check
ANNOUNCE = @echo "Installing TensorFlow and about 60 other packages into $(VENV):" \
  "about 700 MB to download, 2.4 GB on disk, a few minutes."

.PHONY: demo test check clean
.NOTPARALLEL:

demo: $(VENV)/.installed
	$(VENV)/bin/python recipes/quickstart.py

test: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest -m "not network" --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(VENV)/.installed-test
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "seq2seq needs Python 3.11 or newer; %s is Python %d.%d. Try: make PYTHON=python3.11" \
	  % ((sys.executable,) + sys.version_info[:2]))'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created setup.cfg pyproject.toml
	$(ANNOUNCE)
	$(INSTALL) --editable .
	@touch $@

# The test extra holds all that a demo needs, so one installation serves both.
$(VENV)/.installed-test: $(VENV)/.created setup.cfg pyproject.toml
	$(ANNOUNCE)
	$(INSTALL) --editable '.[test]'
	@touch $(VENV)/.installed $@
