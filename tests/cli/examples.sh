#!/bin/sh
# Every example of --help and of the man page works as printed.
# Usage: examples.sh PROGRAM SOURCE_ROOT
set -eu
case $1 in /*) program=$1 ;; *) program=$PWD/$1 ;; esac
root=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/causeway"
PATH=$work/bin:$PATH
export PATH
cp -r "$root/scenes" "$work"
cd "$work"

{
  causeway --help
  causeway drive --help
  causeway info --help
  causeway why --help
  causeway train --help
  causeway render --help
} | sed -n 's/^  \(causeway .*[./].*\)$/\1/p' >help
sed -n '/^\.SH EXAMPLES/,/^\.SH [^E]/s/^\(causeway .*\)$/\1/p' "$root/docs/man/causeway.1" | sed 's/\\-/-/g' >man
for list in help man; do
  [ "$(wc -l <$list)" -ge 2 ] || { echo "FAILED: no examples found in the $list"; exit 1; }
done
# One that stands in both runs once; a file that one example writes is read by a later one.
awk '!seen[$0]++' help man >examples
failed=0
while read -r example; do
  if sh -c "$example" >out 2>err </dev/null; then
    echo "ok: $example"
  else
    echo "FAILED: exit $?: $example"; head -n 5 err; failed=1
  fi
done <examples
exit $failed
