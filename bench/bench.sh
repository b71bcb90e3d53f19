#!/bin/sh
# Runs every benchmark program of a build directory; without a pattern also writes bench/RESULTS.md.
# Usage: bench.sh BUILD [PATTERN]
set -eu
build=$1 pattern=${2:-}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
CAUSEWAY_PROGRAM=$build/causeway
export CAUSEWAY_PROGRAM
for program in "$build"/bench/*_bench; do
  [ -x "$program" ] || continue
  "$program" "$pattern" | tee -a "$out"
done
[ -z "$pattern" ] || exit 0
{
  echo '# Figures'
  echo
  echo "Written by \`./run bench\` on $(date -u +%Y-%m-%d): $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1),"
  echo "$(nproc) cores, $(cc --version | head -n 1). The machine is shared: compare within one run, not across runs."
  echo
  echo '| figure | value | unit | asked | | conditions |'
  echo '|---|---|---|---|---|---|'
  sed 's/|/\\|/g; s/\t/ | /g; s/^/| /; s/$/ |/' "$out"
} > bench/RESULTS.md
