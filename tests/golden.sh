#!/bin/sh
# Drives the small scenes, each with several drivers, and takes the last state's hash.
#   golden.sh PROGRAM FILE            compares the hashes with those of FILE
#   golden.sh PROGRAM FILE --write    writes them to FILE
#   golden.sh --compare FILE OTHER    compares two files of hashes
set -eu
if [ "$1" = --compare ]; then
  diff "$2" "$3"
  exit
fi
program=$1 golden=$2
root=$(cd "$(dirname "$0")/.." && pwd)
case $program in /*) ;; *) program=$(pwd)/$program ;; esac
case $golden in /*) ;; *) golden=$(pwd)/$golden ;; esac
cd "$root"
hashes() {
  for scene in scenes/*.xosc scenes/*.xml; do
    for driver in classical file human random; do
      hash=$("$program" drive "$scene" --driver "$driver" --json --quiet --duration 150 2>/dev/null |
        sed -n 's/.*"hash": *"\([0-9a-f]*\)".*/\1/p' | head -n 1) || :
      echo "$scene $driver ${hash:-none}"
    done
  done
}
if [ "${3:-}" = --write ]; then
  hashes > "$golden"
  ! grep -q ' none$' "$golden" || { grep ' none$' "$golden" >&2; echo 'golden.sh: these drives gave no hash' >&2; exit 1; }
else
  hashes | diff "$golden" -
fi
