# packages.sh: what Debian must have, sourced by run.sh and by the tests. Installs only what is missing.

baraza_build_packages="cmake ninja-build gcc libc6-dev pkg-config libuv1-dev libwebsockets-dev libwebsockets-evlib-uv
 libjansson-dev libsqlite3-dev libsodium-dev libmd4c-dev libinih-dev libqrencode-dev libexttextcat-dev
 libexttextcat-data libbrotli-dev zlib1g-dev"

# need PACKAGE...: installs those of them that are missing.
need() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "Installing from Debian:$missing"
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "This needs root once, to install:$missing" >&2; return 1; }
        as_root=sudo
    fi
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Node.js 18 or newer with npm, from Debian only when there is none yet.
need_node() {
    if command -v npm >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null; then
        return 0
    fi
    need nodejs npm
}
