#!/bin/sh
# embed_client.sh CLIENT OUT: builds the web client (CLIENT = "-": none) and writes OUT/assets.c and OUT/assets.S.
set -eu
client=$1 out=$2
count=0
{ echo '/* Made by embed_client.sh. */'; echo '#include "net/net.h"'; } > "$out/assets.c.new"
echo '.section .rodata' > "$out/assets.S.new"
rows=
blob() { # symbol file: a blob, or nothing when there is no such file
    [ -f "$2" ] || { eval "$3='{ NULL, 0 }'"; return; }
    printf '.global %s\n.balign 8\n%s:\n.incbin "%s"\n.byte 0\n' "$1" "$1" "$2" >> "$out/assets.S.new"
    echo "extern const char $1[];" >> "$out/assets.c.new"
    eval "$3='{ $1, $(wc -c < "$2") }'"
}
if [ "$client" != - ]; then
    cd "$client"
    [ -d node_modules ] && [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error >&2
    npm run --silent build >&2
    while read -r path type caching; do
        [ -n "$path" ] || continue
        file=$client/dist$path
        [ "$path" = / ] && file=$client/dist/index.html
        blob "bz_asset_$count" "$file" plain
        blob "bz_asset_${count}_br" "$file.br" br
        blob "bz_asset_${count}_gz" "$file.gz" gz
        immutable=false
        [ "$caching" = immutable ] && immutable=true
        rows="$rows    { \"$path\", \"$(echo "$type" | sed 's/;charset/; charset/')\", $immutable, $plain, $br, $gz },
"
        count=$((count + 1))
    done < dist/manifest.txt
fi
if [ $count = 0 ]; then
    rows='    { NULL, NULL, false, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
'
fi
printf 'const struct asset assets[] = {\n%s};\nconst size_t assets_count = %d;\n' "$rows" "$count" >> "$out/assets.c.new"
echo '.section .note.GNU-stack,"",%progbits' >> "$out/assets.S.new"
mv "$out/assets.c.new" "$out/assets.c"
mv "$out/assets.S.new" "$out/assets.S"
