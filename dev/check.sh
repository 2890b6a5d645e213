#!/bin/sh
# Every check, one after the other. A failure does not stop the others; the end lists all.
#
#   dev/check.sh          what CI runs
#   dev/check.sh --all    and the tests marked slow
#   dev/check.sh --lint   only what runs no test
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=
summary=

run() { # NAME COMMAND...
    name=$1; shift
    printf '\n== %s\n' "$name"
    began=$(date +%s)
    if "$@"; then verdict=ok; else verdict=FAILED; failed="$failed $name"; fi
    summary="$summary$(printf '%-24s %-7s %4d s' "$name" "$verdict" $(($(date +%s) - began)))
"
}

lint() {
    run "ruff check" $bin/ruff check .
    run "ruff format" $bin/ruff format --check .
    run "mypy" $bin/mypy
    run "import contracts" $bin/lint-imports
    for rule in dev/lint/check_*.py; do
        [ -e "$rule" ] && run "house rule $(basename "$rule" .py)" $bin/python "$rule"
    done
}

warm() { # the browser, and what tests are compiled to, on the core that the linters leave idle
    dev/browser.sh >/dev/null 2>&1 &
    $bin/python -m pytest --collect-only -q -m "not journey" >/dev/null 2>&1 &
}

workers() { # three for two cores: a worker waits for its database and its programs a quarter of the time
    cores=$(getconf _NPROCESSORS_ONLN)
    echo $((cores + (cores + 1) / 2))
}

tests() { # MARKER EXPRESSION for what is left out
    run "tests" $bin/python -m pytest -n "$(workers)" --dist loadgroup -m "not journey$1"
    if ACCORD_CHROMIUM=$(dev/browser.sh); then
        export ACCORD_CHROMIUM
        run "journeys" journeys "journey$1"
    else
        failed="$failed journeys"
        summary="$summary$(printf '%-24s %s' journeys 'NOT RUN: no browser')
"
    fi
}

journeys() { # a browser leaves no core idle: as many workers as cores
    $bin/python -m pytest -n auto --dist loadgroup -m "$1" tests/journeys
}

case ${1:-} in --lint) ;; *) warm ;; esac
lint
wait
case ${1:-} in
    --lint) ;;
    --all)
        export ACCORD_DEEP=1  # many made-up requests for each operation
        tests ""
        run "breaks on purpose" $bin/python dev/break_on_purpose.py
        ;;
    *) tests " and not slow" ;;
esac

printf '\n%s' "$summary"
if [ -n "$failed" ]; then
    printf '\nFailed:%s\n' "$failed" >&2
    exit 1
fi
printf '\nEverything passed.\n'
