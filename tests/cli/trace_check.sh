#!/bin/sh
# trace_check.sh PROGRAM SOURCE_ROOT FOLDER: drives, and holds what the trace tells viewers against its own schemas, with
# @mcap/core. Skipped (77) without npm.
set -eu
case $1 in /*) program=$1 ;; *) program=$PWD/$1 ;; esac
cd "$2"
sh tests/node/install.sh "$3/node" || exit $?
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" drive scenes/cut_in.xosc --quiet --trace "$work/good.mcap" >/dev/null
node tests/record/schema_check.mjs "$3/node" "$work/good.mcap" /scene /tf /ego/pose /log /causeway/words /causeway/events

# A slow lorry is put in front of a driver that never brakes; told in Korean.
cp -r scenes/catalogs scenes/motorway.xodr "$work"
sed 's/laneId="-3" s="330"/laneId="-2" s="100"/; s/value="22.2"/value="5"/' scenes/cut_in.xosc >"$work/hit.xosc"
status=0
"$program" drive "$work/hit.xosc" --quiet --driver constant --evaluator off --lang ko --trace "$work/hit.mcap" >"$work/out" || status=$?
[ $status = 1 ] || { echo "exit $status, not 1"; exit 1; }
node tests/record/schema_check.mjs "$3/node" "$work/hit.mcap" /scene "/log=접촉: "
grep -q '^판정 기준' "$work/out" || { echo "no Korean in the result"; exit 1; }
