#!/bin/sh
# style.sh CHECK: what a grep can hold the sources to. Prints each breach; exit 0 means none.
set -u
cd "$(dirname "$0")/.." || exit 1
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

# A layer includes itself and what lies below it.
layers() {
    allowed() { # LAYER REGEX-OF-LAYERS
        grep -nE '#include "[a-z]+/' server/"$1"/*.[ch] 2>/dev/null | grep -vE "#include \"(baraza|$2)/"
    }
    allowed base   'base'
    allowed domain 'domain|base'
    allowed store  'store|domain|base'
    allowed engine 'engine|store|domain|base'
    allowed fanout 'fanout|engine|store|domain|base'
    allowed wire   'wire|fanout|engine|store|domain|base'
    allowed net    'net|wire|fanout|engine|store|domain|base'
    allowed work   'work|engine|store|domain|base'
    grep -nE 'sqlite3' server/base/*.[ch] server/domain/*.[ch] server/engine/*.[ch] server/fanout/*.[ch] server/wire/*.[ch] \
        server/net/*.[ch] server/work/*.[ch] server/admin/*.[ch] | grep '#include'
    grep -lE 'jansson\.h' server/base/*.[ch] server/domain/*.[ch] server/store/*.[ch] server/net/*.[ch] server/work/*.[ch]
    grep -lE 'libwebsockets\.h' server/base/*.[ch] server/domain/*.[ch] server/store/*.[ch] server/engine/*.[ch] \
        server/fanout/*.[ch] server/wire/*.[ch] server/work/*.[ch] server/admin/*.[ch]
    # What reads strangers' files runs in a worker alone.
    grep -nE '#include <(magic|jpeglib|png|gif_lib|webp/|poppler|zip|expat|curl/|iconv|resolv)' server/*/*.[ch] | grep -v '^server/work/'
}

# Functions of 70 lines, files of 700, in C; lines of 140 bytes.
sizes() {
    for f in server/*.c server/*/*.[ch] include/baraza/*.h; do
        awk -v f="$f" '
            length($0) > 140 && !/X\(/ { print f ":" FNR ": a line of " length($0) }
            /^{/ { start = FNR }
            /^}/ && start { if (FNR - start > 71) print f ":" start ": a function of " FNR - start - 1 " lines"; start = 0 }
            END { if (FNR > 700) print f ": " FNR " lines" }' "$f"
    done
}

words() {
    git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- server include client-web/src client-web/tools proto deploy tests ':!tests/style.sh' \
        ':!tests/fuzz/corpus' ':!*package-lock.json'
    grep -nE '\b(strcpy|strcat|sprintf|gets|strtok|atoi|alloca)\(' server/*/*.[ch]
}

shell() {
    for f in $(git ls-files '*.sh') .ci/run; do sh -n "$f" 2>&1; done
}

case "${1:-}" in layers | sizes | words | shell) "$1" >"$found" ;; *) echo "style.sh layers|sizes|words|shell" >&2; exit 64 ;; esac
cat "$found"
[ ! -s "$found" ]
