#!/bin/sh
# embed.sh OUTPUT PAGE STYLE SCRIPT...: writes the files as terminated C arrays. Scripts go out in the order given.
set -eu
output=$1 page=$2 style=$3
shift 3

array() { # NAME FILE...
    name=$1
    shift
    printf 'const char %s[] = {' "$name"
    cat "$@" | od -An -v -t d1 | sed 's/  */,/g; s/^,//; s/$/,/'
    printf '0};\n'
}

{
    printf '#include "show/viewer.h"\n'
    array viewer_page "$page"
    array viewer_style "$style"
    array viewer_script "$@"
} >"$output"
