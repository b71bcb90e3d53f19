#!/bin/sh
# The same drive wherever the world lies: far from the origin, or mirrored with traffic on the left.
# Usage: moved.sh PROGRAM SOURCE_ROOT
set -u
program=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $program in /*) ;; *) program=$PWD/$program ;; esac
cd "$root" || exit 1
failed=0

# change NAME AWK: the scene with each line put through the awk program.
change() {
  mkdir -p "$work/$1/catalogs"
  cp scenes/catalogs/* "$work/$1/catalogs/"
  for file in motorway.xodr cut_in.xosc; do
    awk '
      function value_of(name) {
        return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
      }
      function set(name, value) { # after value_of
        $0 = substr($0, 1, RSTART - 1) " " name "=\"" value "\"" substr($0, RSTART + RLENGTH)
      }
      function negate(name,   value) {
        value = value_of(name)
        if (value != "" && value + 0 != 0) set(name, value ~ /^-/ ? substr(value, 2) : "-" value)
      }
      function add(name, more,   value) {
        value = value_of(name)
        if (value != "") set(name, sprintf("%.10f", value + more))
      }
      '"$2"' { print }' "scenes/$file" >"$work/$1/$file"
    cmp -s "scenes/$file" "$work/$1/$file" && [ "$file" = motorway.xodr ] && { echo "FAILED: $1 changes nothing"; failed=1; }
  done
}

# What the command prints but the name of the file and the hash of the run.
drive() { "$program" drive "$1/cut_in.xosc" 2>&1 | sed -e 1d -e 's/, hash .*//'; }

drive scenes >"$work/plain"
grep -q '^PASSED' "$work/plain" || { echo "FAILED: the scene as it is"; failed=1; }
# same NAME: as the plain scene, word for word, and figure for figure but for one in the last place, where rounding decides
same() {
  drive "$work/$1" >"$work/out"
  awk '
    function last_place(word) { return match(word, /\./) ? 10 ^ -(length(word) - RSTART) : 0 }
    function alike(a, b) {
      return a == b || (a ~ /^-?[0-9]+\.[0-9]+$/ && length(a) == length(b) && (a - b) ^ 2 < (1.1 * last_place(a)) ^ 2)
    }
    NR == FNR { plain[NR] = $0; lines = NR; next }
    {
      differs = split(plain[FNR], before) != NF
      for (i = 1; i <= NF && !differs; i++) differs = !alike(before[i], $i)
      if (differs) { print "< " plain[FNR]; print "> " $0; bad++ }
    }
    END { if (FNR != lines) print FNR " lines, not " lines; exit bad > 0 || FNR != lines }' "$work/plain" "$work/out" \
    >"$work/diff" || { echo "FAILED: $1 is another drive"; head -n 6 "$work/diff"; failed=1; }
}

change near '/<geometry |<WorldPosition/ { add("x", 10000); add("y", -10000) }'
change far '/<geometry |<WorldPosition/ { add("x", 500000); add("y", 5000000) }'
change mirrored '
  /<geometry / { negate("y"); negate("hdg"); negate("curvature"); negate("curvStart"); negate("curvEnd") }
  /<superelevation / { negate("a"); negate("b") }
  /<lane id/ { negate("id") }
  /LanePosition/ { negate("laneId") }
  /AbsoluteTargetLane/ { negate("value") }
  { gsub(/rule="RHT"/, "rule=\"LHT\""); gsub(/<right>/, "<left>"); gsub(/<\/right>/, "</left>") }'
for world in near far mirrored; do same $world; done
exit $failed
