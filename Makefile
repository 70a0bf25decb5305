PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIST := dist
# The website of `make site`, and what builds it. No test needs them.
SITE := build/site-venv
# Each file of tests runs in one of three processes: those on the cluster wait while others compute.
PARALLEL = --numprocesses=3 --dist=loadfile --no-loadscope-reorder
# Environment of the tests on the cluster: its kubeconfig, the tools, and the linters that ct calls. Fails without a cluster.
ON_CLUSTER = eval "$$($(PYTHON) -m cluster env)" && PATH="$(CURDIR)/$(BIN):$$PATH"
# What tests on the cluster install or load besides the app.
ADD_ONS = $(PYTHON) -m cluster keda && $(BIN)/python -m tests.e2e.prometheus
WITH_TOOLS = PATH="$(CURDIR)/$(BIN):$${XDG_CACHE_HOME:-$$HOME/.cache}/uvicorn-pod/bin:$$PATH"

# One command for all lock files. PIP_FIND_LINKS would write a local path into them.
COMPILE = env -u PIP_FIND_LINKS $(BIN)/uv pip compile $(UPGRADE) --quiet --generate-hashes --custom-compile-command "make lock"
UV = $(COMPILE) --extra gzip --extra zstd pyproject.toml

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: python ## Create the cluster and install the app; print its URL (VALUES="file …" adds values, KUBERNETES=1.36 takes that version, KEDA=1 also installs KEDA)
	@$(PYTHON) -m cluster up

.PHONY: test
test: ## The tests, also those on the cluster; `make prove` has their long forms
	@$(MAKE) --no-print-directory --jobs=2 up $(VENV)/installed || { echo "error: no cluster or no $(VENV): the reason is above." >&2; exit 1; }
	@$(ADD_ONS) && $(PYTHON) -m cluster tools
	@$(ON_CLUSTER) $(BIN)/pytest $(PARALLEL) -m "not quiet and not long"
	@$(ON_CLUSTER) $(BIN)/pytest -m "quiet and not long"

.PHONY: prove
prove: up $(VENV)/installed ## The long forms of tests on the cluster, which `make test` leaves out; takes two hours
	@$(ADD_ONS) && $(PYTHON) -m cluster tools kind helm kubectl
	@$(ON_CLUSTER) $(BIN)/pytest -m long tests/e2e tests/scale

.PHONY: scale-test
scale-test: up $(VENV)/installed ## 1,000 pods on simulated nodes, in a second cluster that it removes; writes docs/scale.md's figures in 15 minutes
	@SCALE=docs $(BIN)/pytest -m long tests/scale

.PHONY: test-app
test-app: $(VENV)/installed ## Tests of the runtime and the reference service, on loopback
	@$(BIN)/pytest tests/runtime tests/reference

.PHONY: test-chart
test-chart: $(VENV)/installed ## Tests of what the chart renders
	@$(PYTHON) -m cluster tools helm helm3 helm4 ct promtool registry helm-docs
	@$(WITH_TOOLS) $(BIN)/pytest tests/chart

.PHONY: test-repository
test-repository: $(VENV)/installed ## Tests of the cluster's setup, of locks, workflows and documents
	@$(PYTHON) -m cluster tools helm actionlint
	@$(WITH_TOOLS) $(BIN)/pytest tests/cluster tests/repository tests/support

.PHONY: test-image
test-image: $(VENV)/installed ## Tests of the images that `make up` built, without the cluster
	@$(BIN)/pytest tests/image

.PHONY: test-e2e
test-e2e: $(VENV)/installed ## Tests on the cluster that `make up` made
	@$(ADD_ONS) && $(PYTHON) -m cluster tools kind helm kubectl ct helm3 helm4 registry
	@$(ON_CLUSTER) $(BIN)/pytest -m "not long" tests/e2e

.PHONY: coverage
coverage: $(VENV)/installed ## Print how much of app/ the tests on loopback run; no threshold
	@$(BIN)/coverage erase && $(BIN)/coverage run -m pytest tests/runtime tests/reference
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report

.PHONY: lint
lint: $(VENV)/installed ## Check style and types; changes nothing
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

.PHONY: bench
bench: up $(VENV)/installed ## Compare servers, codings, features and rollouts; writes docs/performance.md (BENCH="stack servers" takes these); needs two idle cores for 20 minutes
	@$(PYTHON) -m cluster tools kind helm kubectl
	@$(ON_CLUSTER) PYTHONPATH=app:. $(BIN)/python -m bench $(BENCH)

.PHONY: docs
docs: $(VENV)/installed ## Generate the chart's README and the tables of features and of options
	@$(PYTHON) -m cluster tools helm-docs
	@$(WITH_TOOLS) helm-docs --chart-search-root=charts --sort-values-order=file --log-level=warning
	@$(BIN)/python -m generate.schema_descriptions
	@$(BIN)/python -m tests.chart.feature_table && PYTHONPATH=app:. $(BIN)/python -m generate.options_table

.PHONY: site
site: $(SITE)/installed ## Build the website of README.md, docs/ and all values in build/site; it loads nothing from elsewhere
	@$(PYTHON) -m generate.site_pages
	@$(SITE)/bin/zensical build --strict --config-file build/site.toml
	@$(PYTHON) -m generate.site_check

.PHONY: package
package: python ## Package the chart into dist/
	@$(PYTHON) -m cluster tools helm
	@$(WITH_TOOLS) helm package charts/uvicorn --destination $(DIST)

.PHONY: wheel
wheel: $(VENV)/installed ## Build the runtime's wheel and source distribution into dist/
	@$(BIN)/uv build --quiet --no-create-gitignore --build-constraints requirements/dev.txt --require-build-hashes --out-dir $(DIST)
	@rm -rf app/uvicorn_pod.egg-info

.PHONY: version
version: python ## Print the version, which must be the same in every file; VERSION=0.2.0 writes it to all of them
	@$(PYTHON) -m generate.version $(VERSION)

.PHONY: env
env: python ## Print what a shell needs: eval "$(make -s env)" sets KUBECONFIG, APP_URL and PATH
	@$(PYTHON) -m cluster env

.PHONY: down
down: python ## Remove the cluster, and nothing else
	@$(PYTHON) -m cluster down

.PHONY: clean
clean: python ## Remove the cluster, the images, the tools, the website and the virtual environments
	@$(PYTHON) -m cluster clean
	@rm -rf $(VENV) build

.PHONY: lock
lock: $(VENV)/installed ## Compile the lock files from pyproject.toml (UPGRADE=--upgrade takes the newest versions)
	@$(UV) --python-version 3.13 --python-platform linux --group reference -o requirements/image.txt
	@$(UV) --python-version 3.13 --python-platform linux -c requirements/image.txt -o requirements/runtime.txt
	@$(COMPILE) --python-version 3.13 --python-platform linux -c requirements/image.txt -o tests/image/app_on_runtime_image/requirements.txt tests/image/app_on_runtime_image/requirements.in
	@$(COMPILE) --python-version 3.13 --python-platform linux -c requirements/image.txt -o tests/image/five_apps/requirements.txt tests/image/five_apps/requirements.in
	@$(UV) --python-version 3.11 --universal --group reference --extra otel --group dev -c requirements/image.txt -o requirements/dev.txt
	@$(COMPILE) --python-version 3.13 --python-platform linux --group existing-image -c requirements/image.txt -o requirements/existing-image.txt
	@$(COMPILE) --python-version 3.11 --universal --group site -c requirements/dev.txt -o requirements/site.txt
	@$(UV) --python-version 3.13 --python-platform linux --group reference --extra otel -c requirements/image.txt -c requirements/dev.txt -o requirements/traced.txt
	@$(UV) --python-version 3.13 --python-platform linux --group reference --group servers -c requirements/image.txt -o requirements/servers.txt

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: $(PYTHON) is older than 3.11: set PYTHON to a newer one, for example make up PYTHON=python3.12.")'

$(VENV)/installed: requirements/dev.txt
$(SITE)/installed: requirements/site.txt
$(VENV)/installed $(SITE)/installed: | python
	@echo "installing $< into $(@D) …"
	@$(PYTHON) -m venv --clear $(@D) && $(@D)/bin/pip install --quiet --require-hashes --requirement $<
	@touch $@
