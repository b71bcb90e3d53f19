#!/bin/sh
# symbols.sh LIBRARY... : fails when a static library of a deterministic part asks libm for more than the operations that
# IEEE 754 fixes to the bit. The names that libm exports are read from the libm that is installed.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: symbols.sh libcw_PART.a..." >&2
    exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

libm=$(${CC:-cc} -print-file-name=libm.so.6)
nm -D --defined-only "$libm" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u >"$work/libm"
if ! grep -qx sin "$work/libm"; then
    echo "symbols.sh: cannot read the names of $libm" >&2
    exit 1
fi
for name in sqrt fabs floor ceil rint copysign; do
    printf '%s\n%sf\n' "$name" "$name"
done | sort >"$work/allowed"
comm -23 "$work/libm" "$work/allowed" >"$work/forbidden"

failed=0
for library in "$@"; do
    # Thin archives and plain ones alike; nm prints "U name" for what is undefined.
    nm -u "$library" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u >"$work/used"
    found=$(comm -12 "$work/used" "$work/forbidden")
    if [ -n "$found" ]; then
        failed=1
        for name in $found; do
            echo "$(basename "$library"): uses $name of libm" >&2
        done
    fi
done
exit $failed
