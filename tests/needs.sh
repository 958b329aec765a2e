# shellcheck shell=bash
# What the steps of tests/run need in addition to Rust: whether it is there, how it is installed, what to do where it is not.
# Sourced by tests/run, which sets TOOLS.

readonly CARGO_DENY=0.20.2 DEBIAN_13=$PWD/target/debian-13

# has NEED: whether it is there.
has() {
    case $1 in
        -) true ;;
        rustfmt) cargo fmt --version ;;
        clippy) cargo clippy --version ;;
        rabbitmq) [ -d /usr/lib/rabbitmq/lib ] && command -v erl_call epmd ;;
        faketime) compgen -G '/usr/lib/*/faketime/libfaketime.so.1' ;;
        systemd) command -v systemd-analyze ;;
        buildah) command -v buildah ;;
        debootstrap) command -v debootstrap || [ -x /usr/sbin/debootstrap ] ;;
        python) python3 -c 'import ensurepip, venv' ;;
        python-3.11) python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ;;
        linters) cmp tests/linters.txt "$TOOLS/linters/installed.txt" ;;
        training) cmp training/requirements-topics.txt "$TOOLS/training/installed.txt" ;;
        cargo-deny) [ "$("$TOOLS/bin/cargo-deny" --version)" = "cargo-deny $CARGO_DENY" ] ;;
        debian-13) [ -e "$DEBIAN_13/complete" ] ;;
    esac > /dev/null 2>&1
}

# apt_package NEED: the Debian package it comes from, if any.
apt_package() {
    case $1 in
        rabbitmq) echo rabbitmq-server ;;
        faketime) echo libfaketime ;;
        python) echo python3-venv ;;
        systemd | buildah | debootstrap) echo "$1" ;;
    esac
}

# What has to be there first.
needs_first() {
    case $1 in
        linters | training | python-3.11) echo python ;;
        debian-13) echo debootstrap ;;
    esac
}

# remedy NEED STEP: what to do about one that a step misses.
remedy() {
    local package
    package=$(apt_package "$1")
    case $1 in
        rustfmt | clippy) echo "$1 is missing: rustup component add $1" ;;
        python-3.11) echo "the versions of training/requirements-topics.txt need Python 3.11" ;;
        *)
            if [ -n "$package" ]; then
                echo "$1 is missing: apt-get install $package, or as root tests/run --install $2"
            else
                echo "$1 is missing: tests/run --install $2"
            fi
            if [ -e "$LOGS/set-up-$1.log" ]; then echo "                see $LOGS/set-up-$1.log"; fi
            ;;
    esac
}

# needs_of STEP: its needs, "?" included.
needs_of() { column "$1" 4 | tr ',' '\n'; }

# set_up STEP...: installs what they need and is missing; what fails is found missing by the step.
set_up() {
    local need name
    local -a wanted=() packages=()
    for name in "$@"; do
        for need in $(needs_of "$name"); do
            need=${need%\?}
            for need in $(needs_first "$need") "$need"; do
                if ! has "$need" && [[ " ${wanted[*]} " != *" $need "* ]]; then wanted+=("$need"); fi
            done
        done
    done
    for need in ${wanted[@]+"${wanted[@]}"}; do
        name=$(apt_package "$need")
        if [ -n "$name" ]; then packages+=("$name"); fi
    done
    if [ ${#packages[@]} -gt 0 ]; then provide apt-packages install_packages "${packages[@]}"; fi
    for need in ${wanted[@]+"${wanted[@]}"}; do
        if [ -z "$(apt_package "$need")" ] && [ "$need" != python-3.11 ]; then provide "$need" install "$need"; fi
    done
}

# provide NAME COMMAND...: runs it and says how long that took.
provide() {
    local name=$1 started=$SECONDS log=$LOGS/set-up-$1.log code=0
    shift
    set +e
    (set -e; "$@") > "$log" 2>&1
    code=$?
    set -e
    if [ $code -eq 0 ]; then
        printf 'set up  %4d s  %s\n' $((SECONDS - started)) "$name"
        rm "$log"
    else
        printf 'set up  %4d s  %s FAILED, see %s\n' $((SECONDS - started)) "$name" "$log"
        tail -n 20 "$log" | sed 's/^/        | /'
    fi
}

install() {
    case $1 in
        rustfmt | clippy) rustup component add "$1" ;;
        linters) install_from_pypi linters tests/linters.txt ;;
        training) install_from_pypi training training/requirements-topics.txt ;;
        cargo-deny) install_cargo_deny ;;
        debian-13) install_debian_13 ;;
    esac
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Installs packages of Debian; none of them starts anything.
install_packages() {
    local guard=/usr/sbin/policy-rc.d code=0
    if ! command -v apt-get || ! { [ "$(id -u)" = 0 ] || sudo -n true; }; then
        echo "neither root nor sudo without a password, or no apt-get: please install $*"
        return 1
    fi
    as_root apt-get update
    if [ -e $guard ]; then guard=; else printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin $guard; fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" || code=$?
    if [ -n "$guard" ]; then as_root rm -f "$guard"; fi
    return $code
}

# install_from_pypi NAME REQUIREMENTS: into an environment of its own.
install_from_pypi() {
    local environment=$TOOLS/$1
    [ -x "$environment/bin/pip" ] || python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$2"
    cp "$2" "$environment/installed.txt"
}

# Built without optimisation: it runs for a second, and would take minutes to optimise.
install_cargo_deny() {
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$TOOLS/build \
        cargo install --debug --locked --root "$TOOLS" "cargo-deny@$CARGO_DENY"
    rm -rf "$TOOLS/build"
}

# Debian 13 with its RabbitMQ, unpacked into a directory; only what the tests start is run.
install_debian_13() {
    as_root rm -rf "$DEBIAN_13"
    as_root debootstrap --variant=minbase --include=rabbitmq-server trixie "$DEBIAN_13" \
        "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
    as_root touch "$DEBIAN_13/complete"
}
