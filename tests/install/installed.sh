#!/bin/sh
# What `meson install` leaves behind works by itself: the program, and the library for a program of someone else's.
# Usage: installed.sh BUILD SOURCE_ROOT
set -eu
build=$(cd "$1" && pwd) root=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR=$work meson install -C "$build" --no-rebuild >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

one() { find "$work" -path "*/$1" | grep . || { echo "not installed: $1" >&2; exit 1; }; }
program=$(one bin/causeway) pc=$(one pkgconfig/causeway.pc) library=$(one libcauseway.so) scene=$(one scenes/cut_in.xosc)
one man1/causeway.1 >/dev/null; one bash-completion/completions/causeway >/dev/null; one schema/drive.json >/dev/null
[ "$(find "$work" -path '*/include/causeway/*.h' | wc -l)" = "$(find "$root/include/causeway" -name '*.h' | wc -l)" ] ||
  { echo 'not every public header is installed' >&2; exit 1; }

flags=$(PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$work pkg-config --cflags --libs causeway)
# shellcheck disable=SC2086
${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror "$root/examples/drive.c" $flags -o "$work/drive"

${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror "$root/examples/callback.c" $flags -lm -o "$work/callback"
for example in callback.c drive.c driver.c driver.py driver_unix.py; do one "examples/$example" >/dev/null; done
${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror -shared -fPIC "$root/examples/driver.c" $flags -lm -o "$work/mine.so"

cd "$work"
hash() { sed -n 's/.*[" ]hash"\{0,1\}:\{0,1\} "\{0,1\}\([0-9a-f]\{16\}\).*/\1/p' | head -n 1; }
ours=$("$program" drive "$scene" --json --quiet | hash) || :
theirs=$(LD_LIBRARY_PATH=$(dirname "$library") ./drive "$scene" | hash) || :
[ -n "$ours" ] && [ "$ours" = "$theirs" ] || { echo "the installed program gives '$ours', the library '$theirs'" >&2; exit 1; }
LD_LIBRARY_PATH=$(dirname "$library") ./callback "$scene" | grep -q '^stop_trigger after' || { echo 'the callback does not drive'; exit 1; }
for driver in ./mine.so "$(one examples/driver.py)"; do
  case $driver in *.py) command -v python3 >/dev/null || continue ;; esac
  LD_LIBRARY_PATH=$(dirname "$library") "$program" drive "$scene" --driver "$driver" --set driver.timeout=60 --json --quiet >result ||
    { echo "the installed program does not drive by $driver"; exit 1; }
  grep -q '"driver_trouble": null' result || { echo "trouble with $driver"; exit 1; }
done
echo "installed: program and library both end at $ours"
