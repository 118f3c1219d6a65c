#!/bin/sh
# run.sh: from a fresh clone to a running demo on Debian 12 or 13. Needs root, or sudo, only to install packages.
# BARAZA_LISTEN: address and port (127.0.0.1:8080). BARAZA_DATA: the data folder (~/.local/share/baraza).
set -eu
cd "$(dirname "$0")/.."
. deploy/packages.sh

listen=${BARAZA_LISTEN:-127.0.0.1:8080}
data=${BARAZA_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/baraza}
build=${BARAZA_BUILD:-build}

[ -r /etc/debian_version ] || { echo "run.sh knows Debian 12 and 13; elsewhere see README.md, Building by hand." >&2; exit 1; }
# shellcheck disable=SC2086
need $baraza_build_packages
need_node
if [ ! -f "$build/build.ninja" ]; then
    echo "Configuring in $build/"
    cmake -G Ninja -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DBARAZA_TESTS=OFF >"$build.log" 2>&1 ||
        { cat "$build.log" >&2; exit 1; }
    rm -f "$build.log"
fi
if [ ! -x "$build/baraza" ]; then
    echo "Building in $build/ (about a minute)"
    ninja -C "$build"
else
    ninja -C "$build" --quiet
fi

baraza=$build/baraza
if [ ! -f "$data/baraza.db" ]; then
    echo "Making a demo community in $data"
    "$baraza" demo --data "$data" >/dev/null
else
    echo "The community in $data"
fi

# Good for 20 sign-ins and 30 days, because this is a demo on your own machine; a real hub keeps to one and a day.
export BARAZA_NET_LISTEN="$listen"
links=
for who in "amina.diop:a practitioner" "moussa.kone:a moderator" "zainab.admin:the administrator"; do
    if link=$("$baraza" link --data "$data" "${who%%:*}" --uses 20 --hours 720 --qr); then
        printf '\nSign in as %s (%s), for 20 times and 30 days:\n%s\n' "${who%%:*}" "${who#*:}" "$link"
        links="$links$(printf '  %-18s %s' "${who#*:}" "$(echo "$link" | head -n 1)")
"
    fi
done
printf '\nThe same links without the codes:\n%s' "$links"
printf '\nStop with Ctrl+C. Start again with the same command; the data stays in %s\n' "$data"
exec "$baraza" serve --data "$data" --listen "$listen"
