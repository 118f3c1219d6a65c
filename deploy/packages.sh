# packages.sh: what Debian must have, sourced by run.sh and by the tests. Installs only what is missing.

baraza_build_packages="cmake ninja-build gcc libc6-dev pkg-config libuv1-dev libwebsockets-dev libwebsockets-evlib-uv
 libjansson-dev libsqlite3-dev libsodium-dev libidn2-dev libmd4c-dev libinih-dev libqrencode-dev libexttextcat-dev
 libexttextcat-data libutf8proc-dev libbrotli-dev zlib1g-dev libssl-dev
 libseccomp-dev libmagic-dev libjpeg62-turbo-dev libpng-dev libwebp-dev libgif-dev
 libzip-dev libexpat1-dev libpoppler-glib-dev libstemmer-dev
 libcurl4-openssl-dev ca-certificates"

baraza_policy=/usr/sbin/policy-rc.d   # asked by Debian before it starts a service that it installed

find_missing() { # PACKAGE...
    missing= as_root=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
    [ -z "$missing" ] || [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null || { echo "This needs root once, to install:$missing" >&2; return 1; }
    as_root=sudo
}

# need PACKAGE...: installs those of them that are missing.
need() {
    find_missing "$@" || return 1
    [ -n "$missing" ] || return 0
    echo "Installing from Debian:$missing"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# need_stopped PACKAGE...: as need, for programs that are only started by hand: what is installed starts no service on this
# machine, neither now nor at boot. What was installed before is left as it is.
need_stopped() {
    find_missing "$@" || return 1
    [ -n "$missing" ] || return 0
    (
        if [ ! -e "$baraza_policy" ]; then   # a machine's own answer stays
            trap '$as_root rm -f "$baraza_policy"' EXIT
            trap 'exit 130' INT TERM
            printf '#!/bin/sh\nexit 101\n' | $as_root tee "$baraza_policy" >/dev/null && $as_root chmod 755 "$baraza_policy" || exit 1
        fi
        # shellcheck disable=SC2086
        need $missing
    ) || return 1
    # shellcheck disable=SC2086
    for unit in $(dpkg -L $missing | sed -n 's|^.*/lib/systemd/system/\([^@/]*\)\.service$|\1|p' | sort -u); do
        $as_root update-rc.d "$unit" disable >/dev/null 2>&1 || echo "Note: the service $unit starts at the next boot."
    done
}

node_is() { # MAJOR: is there Node.js of at least this version, and npm?
    command -v npm >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < +process.argv[1] ? 1 : 0)' "$1" 2>/dev/null
}

# Node.js 18 or newer with npm, from Debian only when there is none yet.
need_node() { node_is 18 || need nodejs npm; }

# need_new_node FOLDER: the tests run by options of Node.js 20. Debian 12 has 18: then it comes from npm, into FOLDER.
need_new_node() {
    node_is 20 && return 0
    need_node || return 1
    if [ ! -x "$1/node_modules/node/bin/node" ]; then
        echo "Installing from npm: node"
        npm install --prefix "$1" --no-save --no-audit --no-fund --loglevel=error node@20 >/dev/null || return 1
    fi
    PATH=$1/node_modules/node/bin:$PATH
    export PATH
    node_is 20
}
