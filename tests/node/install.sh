#!/bin/sh
# install.sh FOLDER: puts the packages of package-lock.json into FOLDER, once. Status 77 where npm or node are missing:
# meson then counts the test as skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || exit 77
mkdir -p "$folder"
(
    flock 9
    if ! cmp -s "$here/package-lock.json" "$folder/installed.json"; then
        cp "$here/package.json" "$here/package-lock.json" "$folder/"
        (cd "$folder" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
        cp "$here/package-lock.json" "$folder/installed.json"
    fi
) 9>"$folder/.lock" >&2
