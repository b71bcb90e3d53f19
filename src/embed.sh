#!/bin/sh
# embed.sh OUTPUT HEADER NAME FILE... [-- NAME FILE...]...: writes files as terminated C arrays, several one after the other,
# and their sizes without the zero, NAME_size.
# They are declared in HEADER.
set -eu
output=$1 header=$2
shift 2

{
    printf '#include "%s"\n' "$header"
    while [ $# -gt 0 ]; do
        name=$1
        printf 'const char %s[] = {' "$name"
        shift
        while [ $# -gt 0 ] && [ "$1" != -- ]; do
            od -An -v -t d1 "$1" | sed 's/  */,/g; s/^,//; s/$/,/'
            shift
        done
        printf '0};\nconst unsigned long %s_size = sizeof %s - 1;\n' "$name" "$name"
        [ $# -eq 0 ] || shift
    done
} >"$output"
