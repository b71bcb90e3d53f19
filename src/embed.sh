#!/bin/sh
# embed.sh OUTPUT HEADER NAME FILE... [-- NAME FILE...]...: writes files as terminated C arrays, several one after the other.
# They are declared in HEADER.
set -eu
output=$1 header=$2
shift 2

{
    printf '#include "%s"\n' "$header"
    while [ $# -gt 0 ]; do
        printf 'const char %s[] = {' "$1"
        shift
        while [ $# -gt 0 ] && [ "$1" != -- ]; do
            od -An -v -t d1 "$1" | sed 's/  */,/g; s/^,//; s/$/,/'
            shift
        done
        printf '0};\n'
        [ $# -eq 0 ] || shift
    done
} >"$output"
