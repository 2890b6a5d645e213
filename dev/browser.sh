#!/bin/sh
# Prints the path of a Chromium that runs, or says why there is none and ends with exit code 1.
# As root on Debian, and only when none is found, it installs Debian's own. The headless shell comes
# first: the same engine without a browser's own windows, which cost a quarter of its time.
set -u
runs() { "$1" --version >/dev/null 2>&1; }

find_one() {
    for name in "${ACCORD_CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome \
        google-chrome-stable chrome "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        [ -n "$name" ] || continue
        path=$(command -v -- "$name" 2>/dev/null) || continue
        if runs "$path"; then printf '%s\n' "$path"; return 0; fi
    done
    for path in "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome; do
        if [ -x "$path" ] && runs "$path"; then printf '%s\n' "$path"; return 0; fi
    done
    return 1
}

install() { apt-get install -q -y --no-install-recommends "$1"; }

find_one && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "no Chromium was found (install one, or name it in ACCORD_CHROMIUM)" >&2
    exit 1
fi
echo "No Chromium was found; installing Debian's ..." >&2
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -q && { install chromium-headless-shell || install chromium; }; } >&2 2>&1
find_one && exit 0
echo "no Chromium was found, and Debian's could not be installed" >&2
exit 1
