#!/bin/sh
# Drives the small scenes, each with several drivers, and a town with traffic, and takes the last state's hash.
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
hash_of() { # of a drive with these arguments
  "$program" drive "$@" --json --quiet 2>/dev/null | sed -n 's/.*"hash": *"\([0-9a-f]*\)".*/\1/p' | head -n 1
}
hashes() {
  for scene in scenes/*.xosc scenes/*.xml; do
    for driver in classical file human random; do
      hash=$(hash_of "$scene" --driver "$driver" --duration 150) || :
      echo "$scene $driver ${hash:-none}"
    done
  done
  hash=$(hash_of town:7 --traffic 40 --duration 60) || :
  echo "town:7 traffic ${hash:-none}"
}
if [ "${3:-}" = --write ]; then
  hashes > "$golden"
  ! grep -q ' none$' "$golden" || { grep ' none$' "$golden" >&2; echo 'golden.sh: these drives gave no hash' >&2; exit 1; }
else
  hashes | diff "$golden" -
fi
