#!/usr/bin/env bash
# Write the locks anew from pyproject.toml and tests/npm/package.json: versions and hashes, and no address of any host.
# Versions stay as they are unless told: `make lock UPGRADE=--upgrade`, `make lock UPGRADE="--upgrade-package twilio"`.
set -eu
cd "$(dirname "$0")/../.."

fail() { printf 'lock: %s\n' "$*" >&2; exit 1; }
command -v uv >/dev/null 2>&1 || fail "this needs uv: pip install uv."
command -v npm >/dev/null 2>&1 || fail "this needs npm: run 'make servers'."

compile() {
    uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@" pyproject.toml
}
# shellcheck disable=SC2086  # UPGRADE is a list of options
compile ${UPGRADE-} --group build --output-file requirements.txt
# shellcheck disable=SC2086
compile ${UPGRADE-} --group build --group dev --constraints requirements.txt --output-file requirements-dev.txt

cd tests/npm
npm install --silent --package-lock-only --ignore-scripts
# The addresses at which packages ask for money are no part of a lock.
node -e '
  const { readFileSync, writeFileSync } = require("fs");
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  for (const entry of Object.values(lock.packages)) delete entry.funding;
  writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");
'
cd ../..
! grep -nE '(https?|file)://' requirements.txt requirements-dev.txt tests/npm/package-lock.json || fail "a lock names an address."
