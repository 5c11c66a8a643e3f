#!/usr/bin/env bash
# Set up .venv: `setup.sh run` with what the gateway needs, `setup.sh dev` with what the checks and tests need as well.
# Does nothing when what is there was made from the same files, in the same folder.
set -eu
cd "$(dirname "$0")/../.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

case ${1-} in
run) locks=(requirements.txt) ;;
dev) locks=(requirements.txt requirements-dev.txt) ;;
*) fail "say what to set up: run or dev." ;;
esac

find_python() {
    for python in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14}; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$python"
            return
        fi
    done
    fail "Parley needs Python 3.11 or later, and found none as ${PYTHON:-python3 or python3.11}:" \
        "on Debian 12, apt-get install python3 python3-venv; elsewhere, make PYTHON=/path/to/python."
}

make_venv() {
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "$python cannot make a virtual environment: on Debian 12, apt-get install python3-venv."
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || fail "$python could not make .venv."
}

# Installs one lock. --no-build-isolation: what builds the few source packages is in the first lock, with its hash.
install_lock() {
    say "installing $(grep -c '^[a-z0-9]' "$1") packages of $1, a minute or two"
    if [ "$1" = requirements.txt ]; then isolation=; else isolation=--no-build-isolation; fi
    .venv/bin/python -m pip install -qq $isolation --require-hashes -r "$1" ||
        fail "pip could not install $1; what it said is above."
}

digest() { { pwd; cat "$@"; } | sha256sum | cut -d ' ' -f 1; }
is_done() { [ "$(cat ".venv/.done-$1" 2>/dev/null)" = "$2" ]; }

.venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv
for lock in "${locks[@]}"; do
    wanted=$(digest "$lock")
    is_done "$lock" "$wanted" || { install_lock "$lock"; echo "$wanted" >".venv/.done-$lock"; }
done
wanted=$(digest pyproject.toml)
if ! is_done parley "$wanted"; then
    .venv/bin/python -m pip install -qq --no-deps --no-build-isolation -e . || fail "pip could not install Parley itself."
    echo "$wanted" >.venv/.done-parley
fi
