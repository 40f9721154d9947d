# What can be done with this project. Each target installs what it needs and the machine lacks.
# `ADDR=127.0.0.1:4000 DATA_DIR=/some/dir GRAPH_DATA=dir DATABASE_URL=postgres://… make run` changes where and with what.

.PHONY: run test build dev check bench
.NOTPARALLEL:

NEED = @frontend/install_missing.sh
TO_BUILD = compiler browser_target node_packages
SERVER_CRATES = -p server -p app -p services -p domain -p graph -p exported -p graph-simulator

# Short names for the terminal; the program's own settings have a prefix.
$(foreach name,ADDR DATA_DIR GRAPH_DATA,$(if $($(name)),$(eval export TENANTATLAS_$(name) = $$($(name)))))

run: ## the application with a private PostgreSQL and a simulated Microsoft Graph, on http://127.0.0.1:3000
	$(NEED) $(TO_BUILD) postgres
	@frontend/build.sh && server/build.sh && exec "$${CARGO_TARGET_DIR:-target}/debug/tenantatlas" dev

test: ## every test: units, services on real PostgreSQL, pages, browser
	$(NEED) $(TO_BUILD) cluster chromium
	@frontend/build.sh && server/test.sh $(SERVER_CRATES)

build: ## the release binary, and the site it serves
	$(NEED) $(TO_BUILD)
	@frontend/build.sh && server/build.sh --release

dev: ## like run, built and started anew whenever a source file changes
	$(NEED) $(TO_BUILD) postgres
	@exec server/dev.sh

check: ## formatting, lints, lock files
	$(NEED) compiler linters browser_target node_packages
	cargo fmt --all --check
	cargo clippy --locked $(SERVER_CRATES) -p bind --all-targets -- -D warnings
	cargo clippy --locked -p frontend --target wasm32-unknown-unknown -- -D warnings
	@npm ci --prefix end2end --dry-run --no-audit --no-fund --loglevel=error

bench: ## measures the release build
	$(NEED) $(TO_BUILD) cluster chromium
	@frontend/build.sh && CHROMIUM=$$(frontend/chromium.sh) cargo run --release -p server --example bench
