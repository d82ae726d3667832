# One command per check, the same here and in CI. Each target prints its seconds.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
LITELLM := .benchmarks/litellm
SOURCES := stacks scripts rehearsal vllm_image app_image/gateway examples benchmarks tests fabfile.py
# docs/NAME.md is what `python -m scripts.NAME.page` prints; a test compares.
PAGES := cost permissions security
# $(call timed,NAME,COMMANDS): run, then say how long it took.
timed = @started=$$(date +%s); $(2); echo "make $(1): $$(( $$(date +%s) - started )) s"

.PHONY: help setup rehearse test check format docs benchmark-gateway lock clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(STAMP) ## Install everything into .venv

rehearse: $(STAMP) ## Play a whole release on this machine, under load
	$(call timed,rehearse,$(BIN)/fab rehearsal.run)

test: $(STAMP) ## Run all tests: the fast ones first, then those that start the rehearsal
	@rm -f .coverage .coverage.*
	$(call timed,test (unit),$(BIN)/python -m pytest -m "not slow" -n 2)
	$(call timed,test (slow),$(BIN)/coverage run -m pytest -m slow)
	@# Measuring doubles the time of the fast tests; the engine's alone complete what the slow ones do not reach.
	$(call timed,test (coverage),$(BIN)/coverage run -m pytest tests/scripts)
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report

check: $(STAMP) ## Check format, lint and types
	$(call timed,check,$(BIN)/ruff format --check $(SOURCES) && $(BIN)/ruff check $(SOURCES) && $(BIN)/mypy)

format: $(STAMP) ## Format, and mend what the linter can mend
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

docs: $(STAMP) ## Write the pages that are made of what the program declares
	@for page in $(PAGES); do \
	  $(BIN)/python -m scripts.$$page.page > docs/$$page.md.draft && mv docs/$$page.md.draft docs/$$page.md || exit 1; done

benchmark-gateway: $(STAMP) $(LITELLM)/.installed ## Measure the gateway beside LiteLLM's proxy (ARGUMENTS=--quick: two minutes)
	$(call timed,benchmark-gateway,$(BIN)/python -m benchmarks.gateway $(ARGUMENTS))

lock: $(STAMP) ## Resolve the dependencies afresh
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --no-emit-index-url --no-emit-find-links -c requirements.lock app_image/requirements.in -o app_image/requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --no-emit-index-url --no-emit-find-links benchmarks/gateway/litellm.in -o benchmarks/gateway/litellm.lock

clean: ## Remove what the targets made, the running rehearsal excepted
	rm -rf .venv .benchmarks .mypy_cache .ruff_cache .hypothesis .coverage*

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V 2>&1): make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "installing into .venv (about a minute and a half, once)"
	@started=$$(date +%s); \
	  $(PYTHON) -m venv .venv; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .; \
	  mkdir -p .rehearsal; echo $$(( $$(date +%s) - started )) > .rehearsal/install_seconds; \
	  echo "installed in $$(cat .rehearsal/install_seconds) s"; touch $(STAMP)

# Nothing of LiteLLM's comes near .venv.
$(LITELLM)/.installed: benchmarks/gateway/litellm.lock | $(STAMP)
	@echo "installing LiteLLM's proxy into $(LITELLM) (once)"
	@rm -rf $(LITELLM); mkdir -p $(dir $(LITELLM)); $(BIN)/python -m venv $(LITELLM)
	@$(LITELLM)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || \
	  { echo "LiteLLM cannot be installed here: $(BIN)/python -m benchmarks.gateway --without-litellm measures the rest"; exit 1; }
	@touch $@
