#!/bin/sh
# run.sh BUILD: measures the daemon from outside, each figure beside its yardstick in the same run. Loopback only.
# Short by default; BENCH_LONG=1 measures longer. Figures are medians of three.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$here/build-bench}
if [ ! -x "$build/baraza" ] || [ ! -x "$build/tests/bench_search" ]; then
    echo "building in $build" >&2
    cmake -G Ninja -S "$here" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBARAZA_CLIENT=OFF > /dev/null
    ninja -C "$build" baraza bench_load bench_bare bench_ranges bench_search > /dev/null
fi
baraza=$build/baraza load=$build/tests/bench_load bare=$build/tests/bench_bare
dir=$(mktemp -d) pid=
finish() {
    code=$?
    [ $code = 0 ] || { echo "bench: failed with $code; the daemon's last words:" >&2; tail -n 5 "$dir/log" >&2 || true; }
    [ -z "$pid" ] || kill "$pid" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$dir"
}
trap finish EXIT INT TERM
ulimit -n 65536 2> /dev/null || ulimit -n "$(ulimit -Hn)"
export BARAZA_LIMITS_ENFORCE=no BARAZA_LOG_LEVEL=error

start() { # a new hub with its daemon: sets pid, port, room, thread
    data=$dir/$1
    "$baraza" init --data "$data" --hub africa --name Bench > /dev/null
    "$baraza" token --data "$data" admin > "$dir/tokens"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        "$baraza" member add --data "$data" "m$i" --name "Member $i" > /dev/null
        "$baraza" token --data "$data" "m$i" >> "$dir/tokens"
    done
    : > "$dir/out"   # the redirection below empties it too late: what the last daemon said would be read
    "$baraza" serve --data "$data" --listen 127.0.0.1:0 > "$dir/out" 2> "$dir/log" &
    pid=$!
    until grep -q 'http://' "$dir/out"; do kill -0 "$pid" || exit 1; sleep 0.05; done
    port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\).*|\1|p' "$dir/out" | head -1)
    answer=$(curl -s -H "Authorization: Bearer $(head -1 "$dir/tokens")" "http://127.0.0.1:$port/rpc/room.list")
    room=$(echo "$answer" | sed 's/.*"rooms":\[{"id":"\([^"]*\)".*/\1/')
    thread=$(echo "$answer" | sed 's/.*"chat":"\([^"]*\)".*/\1/')
}
yardstick() { # Node with `ws`, nothing stored: sets pid, port
    : > "$dir/out"
    node "$here/tests/bench/yardstick.mjs" > "$dir/out" 2> "$dir/log" &
    pid=$!
    until grep -q 'http://' "$dir/out"; do kill -0 "$pid" || exit 1; sleep 0.05; done
    port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\).*|\1|p' "$dir/out" | head -1)
}
stop() { kill "$pid"; wait "$pid" 2> /dev/null || true; pid=; }
cpu() { awk '{ print ($14 + $15) / 100 }' "/proc/$pid/stat"; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
value() { echo "$2" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

posts=3000 writes=20000
[ -z "${BENCH_LONG:-}" ] || { posts=20000 writes=100000; }

echo "Baraza, $(nproc) cores, $(uname -r)"
echo "--- durable posts a second, 64 writers"
for round in 1 2 3; do
    start "write$round"
    ours=$("$load" write "$port" "$dir/tokens" none "$thread" 64 "$writes" 4)
    commits=$(curl -s "http://127.0.0.1:$port/metrics" | awk '/^baraza_commits_total/ { print $2 }')
    stop
    theirs=$("$bare" "$data/baraza.db" "$dir/bare$round.db" 64)
    rm -f "$dir/bare$round.db"*
    a=$(value posts_per_s "$ours") b=$(value posts_per_s "$theirs")
    echo "$a" >> "$dir/w_ours"; echo "$b" >> "$dir/w_bare"; awk "BEGIN { print 100 * $a / $b }" >> "$dir/w_ratio"
    echo "  baraza $a/s (whole path over 64 sockets, $commits commits) · bare SQLite, one thread, 64 a commit: $b/s"
done
printf 'write: %.0f posts/s, %.0f %% of bare SQLite (%.0f/s); wanted: 40 %%\n' "$(median < "$dir/w_ours")" "$(median < "$dir/w_ratio")" "$(median < "$dir/w_bare")"

echo "--- fan-out, one room, 1,000 members, persisted posts"
start fanout
for round in 1 2 3; do
    before=$(cpu)
    ours=$("$load" fanout "$port" "$dir/tokens" "$room" "$thread" 1000 "$posts" 200)
    after=$(cpu)
    deliveries=$(value deliveries "$ours")
    awk "BEGIN { print $deliveries / ($after - $before) }" >> "$dir/f_core"
    awk "BEGIN { print ($after - $before) * 1e6 / $deliveries }" >> "$dir/f_cpu"
    echo "  $ours"
    value bytes_above_text "$ours" >> "$dir/f_bytes"
done
stop
yardstick
before=$(cpu)
theirs=$("$load" fanout "$port" "$dir/tokens" "$room" "$thread" 1000 300 200)
after=$(cpu)
stop
node_core=$(awk "BEGIN { print $(value deliveries "$theirs") / ($after - $before) }")
printf 'fan-out: %.0f deliveries/s per core of the server, %.2f CPU-s per million; Node ws, nothing stored: %.0f; wanted: 1,000,000\n' \
    "$(median < "$dir/f_core")" "$(median < "$dir/f_cpu")" "$node_core"
printf 'bytes above the text of a delivered post: %.1f; wanted: at most 160\n' "$(median < "$dir/f_bytes")"

echo "--- post to delivered, 1,000 members, 20 posts/s"
start latency
for round in 1 2 3; do
    ours=$("$load" latency "$port" "$dir/tokens" "$room" "$thread" 1000 100 20)
    echo "  $ours"
    value p50_ms "$ours" >> "$dir/l_50"; value p99_ms "$ours" >> "$dir/l_99"
done
stop
yardstick
theirs=$("$load" latency "$port" "$dir/tokens" "$room" "$thread" 1000 100 20)
stop
printf 'latency: p50 %.1f ms, p99 %.1f ms (client and server share the cores); Node ws, nothing stored: %s and %s ms; wanted when quiet: 6 and 15\n' \
    "$(median < "$dir/l_50")" "$(median < "$dir/l_99")" "$(value p50_ms "$theirs")" "$(value p99_ms "$theirs")"

echo "--- idle members"
held() { curl -s "http://127.0.0.1:$port/metrics" | awk '/^baraza_held_requests / { print $2 }'; }
members=4000
idle() { # idle or held: sets the KiB a member of what serves now
    base=$(rss)
    rm -f "$dir/hold"
    : > "$dir/idle.out"
    mkfifo "$dir/hold"
    "$load" "$1" "$port" "$dir/tokens" all - "$members" 0 0 < "$dir/hold" > "$dir/idle.out" &
    holder=$!
    exec 3> "$dir/hold"
    until grep -q connected "$dir/idle.out"; do kill -0 "$holder" || exit 1; sleep 0.2; done
    [ "$1" = idle ] || until [ "$(held)" -ge "$members" ]; do kill -0 "$holder" || exit 1; sleep 0.1; done
    sleep 1
    full=$(rss)
    [ "$1" = idle ] || [ "$(held)" = "$members" ] || { echo "bench: not all requests are held" >&2; exit 1; }
    exec 3>&-
    wait "$holder" || true
    per_member=$(awk "BEGIN { printf \"%.2f\", ($full - $base) / $members }")
}
start idle
idle idle
stop
ours=$per_member
yardstick
idle idle
stop
echo "idle: $ours KiB a member, $members members; Node ws: $per_member KiB; wanted: at most 8"

members=1000
start held
for i in $(seq 125); do "$baraza" token --data "$data" m1; done > "$dir/tokens"   # a session holds 8 requests
idle held
stop
echo "held requests: $per_member KiB each, $members of them; wanted: at most 8"

echo "--- a thread of 10,000 posts is moved, merged and taken back"
BARAZA_BIN=$baraza node "$here/tests/bench/move.mjs"

echo "--- what a moderator decides, beside 500 posts a second"
BARAZA_BIN=$baraza node "$here/tests/bench/force.mjs"

echo "--- resources are found by what is said of them (20,000; 1,000 when short)"
if [ -n "${BENCH_LONG:-}" ]; then resources=20000 queries=2500; else resources=1000 queries=300; fi
BARAZA_BIN=$baraza RESOURCES=$resources QUERIES=$queries node "$here/tests/bench/resource.mjs"

echo "--- people and peers among 3,600 members and 100,000 posts (300 and 5,000 when short)"
if [ -n "${BENCH_LONG:-}" ]; then members=3600 posts=100000 queries=400; else members=300 posts=5000 queries=60; fi
BARAZA_BIN=$baraza MEMBERS=$members POSTS=$posts QUERIES=$queries node "$here/tests/bench/people.mjs"

echo "--- 10,000 readers of parts of a large file (300 when short)"
BARAZA_BIN=$baraza BENCH_BIN=$build/tests CONNECTIONS=${BENCH_LONG:+10000} node "$here/tests/bench/ranges.mjs"

found=50000 resources=1000 queries=2000
[ -z "${BENCH_LONG:-}" ] || { found=1000000 resources=20000 queries=6000; }
echo "--- search in $found posts and $resources resources, half of the queries hostile"
"$baraza" init --data "$dir/search" --hub africa --name Bench > /dev/null
"$build/tests/bench_search" build "$dir/search" "$found" "$resources"
"$build/tests/bench_search" query "$dir/search" "$queries" > "$dir/asked"
sed 's/^/  /' "$dir/asked"
ours=$(grep '^all ' "$dir/asked")
printf 'search: p50 %s ms, p99 %s ms, longest %s ms (of processor time; by the clock %s, %s and %s); wanted: 5, 50 and 200\n' \
    "$(value cpu_p50_ms "$ours")" "$(value cpu_p99_ms "$ours")" "$(value cpu_max_ms "$ours")" "$(value p50_ms "$ours")" "$(value p99_ms "$ours")" "$(value max_ms "$ours")"

echo "--- hostile files are looked into while others talk (30 of them when short)"
files=30
[ -z "${BENCH_LONG:-}" ] || files=
BARAZA_BIN=$baraza FILES=$files node "$here/tests/bench/hostile.mjs"
