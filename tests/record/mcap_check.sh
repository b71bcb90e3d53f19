#!/bin/sh
# mcap_check.sh PROGRAM FOLDER: PROGRAM writes a trace, @mcap/core reads it back.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../node/install.sh" "$2/node" || exit $?
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$1" "$scratch/trace.mcap" "$scratch/trace.json"
node "$here/mcap_check.mjs" "$2/node" "$scratch/trace.mcap" "$scratch/trace.json"
