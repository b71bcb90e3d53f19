#!/bin/sh
# Drives the small scenes and compares the last state's hash with the golden ones.
# Usage: golden.sh PROGRAM GOLDEN [--write]
set -eu
program=$1 golden=$2
root=$(cd "$(dirname "$0")/.." && pwd)
case $program in /*) ;; *) program=$(pwd)/$program ;; esac
case $golden in /*) ;; *) golden=$(pwd)/$golden ;; esac
cd "$root"
hashes() {
  for scene in scenes/*.xosc scenes/*.xml; do
    [ -f "$scene" ] || continue
    for driver in classical file human; do
      hash=$("$program" drive "$scene" --driver "$driver" --json --quiet --duration 60 2>/dev/null |
        sed -n 's/.*"hash": *"\([0-9a-f]*\)".*/\1/p' | head -n 1) || :
      echo "$scene $driver ${hash:-none}"
    done
  done
}
if [ "${3:-}" = --write ]; then
  hashes > "$golden"
else
  hashes | diff "$golden" -
fi
