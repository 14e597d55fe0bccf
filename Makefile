# The LSTM lecture companion. Every command sets up what it needs in .venv, once;
# test-colab in .venv-colab.
#   PYTHON       the Python (3.11 or newer) that makes .venv
#   TORCH_INDEX  a further wheel index for torch; on Linux without a GPU, PyTorch's own small CPU build:
#                make lecture TORCH_INDEX=https://download.pytorch.org/whl/cpu
ifeq ($(OS),Windows_NT)
PYTHON ?= python
else
PYTHON ?= python3
endif
TORCH_INDEX ?=
AT ?=
PORT ?= 8888
ARGS ?=
export TORCH_INDEX

.DEFAULT_GOAL := help
.PHONY: lecture test test-colab notebooks colab slides picture frames site bench results lint clean help

lecture: ## open the lecture in JupyterLab; AT=06 picks the notebook, PORT=8888 the port
	@"$(PYTHON)" tools/lecture.py --at "$(AT)" --port "$(PORT)"

test: ## run every test: ruff, units, properties, parity, notebooks, browser; ARGS go to pytest
	@"$(PYTHON)" tools/check.py $(ARGS)

test-colab: export LSTM_COLAB = 1
test-colab: ## run notebooks and widgets in Colab's versions, in the classic notebook too; ARGS go to pytest
	@"$(PYTHON)" tools/check.py $(ARGS)

notebooks: ## run every notebook again and save its outputs; AT=06 only that one, AT=slides the lecture's
	@"$(PYTHON)" tools/execute.py --at "$(AT)"

colab: ## write Colab badges and set-up cells for REPO=owner/name; REPO= takes the badges away
	@"$(PYTHON)" tools/setup_cells.py $(if $(filter-out undefined,$(origin REPO)),--repo "$(REPO)")

slides: ## build slides/lecture.html, one file for a hall without network; PDFs of it and its notes
	@"$(PYTHON)" tools/slides.py $(if $(filter-out undefined,$(origin REPO)),--repo "$(REPO)") $(ARGS)

picture: ## take the README's moving picture of the Gate Lab anew, from the real thing
	@"$(PYTHON)" tools/moving_picture.py

frames: ## draw the pictures of Python's sliders beforehand, so that they move on the site too; AT=13 those of one notebook
	@"$(PYTHON)" tools/frames.py --at "$(AT)"

site: ## build the static site in build/site; REPO=owner/name adds links to Colab and Binder, else the remembered one does
	@"$(PYTHON)" tools/website.py $(if $(filter-out undefined,$(origin REPO)),--repo "$(REPO)")

bench: ## time the core beside torch and other libraries, as ratios
	@"$(PYTHON)" tools/environment.py lecture live markets trading slides test -- -m benchmarks $(ARGS)

results: ## compute what is too long for a notebook, row by row, and only what is missing or stale; ARGS="--list" says what
	@"$(PYTHON)" tools/environment.py lecture live markets trading cluster test -- -m lstm_core.studies $(ARGS)

lint: ## run ruff alone, over .py and .ipynb
	@"$(PYTHON)" tools/environment.py test -- -m ruff check .

clean: ## delete caches and what tests left behind; delete .venv by hand to install afresh
	rm -rf artefacts build dist .pytest_cache .ruff_cache .hypothesis .coverage htmlcov

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
