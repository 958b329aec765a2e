# shellcheck shell=bash
# The steps of tests/run, in the order of its table. Each runs in a shell of its own that stops at the first error.
# Sourced by tests/run, which sets LOGS, TOOLS and the numbers of --lab, --soak and --fuzz.

step_format() { cargo fmt --all --check; }

step_clippy() {
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked --workspace --all-targets --features fault-points -- -D warnings
    cargo clippy --locked --lib --examples --no-default-features -- -D warnings
}

step_tests() { cargo test --locked --workspace --lib --bins --tests; }

step_doctests() { cargo test --locked --doc; }

step_docs() { RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items; }

step_benches() { cargo test --locked --benches --no-run; }

# A small model, twice: the same bytes, and words hashed as the program hashes them.
step_training() {
    cargo build --locked --example topic_features
    "$TOOLS/training/bin/python" training/test_topics.py
}

# The Newsmap dictionaries are kept as their authors write them.
step_texts() {
    git ls-files -z '*.yaml' '*.yml' ':!config/gazetteer/newsmap' | xargs -0r yamllint --strict \
        -d '{extends: default, rules: {document-start: disable, line-length: {max: 120}}}'
    git ls-files -z '*.toml' | xargs -0r taplo lint --no-schema
    shellcheck --external-sources tests/run tests/container .ci/run
    typos
}

step_licences() { "$TOOLS/bin/cargo-deny" --log-level warn check licenses bans sources; }

step_deployment() {
    hadolint deploy/Containerfile
    check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
}

# `verify` finds unknown keys but still succeeds: it has to be silent. Its program must exist: ours is built.
step_service() {
    local unit=$LOGS/dateline.service findings
    cargo build --locked --bin dateline
    sed "s|^ExecStart=[^ ]*|ExecStart=$PWD/target/debug/dateline|" deploy/dateline.service > "$unit"
    findings=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F dateline.service || true)
    if [ -n "$findings" ]; then echo "$findings"; return 1; fi
    # Tenths: an exposure of 2.0 is "OK"; an unprotected service has 9.6.
    systemd-analyze security --offline=true --threshold=20 deploy/dateline.service
}

step_container() { tests/container; }

step_broker() { cargo test --locked --features fault-points --test broker; }

step_rabbitmq_4() { DATELINE_RABBITMQ_ROOT=$DEBIAN_13 step_broker; }

step_lab() { fault_lab --offsets "$lab_moments"; }

step_soak() { fault_lab --soak "$soak_minutes"; }

# The lab runs the binary beside it, which must have its faults too; no release is built with them.
fault_lab() {
    cargo build --locked --workspace --features fault-points --bins
    target/debug/faultlab "$@"
}

# Every round begins with another seed; a failure prints the smallest input that shows it.
step_fuzz() {
    local end=$((SECONDS + 60 * fuzz_minutes)) rounds=0
    while [ $SECONDS -lt $end ]; do
        PROPTEST_CASES=20000 cargo test --locked --test it fuzz::
        rounds=$((rounds + 1))
    done
    echo "$rounds rounds"
}
