#!/bin/sh
# run.sh [GROUP...]: the whole test suite, or some groups of it. `--list` names the groups.
# Installs the Debian packages and npm modules that are missing, builds into build-test/ (address sanitizer),
# build-tsan/, build-fuzz/ and build-bench/, and ends with one line: N passed, N failed.
# BARAZA_LONG=1 runs the long versions (more kills, power cuts, seeds, fuzzing).
set -u
cd "$(dirname "$0")/.." || exit 1
. deploy/packages.sh

groups="style unit flow e2e browser client sim fault fuzz upgrade tsan bench-smoke"
if [ "${1:-}" = --list ]; then
    for group in $groups; do echo "$group"; done
    exit 0
fi
chosen=${*:-$groups}
for group in $chosen; do
    case " $groups " in *" $group "*) ;; *) echo "run.sh: no group $group; --list names them" >&2; exit 64 ;; esac
done

top=$PWD
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
summary=
: >"$work/tally"   # PASSED FAILED, a line for each check: also of those that run at the same time
export BARAZA_LINKS_PREVIEW=no   # nothing outside is asked; what tests previews says so itself
export BARAZA_SOURCE="$top" BARAZA_SHARED="${BARAZA_SHARED:-$top/../shared}"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
export LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$top/tests/lsan.supp:print_suppressions=0}"
if [ -n "${BARAZA_LONG:-}" ]; then
    export KILLS="${KILLS:-200}" CUTS="${CUTS:-200}" SIM_RUNS="${SIM_RUNS:-2000}" FUZZ_SECONDS="${FUZZ_SECONDS:-600}" BENCH_LONG=1
else
    export KILLS="${KILLS:-20}" CUTS="${CUTS:-20}" FUZZ_SECONDS="${FUZZ_SECONDS:-10}"
fi

# Folders of tests that are not about the disk lie in memory where there is much room: each waits for hundreds of syncs else.
quick=${TMPDIR:-/tmp}
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
[ "${free:-0}" -lt 4194304 ] || [ ! -w /dev/shm ] || quick=/dev/shm

count() { echo "$1 $2" >>"$work/tally"; }
total() { awk -v n="$1" '{ sum += $n } END { print sum + 0 }' "$work/tally"; }   # 1: passed, 2: failed
one() { # LABEL COMMAND...: a single check
    label=$1; shift
    said=$(mktemp "$work/one.XXXXXX")
    if "$@" >"$said" 2>&1; then count 1 0; else count 0 1; echo "not ok: $label"; cat "$said"; fi
}
there() { [ -e "$1" ] || { echo "skipped: there is no $2 here"; return 1; }; }

# ---- Tools and builds, each made at most once.
tools() { # PACKAGE...
    need "$@" || { count 0 1; echo "not ok: Debian packages: $*"; return 1; }
}
proxies() { # started by the tests themselves, on ports of their own
    need_stopped nginx-light haproxy || { count 0 1; echo "not ok: Debian packages: nginx-light haproxy"; return 1; }
}
modules() { # FOLDER
    need_new_node "$top/build-node" || { count 0 1; echo "not ok: Node.js 20"; return 1; }
    [ -d "$1/node_modules" ] && [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 0
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) || { count 0 1; echo "not ok: npm ci in $1"; return 1; }
}
build() { # FOLDER TARGET... -- CMAKE OPTION...
    dir=$1; shift
    targets=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do targets="$targets $1"; shift; done
    [ $# -gt 0 ] && shift
    # shellcheck disable=SC2086
    tools $baraza_build_packages libcmocka-dev && need_node || return 1
    # shellcheck disable=SC2086
    if cmake -G Ninja -S . -B "$dir" "$@" >"$work/cmake" 2>&1 && ninja -C "$dir" $targets >"$work/ninja" 2>&1; then return 0; fi
    count 0 1
    echo "not ok: build in $dir"
    tail -n 40 "$work/cmake"; [ ! -f "$work/ninja" ] || grep -vE '^\[[0-9]+/' "$work/ninja" | tail -n 60
    return 1
}
build_test() { build build-test -- -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBARAZA_SANITIZE=address; }
build_bench() { build build-bench baraza bench_load bench_bare bench_ranges bench_search -- -DCMAKE_BUILD_TYPE=Release -DBARAZA_CLIENT=ON; }

run_ctest() { # FOLDER ARGUMENT...
    dir=$1; shift
    log=$(mktemp "$work/ctest.XXXXXX")
    ctest --test-dir "$dir" --output-on-failure -j2 "$@" >"$log" 2>&1
    code=$?
    line=$(grep -E 'tests? failed out of' "$log" | tail -n 1)
    if [ -z "$line" ]; then
        if grep -q 'No tests were found' "$log"; then echo "skipped: there are no such tests here"; return; fi
        count 0 1; cat "$log"; return
    fi
    bad=$(echo "$line" | sed 's/.*passed, \([0-9]*\) tests\{0,1\} failed.*/\1/')
    all=$(echo "$line" | sed 's/.*out of \([0-9]*\).*/\1/')
    count $((all - bad)) "$bad"
    [ $code = 0 ] || grep -vE '^ *[0-9]+/[0-9]+ Test.*Passed' "$log"
}
run_node() { run_files 1 "$@"; }     # FILE..., one after the other
run_pairs() { run_files 2 "$@"; }    # FILE..., two at a time: they wait more than they work
run_files() { # HOW-MANY-AT-A-TIME FILE...
    n=$1; shift
    [ $# -gt 0 ] || return 0
    tap=$(mktemp "$work/tap.XXXXXX")
    node --test --test-reporter=tap --test-concurrency="$n" --test-force-exit --test-timeout=900000 "$@" >"$tap" 2>&1
    code=$?
    good=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$tap" | tail -n 1)
    bad=$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$tap" | tail -n 1)
    gone=$(sed -n 's/^# cancelled \([0-9]*\)$/\1/p' "$tap" | tail -n 1)
    bad=$((${bad:-0} + ${gone:-0}))
    [ $code != 0 ] && [ $bad = 0 ] && bad=1
    count "${good:-0}" "$bad"
    grep -E '^ *ok .*# SKIP' "$tap"
    # What failed, whole; what passed is told by its number alone, so that a long log never hides the rest.
    [ $code = 0 ] || awk '/^ *not ok /{on=1} on{print} /^ *\.\.\.$/{on=0}' "$tap" | grep -vE '^ *(duration_ms|type: |---$|\.\.\.$)'
    [ $code = 0 ] || tail -n 12 "$tap" | grep -E '^# (tests|pass|fail|cancelled)'
}
files() { ls $1 2>/dev/null; }   # a pattern
# What holds a time against a line has the machine for itself.
timed_e2e=" cli http merge sanction slow "
timed_browser=" budget catchup first-post lighthouse offline scroll "
these() { # timed|others FOLDER NAMES
    for file in $(files "$2/*.test.mjs"); do
        case "$3" in *" $(basename "$file" .test.mjs) "*) is=timed ;; *) is=others ;; esac
        [ $is = "$1" ] && echo "$file"
    done
}

# ---- The groups.
group_style() {
    one "layers look down only" sh tests/style.sh layers
    one "sizes of lines, functions and files" sh tests/style.sh sizes
    one "no unfinished words" sh tests/style.sh words
    one "shell scripts parse" sh tests/style.sh shell
}
group_unit() { build_test && run_ctest build-test -L unit; }
group_flow() { build_test && run_ctest build-test -L flow; }
group_sim()  { build_test && run_ctest build-test -L sim; }
group_e2e() {
    tools strace sqlite3 openssl && proxies && modules tests && build_test || return   # Caddy is tested where it is installed
    e2e_tests run_pairs $(these others tests/e2e "$timed_e2e")
    e2e_tests run_node $(these timed tests/e2e "$timed_e2e")
}
e2e_tests() { TMPDIR="$quick" BARAZA_BIN="$top/build-test/baraza" BARAZA_BUILD=build-test "$@"; }
group_browser() {
    there tests/browser browser || return
    { command -v chromium >/dev/null || tools chromium; } && tools faketime fontconfig fonts-dejavu-core &&
        modules tests && build_bench || return   # the sanitizer watches the daemon in e2e; here it would slow the browser down
    mkdir -p "$work/demos"
    browser_tests run_pairs $(these others tests/browser "$timed_browser")
    browser_tests run_node $(these timed tests/browser "$timed_browser")
}
browser_tests() { TMPDIR="$quick" BARAZA_BIN="$top/build-bench/baraza" BARAZA_DEMOS="$work/demos" "$@"; }
group_client() {
    there client-web/package.json client || return
    modules client-web && modules tests || return
    (cd client-web && npm run --silent check) >"$work/one" 2>&1 && count 1 0 || { count 0 1; echo "not ok: types"; cat "$work/one"; }
    (cd client-web && npm run --silent build) >"$work/one" 2>&1 && count 1 0 || { count 0 1; echo "not ok: build"; cat "$work/one"; }
    NODE_V8_COVERAGE="$work/counts" run_node $(files 'client-web/test/*.test.mjs')
    if node tests/client-coverage.mjs "$work/counts"; then count 1 0; else count 0 1; echo "not ok: coverage"; fi
}
group_fault() {
    tools strace xfsprogs e2fsprogs && modules tests && build_test || return
    run_ctest build-test -L fault &
    BARAZA_BIN="$top/build-test/baraza" run_node $(files 'tests/fault/*.test.mjs')
    wait
}
group_fuzz() {
    there tests/fuzz/CMakeLists.txt fuzzing || return
    tools clang && build build-fuzz -- -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBARAZA_FUZZ=ON \
        -DBARAZA_SANITIZE=address -DBARAZA_CLIENT=OFF -DBARAZA_TESTS=OFF || return
    all=$(files 'tests/fuzz/fuzz_*.c')
    fuzz_each $(echo "$all" | awk 'NR % 2 == 1') &   # a core for each of the two
    fuzz_each $(echo "$all" | awk 'NR % 2 == 0')
    wait
}
fuzz_each() { # TARGET...
    for target in "$@"; do
        name=$(basename "$target" .c)
        mkdir -p "$work/$name" "tests/fuzz/corpus/$name"
        one "$name" "build-fuzz/tests/fuzz/$name" -max_total_time="$FUZZ_SECONDS" -timeout=5 -rss_limit_mb=1024 -print_final_stats=0 \
            -artifact_prefix="$top/build-fuzz/" "$work/$name" "tests/fuzz/corpus/$name"
    done
}
group_upgrade() {
    [ -n "$(files 'tests/upgrade/*.test.mjs')" ] || { echo "skipped: there is no earlier release to upgrade from"; return; }
    modules tests && build_test || return
    TMPDIR="$quick" BARAZA_BIN="$top/build-test/baraza" run_node $(files 'tests/upgrade/*.test.mjs')
}
group_tsan() {
    modules tests && build build-tsan -- -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBARAZA_SANITIZE=thread -DBARAZA_CLIENT=OFF || return
    options="${TSAN_OPTIONS:-halt_on_error=1}:log_path=$work/tsan"
    TSAN_OPTIONS="$options" run_ctest build-tsan -L 'unit|flow' -R 'engine|fanout|flow|wire'
    TMPDIR="$quick" BARAZA_BIN="$top/build-tsan/baraza" TSAN_OPTIONS="$options" KILLS=2 \
        run_pairs tests/e2e/resume.test.mjs tests/e2e/kill.test.mjs tests/e2e/canary.test.mjs tests/e2e/protocol.test.mjs
    one "no report of the thread sanitizer" sh -c '! cat "$1".* 2>/dev/null' sh "$work/tsan"
}
group_bench_smoke() {
    there tests/bench/run.sh benchmark || return
    tools curl && modules tests && build_bench || return
    if sh tests/bench/run.sh build-bench; then count 1 0; else count 0 1; echo "not ok: bench"; fi
}

for group in $chosen; do
    echo "== $group"
    start=$(date +%s) before=$(total 2)
    "group_$(echo "$group" | tr - _)"
    seconds=$(($(date +%s) - start))
    summary="$summary $group:${seconds}s"
    [ "$(total 2)" = "$before" ] && echo "   $group done in $seconds s" || echo "   $group FAILED in $seconds s"
done
echo "seconds:$summary"
echo "$(total 1) passed, $(total 2) failed"
[ "$(total 2)" = 0 ]
