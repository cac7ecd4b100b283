# The commands of this project. `just` alone lists them; each does its own set-up.

# All packages at a time, everywhere: cargo then compiles every dependency once, with one set of features.
programs := env("CARGO_TARGET_DIR", justfile_directory() / "target") / "debug"

[private]
default:
    @just --list --unsorted

# The main job against two simulated platforms: connect, scan, ranked and explained leads
demo: setup
    cargo build --workspace --locked --bin ghoststack --bin consent-browser --bin demo
    @{{ quote(programs / "demo") }}

# All tests
test: setup
    cargo test --workspace --locked

# What nobody meant, for so many seconds each: token answers, callbacks, vault files. Then eight processes and one token, 200 times
fuzz seconds="600": setup
    FUZZ_SECONDS={{ seconds }} cargo test --workspace --locked --test suite -- fuzzing:: --nocapture --test-threads 3
    cargo test --workspace --locked --test prospector -- turns:: --ignored --nocapture

# Formatting, and what the compiler and clippy have to say
lint: setup
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Format all code
fmt:
    cargo fmt --all

# The program, optimised: target/release/ghoststack
build: setup
    cargo build --release --locked -p ghoststack

# Measurements, each beside its baseline
bench: setup
    cargo bench --locked -p ghoststack

# Add the targets that plugins are compiled for, if they are missing
setup:
    #!/usr/bin/env bash
    set -euo pipefail
    for target in wasm32-wasip2 wasm32-unknown-unknown; do
        [ -d "$(rustc --print target-libdir --target "$target")" ] || rustup target add "$target"
    done
