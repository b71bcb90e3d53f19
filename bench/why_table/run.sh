#!/bin/sh
# The table of docs/WHY.md: tests the reasons of a driver on both halves of the scenes, each in two parts side by side.
# Usage: run.sh PROGRAM DRIVER FOLDER
# Writes FOLDER/DRIVER.HALF.json and .txt. Run again after it was stopped, it goes on where it ended. Files of scenes are
# looked for in CAUSEWAY_TEST_DATA; those that are not there are told and left out.
# Lists of scenes are words.
# shellcheck disable=SC2046,SC2086
set -eu
program=$(realpath "$1") driver=$2
lists=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
cd "${CAUSEWAY_TEST_DATA:-.}"
table() { # KEPT, then options
  kept=$1
  shift
  nice "$program" why --table --driver "$driver" --each 2 --threads 1 --keep "$kept" "$@"
}
for half in development held_out; do
  for part in 0 1; do
    table "$out/$driver.$half.$part.jsonl" $(awk "NR % 2 == $part" "$lists/$half.txt") >"$out/$driver.$half.$part.txt" &
  done
  wait
done
for half in development held_out both; do
  case $half in both) halves='development held_out' ;; *) halves=$half ;; esac
  kept=$out/$driver.$half.jsonl scenes=
  head -n 1 "$out/$driver.development.0.jsonl" >"$kept"
  for one in $halves; do
    for part in 0 1; do tail -n +2 "$out/$driver.$one.$part.jsonl" >>"$kept"; done
    scenes="$scenes $(cat "$lists/$one.txt")"
  done
  table "$kept" $scenes >"$out/$driver.$half.txt"
  table "$kept" $scenes --json >"$out/$driver.$half.json"
done
