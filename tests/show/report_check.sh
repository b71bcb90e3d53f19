#!/bin/sh
# report_check.sh PROGRAM FOLDER: PROGRAM writes a report, Chromium shows it. Skipped (77) without Chromium or npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
CHROMIUM=$(command -v chromium || command -v chromium-browser) || exit 77
export CHROMIUM
sh "$here/../node/install.sh" "$2/node" || exit $?
mkdir -p "$2/screenshots"
"$1" "$2/screenshots/report.html"
node "$here/report_check.mjs" "$2/node" "$2/screenshots/report.html" "$2/screenshots"
