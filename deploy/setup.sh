#!/usr/bin/env bash
# Make .venv from requirements.lock with pip alone. Run again it repairs or updates; the Makefile
# runs it only when the lock or pyproject.toml is newer than the stamp it leaves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly python="${PYTHON:-python3}"
readonly venv=".venv"
readonly unfinished="$venv/.assay-unfinished"
readonly stamp="$venv/.assay-installed"

fail() {
  printf 'make setup: %s\n' "$1" >&2
  exit 1
}

check_python() {
  command -v "$python" >/dev/null || fail \
    "'$python' is not on the PATH: install Python 3.11 or newer, or run 'make setup PYTHON=/path/to/python3'"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail \
    "'$python' is $("$python" --version 2>&1), 3.11 or newer is needed: run 'make setup PYTHON=python3.11' with one that is"
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
    "'$python' has no venv module: install it (Debian and Ubuntu: apt-get install python3-venv)"
}

# An install that was stopped halfway can leave packages that look whole: start again from nothing.
# The old one is moved aside first, so that being stopped here as well changes nothing.
discard_unfinished() {
  rm -rf .assay/venv-discarded
  if [[ -e "$unfinished" ]]; then
    mkdir -p .assay
    mv "$venv" .assay/venv-discarded
    rm -rf .assay/venv-discarded
  fi
}

locked() { # the lock's lines for one package, hashes included
  awk -v package="$1" 'index($0, package "==") == 1 { on = 1; print; next } /^[^ ]/ { on = 0 } on' \
    requirements.lock
}

install() {
  local pip=("$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps)
  # One dependency is a source archive; setuptools from the lock builds it and this project, so
  # that nothing outside the lock is ever fetched.
  "${pip[@]}" --require-hashes --only-binary :all: -r <(locked setuptools)
  "${pip[@]}" --require-hashes --no-build-isolation --use-pep517 -r requirements.lock
  "${pip[@]}" --no-build-isolation --use-pep517 --editable .
}

check_python
discard_unfinished
mkdir -p "$venv"
touch "$unfinished"
rm -f "$stamp"
printf 'Installing the locked packages into .venv (a few minutes, once) ...\n'
"$python" -m venv "$venv"
install
touch "$stamp"
rm -f "$unfinished"
printf 'Ready: .venv holds %s and every package of requirements.lock.\n' \
  "$("$venv/bin/python" --version)"
