#!/bin/sh
# Makes .venv what requirements/run.txt (or dev.txt) and this folder say it must be.
#
#   dev/setup.sh run    what running Accord needs
#   dev/setup.sh dev    that, and what developing and testing it needs
#
# A stamp in .venv says what it was made from. When it still holds, nothing is run and no network is
# used. Every package is a wheel whose hash is in the lock. PYTHON=... chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
want=${1:-dev}
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV || true
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0
export RUSTUP_HOME="$PWD/.venv/rustup" # pip asks rustc its version, and rustup would write to HOME

say() { printf '%s\n' "$*"; }

usable() { # the version and the standard library's venv, with the pip it needs
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_venv() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

find_python() {
    without_venv=
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        # every place in PATH: a launcher that only stands for a missing version may come first
        for found in $(command -v -- "$name" 2>/dev/null) $(old_ifs=$IFS; IFS=:
            for folder in $PATH; do [ -x "$folder/$name" ] && echo "$folder/$name"; done
            IFS=$old_ifs); do
            usable "$found" || continue
            if has_venv "$found"; then python=$found; return; fi
            without_venv=${without_venv:-$found}
        done
    done
    if [ -n "$without_venv" ]; then
        say "Accord: $without_venv has no module venv." \
            "Install it (on Debian or Ubuntu, as root: apt install python3-venv), then try again." >&2
    else
        say "Accord needs Python 3.11 or later, with the module venv. None was found." \
            "On Debian 12 or Ubuntu 24.04, as root: apt install python3 python3-venv." \
            "With several Pythons, choose one: make PYTHON=/path/to/python3.12 ..." >&2
    fi
    exit 2
}

made_from() { # what the stamp must say
    say "$PWD"
    .venv/bin/python -c 'import sys; print(sys.version)'
    cat "requirements/$1.txt" pyproject.toml | cksum
}

holds() { # whether .venv was made from what is here now
    [ -f ".venv/stamp-$1" ] && [ -x .venv/bin/accord ] &&
        [ "$(cat ".venv/stamp-$1")" = "$(made_from "$1" 2>/dev/null)" ]
}

if [ "$want" = run ] && { holds run || holds dev; }; then exit 0; fi
if [ "$want" = dev ] && holds dev; then exit 0; fi

works() { # the interpreter answers, and it was made for this folder
    .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 &&
        .venv/bin/python -m pip --version >/dev/null 2>&1 &&
        [ "$(cat .venv/made-in 2>/dev/null)" = "$PWD" ]
}

if ! works; then
    find_python
    if [ -e .venv ]; then say "Making .venv anew: it is incomplete or was made elsewhere."; fi
    rm -rf .venv
    say "Making .venv with $python ($("$python" -c 'import platform; print(platform.python_version())')) ..."
    "$python" -m venv .venv
    say "$PWD" > .venv/made-in
fi

rm -f .venv/stamp-run .venv/stamp-dev
say "Installing the packages of requirements/$want.txt ..."
# Python compiles what is imported, when it is; half of what is installed never is.
.venv/bin/python -m pip install --quiet --no-cache-dir --no-compile --require-hashes --only-binary :all: \
    -r "requirements/$want.txt" || {
    say "Accord: the packages could not be installed. The first set-up needs a network or a mirror" \
        "(pip's own settings are respected); what pip said is above." >&2
    exit 3
}
.venv/bin/python -m pip install --quiet --no-cache-dir --no-index --no-deps --no-build-isolation -e .
made_from "$want" > ".venv/stamp-$want"
