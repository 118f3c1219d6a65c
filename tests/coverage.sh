#!/bin/sh
# coverage.sh: which lines of server/ the tests reach; prints the table and the total. About five minutes.
# A daemon that is killed writes no counts; those that end by SIGTERM do.
set -eu
cd "$(dirname "$0")/.."
. deploy/packages.sh
# shellcheck disable=SC2086
need $baraza_build_packages libcmocka-dev gcovr
build=build-coverage
cmake -G Ninja -S . -B $build -DCMAKE_BUILD_TYPE=Debug -DBARAZA_COVERAGE=ON -DBARAZA_CLIENT=OFF > /dev/null
ninja -C $build > /dev/null
find $build -name '*.gcda' -delete
SIM_RUNS=${SIM_RUNS:-50} ctest --test-dir $build -j2 --output-on-failure | tail -n 3
[ -d tests/node_modules ] || (cd tests && npm ci --no-audit --no-fund --loglevel=error)
KILLS=2 BARAZA_BIN="$PWD/$build/baraza" BARAZA_BUILD=$build node --test --test-concurrency=1 --test-force-exit \
    tests/e2e/*.test.mjs tests/upgrade/*.test.mjs tests/fault/*.test.mjs | tail -n 8
gcovr -r . --filter server/ --gcov-ignore-parse-errors --object-directory $build -j2 $build
