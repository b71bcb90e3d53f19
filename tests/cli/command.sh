#!/bin/sh
# The command as a user meets it: help, exit status, errors with their place, results that repeat.
# Usage: command.sh PROGRAM SOURCE_ROOT
set -u
program=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $program in /*) ;; *) program=$PWD/$program ;; esac
cd "$root" || exit 1
failed=0

# expect STATUS WHAT COMMAND...
expect() {
  want=$1 what=$2; shift 2
  "$@" >"$work/out" 2>"$work/err"
  got=$?
  if [ "$got" != "$want" ]; then
    echo "FAILED: $what: exit $got, not $want"; sed 's/^/    /' "$work/err" | head -n 5; failed=1
  fi
}
# says PATTERN WHAT: in what the last command printed on either side
says() {
  grep -Eq "$1" "$work/out" "$work/err" || { echo "FAILED: $2: nothing like '$1' in its output"; head -n 5 "$work/out" "$work/err" | sed 's/^/    /'; failed=1; }
}

expect 0 'help' "$program" --help;                     says '^Usage:' 'help'
expect 0 'version' "$program" --version;               says '^causeway [0-9]' 'version'
expect 2 'no verb' "$program"
expect 2 'unknown verb' "$program" fly;                says "no verb 'fly'" 'unknown verb'
expect 0 'drive help' "$program" drive --help;         says '^Example:' 'drive help'
expect 0 'info help' "$program" info --help;           says '^Examples?:' 'info help'
expect 2 'drive without a file' "$program" drive
expect 2 'unknown option' "$program" drive --fast x
expect 2 'unknown driver' "$program" drive --driver nobody scenes/town.xosc; says 'there are: .*classical' 'unknown driver'
expect 2 'unknown parameter' "$program" drive --set Nothing=1 scenes/town.xosc
expect 2 'unknown setting' "$program" drive --set a1.nothing=1 scenes/town.xosc
expect 2 'bad duration' "$program" drive --duration long scenes/town.xosc
expect 3 'missing file' "$program" drive "$work/none.xosc"; says 'none.xosc' 'missing file'
expect 1 'a car that stands' "$program" drive town:3 --driver constant --set town.traffic=0; says 'FAIL.* goal ' 'a car that stands'
expect 0 'the verdict as JSON' "$program" drive scenes/cut_in.xosc --duration 2 --json; says '^  "passed": true' 'the verdict as JSON'
expect 0 'info of a map' "$program" info scenes/town.xodr; says 'junctions' 'info of a map'
expect 0 'info as JSON' "$program" info --json scenes/town.xosc; says '"schema": ?"causeway.info/1"' 'info as JSON'

# Bad input: the place, status 3, no output left behind.
bad() {
  printf '%s' "$2" > "$work/$1"
  expect 3 "bad input $1" "$program" drive "$work/$1" --trace "$work/left.mcap"
  says "$1:[0-9]+(:[0-9]+)?: error: |$1: error: " "bad input $1"
  [ ! -e "$work/left.mcap" ] || { echo "FAILED: bad input $1 left a trace"; failed=1; }
}
bad empty.xosc ''
bad notxml.xosc 'this is no XML'
bad cut.xosc '<?xml version="1.0"?><OpenSCENARIO><FileHeader revMajor="1"'
bad other.xosc '<?xml version="1.0"?><html></html>'
bad noroad.xosc '<?xml version="1.0"?><OpenSCENARIO><FileHeader revMajor="1" revMinor="1" date="" description="" author=""/><RoadNetwork><LogicFile filepath="nowhere.xodr"/></RoadNetwork><Entities/><Storyboard><Init><Actions/></Init></Storyboard></OpenSCENARIO>'
bad entity.xml '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "e">]><commonRoad>&e;</commonRoad>'

# Bad input made of the town: each change names its place.
cp -r scenes/catalogs scenes/town.xodr "$work"
change() { # NAME PATTERN SED-EXPRESSION
  sed "$3" scenes/town.xosc > "$work/$1"
  cmp -s scenes/town.xosc "$work/$1" && { echo "FAILED: the change for $1 changes nothing"; failed=1; }
  expect 3 "bad input $1" "$program" drive "$work/$1" --trace "$work/left.mcap" --duration 1
  says "$1:[0-9]+:[0-9]+: error: .*$2" "bad input $1"
  [ ! -e "$work/left.mcap" ] || { echo "FAILED: bad input $1 left a trace"; failed=1; }
}
change nan.xosc 'not a finite number' 's/value="0.6"/value="NaN"/'
change huge.xosc '1e308' 's/s="12"/s="1e308"/'
change entry.xosc 'no entry' 's/entryName="lorry"/entryName="spaceship"/'
change catalog.xosc 'no catalog' 's/catalogName="people"/catalogName="nobody"/'
change ghost.xosc 'no entity' 's/entityRef="Child"/entityRef="Ghost"/'
change cyclic.xosc 'refers to itself' 's#<CatalogLocations>#<ParameterDeclarations><ParameterDeclaration name="A" parameterType="double" value="${$B}"/><ParameterDeclaration name="B" parameterType="double" value="${$A}"/></ParameterDeclarations><CatalogLocations>#'
# An error beyond line 65,535 is named by its right line.
{ sed -n '1,/<Entities>/p' scenes/town.xosc; yes '' | head -n 70000; sed '1,/<Entities>/d' scenes/town.xosc; } |
  sed 's/entryName="lorry"/entryName="spaceship"/' > "$work/long.xosc"
line=$(grep -n spaceship "$work/long.xosc" | cut -d: -f1)
expect 3 'an error far down' "$program" drive "$work/long.xosc"
says "long.xosc:$line:[0-9]+: error: " 'an error far down'
map() { # NAME PATTERN SED-EXPRESSION
  sed "$3" scenes/town.xodr > "$work/$1"
  cmp -s scenes/town.xodr "$work/$1" && { echo "FAILED: the change for $1 changes nothing"; failed=1; }
  expect 3 "bad map $1" "$program" info "$work/$1"
  says "$1:[0-9]+:[0-9]+: error: .*$2" "bad map $1"
}
map nan.xodr 'not a finite number' 's/length="250" id="1"/length="NaN" id="1"/'
map huge.xodr 'out of range' 's/x="280" y="0"/x="1e308" y="0"/'
map negative.xodr 'negative' 's/length="250"><line/length="-250"><line/'
head -c 15000 scenes/town.xodr > "$work/cut.xodr"
expect 3 'a map cut off' "$program" info "$work/cut.xodr"; says 'cut.xodr:[0-9]+:[0-9]+: error: ' 'a map cut off'
printf '\211MCAP0\r\n\211MCAP0\r\n' > "$work/none.mcap"
expect 3 'an empty trace' "$program" info "$work/none.mcap"

# What follows the driver's name reaches the driver.
expect 2 'an option that the driver does not have' "$program" drive scenes/cut_in.xosc --driver constant:fast --duration 1; says 'unknown option "fast"; it knows one: full' 'an unknown option'
for driver in classical human random razor swap spin late frozen nan; do
  expect 2 "$driver with an option" "$program" drive scenes/cut_in.xosc --driver $driver:fast --duration 1; says "driver $driver takes no options, got \"fast\"" "$driver with an option"
done
for driver in constant constant:full; do
  "$program" drive scenes/cut_in.xosc --driver $driver --evaluator off --duration 1 --json --quiet 2>/dev/null | sed -n 's/.*"hash": *//p'
done | sort -u >"$work/hashes"
[ "$(wc -l <"$work/hashes")" = 2 ] || { echo "FAILED: constant:full drives as constant does"; failed=1; }

# The same run gives the same bits; a trace is driven again and compared.
expect 0 'a short drive by the file' "$program" drive scenes/town.xosc --driver file --duration 3 --json --quiet --trace "$work/a.mcap"
first=$(sed -n 's/.*"hash": *"\([0-9a-f]*\)".*/\1/p' "$work/out")
"$program" drive scenes/town.xosc --driver file --duration 3 --json --quiet >"$work/out" 2>/dev/null
second=$(sed -n 's/.*"hash": *"\([0-9a-f]*\)".*/\1/p' "$work/out")
[ -n "$first" ] && [ "$first" = "$second" ] || { echo "FAILED: two runs give '$first' and '$second'"; failed=1; }
expect 0 'replay' "$program" drive "$work/a.mcap";     says 'identical: 300 steps' 'replay'
expect 0 'info of a trace' "$program" info "$work/a.mcap"; says '/causeway/actors' 'info of a trace'
"$program" drive scenes/town.xosc --duration 8 --quiet --trace "$work/b.mcap" >/dev/null 2>&1
expect 0 'replay of a driven run' "$program" drive "$work/b.mcap"; says 'identical: 800 steps' 'replay of a driven run'

# Reasons tested by intervention; bad input is named.
"$program" drive scenes/cut_in.xosc --duration 14 --quiet --trace "$work/why.mcap" >/dev/null 2>&1
expect 0 'why' "$program" why "$work/why.mcap"; says '^  [+] Tested true: without vehicle CutIn, [0-9.]+ m further after 3 s' 'why'
expect 0 'why in Korean' "$program" why "$work/why.mcap" --lang ko --at 6.5; says '차량 CutIn이 없으면' 'why in Korean'
expect 0 'why as JSON' "$program" why "$work/why.mcap" --at 6.5 --json --threads 1; says '"schema": "causeway.why/1"' 'why as JSON'
cp "$work/out" "$work/tests.json"
expect 0 'the same by two threads' "$program" why "$work/why.mcap" --at 6.5 --json --threads 2
cmp -s "$work/out" "$work/tests.json" || { echo 'FAILED: why depends on the number of threads'; failed=1; }
expect 0 'certificates' "$program" why --check "$work/tests.json" "$work/why.mcap"; says '[0-9]+ certificates, 0 differ' 'certificates'
sed 's/"hash": "..../"hash": "0000/' "$work/tests.json" >"$work/forged.json"
expect 1 'a forged certificate' "$program" why --check "$work/forged.json" "$work/why.mcap"; says 'DIFFERS' 'a forged certificate'
expect 2 'why of nothing' "$program" why
expect 2 'two choices' "$program" why "$work/why.mcap" --at 3 --all
expect 3 'a time outside' "$program" why "$work/why.mcap" --at 99; says 'nothing was decided at 99 s' 'a time outside'
expect 3 'a decision outside' "$program" why "$work/why.mcap" --decision 5000; says 'no decision 5000' 'a decision outside'
expect 0 'a decision without causes' "$program" why "$work/why.mcap" --at 0; says 'names no cause' 'a decision without causes'
expect 0 'the last decision' "$program" why "$work/why.mcap" --at 14; says 'not testable|untested|[0-9]+ others' 'the last decision'
expect 0 'a report with tests' "$program" why "$work/why.mcap" --report "$work/why.html" --output "$work/tested.mcap"
grep -q '"why":{"schema": *"causeway.why/1"' "$work/why.html" && grep -q '"film": *\[\[\[0' "$work/why.html" || { echo 'FAILED: the report holds no tests'; failed=1; }
expect 0 'a trace with tests' "$program" info "$work/tested.mcap"; says 'why.json' 'a trace with tests'
expect 0 'it is still the same run' "$program" drive "$work/tested.mcap"; says 'identical: 1400 steps' 'it is still the same run'
expect 0 'a table' "$program" why --table scenes/cut_in.xosc --duration 14; says '^stated +1.000' 'a table'; says '^nearest' 'a table'
expect 0 'a table as JSON' "$program" why --table scenes/cut_in.xosc --duration 14 --json; says '"schema": "causeway.why_table/1"' 'a table as JSON'
expect 2 'a table of nothing' "$program" why --table
expect 3 'a table of what is not there' "$program" why --table "$work/none.xosc"; says 'none.xosc' 'a table of what is not there'
expect 0 'a table that is kept' "$program" why --table scenes/cut_in.xosc --duration 14 --each 1 --keep "$work/kept.jsonl"
cp "$work/out" "$work/kept.txt"; printf '{"scene": "cut sh' >>"$work/kept.jsonl"
expect 0 'a table taken up again' "$program" why --table scenes/cut_in.xosc --duration 14 --each 1 --keep "$work/kept.jsonl"
cmp -s "$work/out" "$work/kept.txt" || { echo 'FAILED: what is kept gives another table'; failed=1; }
expect 3 'a table of other settings' "$program" why --table scenes/cut_in.xosc --duration 9 --each 1 --keep "$work/kept.jsonl"; says 'kept.jsonl:1: error: .*other settings' 'a table of other settings'
expect 0 'no contact' "$program" why "$work/why.mcap" --contact; says 'touched nobody' 'no contact'
"$program" drive scenes/a1/street.xosc --driver constant --evaluator off --duration 15 --quiet --trace "$work/touch.mcap" >/dev/null 2>&1
expect 0 'a contact explained' "$program" why "$work/touch.mcap" --contact; says 'Fault: shared [(]clause 5[)]' 'a contact explained'; says '^ +physics: until [0-9.]+ s' 'a contact explained'
expect 0 'a contact in Korean' "$program" why "$work/touch.mcap" --contact --lang ko; says '책임: 공동' 'a contact in Korean'
expect 0 'a contact as JSON' "$program" why "$work/touch.mcap" --contact --json; says '"schema": "causeway.why_contact/1"' 'a contact as JSON'
expect 2 'cut-ins of a file' "$program" why --cut-in "$work/why.mcap"
expect 2 'cut-ins of a stranger' "$program" why --cut-in --driver "$work/mine.so"
head -c 9000 "$work/why.mcap" >"$work/cut.mcap"
expect 3 'a trace cut short' "$program" why "$work/cut.mcap"; says 'cut.mcap' 'a trace cut short'
expect 3 'no driver decided' "$program" why "$work/a.mcap"; says 'no decisions' 'no driver decided'
expect 3 'no trace at all' "$program" why scenes/town.xosc; says 'town.xosc' 'no trace at all'
expect 3 'no tests' "$program" why --check scenes/town.xosc "$work/why.mcap"; says 'town.xosc:1:1: error' 'no tests'

# Tick by tick: a line for each decision, ten columns; what was refused names its clause, its margin and its cause.
expect 0 'steps' "$program" drive scenes/cut_in.xosc --step --quiet --duration 12
says '^ +6\.[0-9] .* failsafe +[a-z_]+ +keep_lane +failsafe +cut_in +-[0-9.]+ +CutIn$' 'steps'
[ "$(awk '$1 ~ /^[0-9.]+$/ && NF == 10 && $4 ~ /^(classical|failsafe)$/' "$work/out" | wc -l)" = 121 ] || { echo "FAILED: steps are not a line a decision"; failed=1; }
awk 'NF == 10 && /failsafe/ && $9 !~ /^-/ && $8 != "hysteresis" { print "FAILED: refused with a margin that is kept: " $0; bad = 1 } END { exit bad }' "$work/out" || failed=1
expect 2 'steps as JSON' "$program" drive scenes/cut_in.xosc --step --json

# What the schema requires of a result is there.
"$program" drive scenes/cut_in.xosc --quiet --json --duration 1 >"$work/out" 2>/dev/null
for key in $(sed -n '/^  "required"/,/\]/s/^ *"\([a-z_]*\)",*$/\1/p' schema/drive.json); do
  grep -q "^  \"$key\": " "$work/out" || { echo "FAILED: the result has no $key"; failed=1; }
done

# Two drivers on one scene: a table, an object, one page; the exit status is the first one's.
expect 0 'against' "$program" drive scenes/cut_in.xosc --driver classical --against constant --quiet --duration 20 --report "$work/both.html" --trace "$work/both.mcap"
says '^A: classical, evaluator on' 'against'; says '^B: constant, evaluator on' 'against'
says '^  distance_m +[0-9.]+ +[0-9.]+ +[-+][0-9.]+$' 'against'
grep -q 'causeway.against_report/1' "$work/both.html" && [ -s "$work/both.a.mcap" ] && [ -s "$work/both.b.mcap" ] || { echo "FAILED: against leaves no report and traces"; failed=1; }
expect 0 'against one that fails' "$program" drive scenes/cut_in.xosc --driver classical --against constant:full --evaluator off --quiet --json
says '"schema": "causeway.against/1"' 'against as JSON'; says '"contact"' 'against as JSON'
expect 1 'one that fails against another' "$program" drive scenes/cut_in.xosc --driver constant:full --against classical --evaluator off --quiet
says '^  contact +FAILED +ok +[*]$' 'one that fails against another'
expect 0 'against an earlier drive' "$program" drive scenes/cut_in.xosc --against "$work/both.a.mcap" --quiet --duration 20
says '^  distance_m +([0-9.]+) +\1 +[+]0.000$' 'against an earlier drive'
expect 3 'against a trace that is not there' "$program" drive scenes/cut_in.xosc --against "$work/none.mcap" --quiet --duration 1
expect 2 'against nobody' "$program" drive scenes/cut_in.xosc --against nobody --quiet --duration 1
# Cameras: what cannot be is told before anything is written.
expect 2 'render, nowhere' "$program" render scenes/cut_in.xosc
expect 2 'render, unknown weather' "$program" render scenes/cut_in.xosc --weather "rain, frogs" -o "$work/no.mp4"
says frogs 'the word of weather that there is not'
expect 2 'render, labels nowhere' "$program" render scenes/cut_in.xosc --labels ""
expect 2 'render, no size' "$program" render scenes/cut_in.xosc --size 0x96 -o "$work/no.mp4"
expect 2 'render, no such rig' "$program" render scenes/cut_in.xosc --duration 0.1 --rig surround7 -o "$work/no.mp4"
printf '{"cameras": [\n {"name": "a", "width": 64, "height": 48, "view_deg": 400}]}' >"$work/rig.json"
expect 3 'render, impossible rig' "$program" render scenes/cut_in.xosc --duration 0.1 --rig "$work/rig.json" -o "$work/no.mp4"
says 'rig.json:2:' 'the place in the rig'
[ ! -e "$work/no.mp4" ] || { echo 'FAILED: render left a file behind'; failed=1; }
# A disk that is full, as a limit on files feels: an error, and nothing under the final name.
for where in "-o $work/full.mp4" "-o $work/full.png" "--labels $work/full"; do
  # shellcheck disable=SC2086
  (trap '' XFSZ; ulimit -f 8; exec "$program" render scenes/cut_in.xosc --duration 1 --size 320x180 --grade training --quiet $where) >"$work/out" 2>&1
  status=$?
  [ $status = 3 ] || [ $status = 4 ] || { echo "FAILED: render $where on a full disk gives $status"; failed=1; }
  [ ! -e "$work/full.mp4" ] && [ ! -e "$work/full.png" ] && [ ! -e "$work/full/v1.0-causeway/scene.json" ] || { echo "FAILED: render $where leaves half a file"; failed=1; }
done

expect 2 'against, tick by tick' "$program" drive scenes/cut_in.xosc --against human --step

# Who of the others breaks A1 is told where it is seen.
"$program" drive town:5 --traffic 60 --set traffic.red_light=2000 --driver file --duration 60 --quiet --report "$work/breach.html" >/dev/null 2>&1
grep -Eq '"A1 broken: [^"]* crosses a line later than 1 s after red","A1 위반: ' "$work/breach.html" || { echo "FAILED: a report tells no breach"; failed=1; }

# In Korean all of it: verdict, names, sentences; the JSON in the language asked for, with the other beside it.
expect 0 'in Korean' "$program" drive scenes/cut_in.xosc --lang ko --quiet --trace "$work/ko.mcap"
words=$(sed -n '/^판정/,/^기록/p' "$work/out" | grep -v '^기록' | grep -Eo '[A-Za-z_]{3,}' | grep -Evx 'CutIn|RSS|TTC|nuPlan|DAC|DDC|rad|BTN|CARLA|DRAC|NAVSIM|PDMS' | sort -u)
[ -z "$words" ] || { echo "FAILED: in Korean it says" $words; failed=1; }
expect 0 'JSON in Korean' "$program" drive scenes/cut_in.xosc --lang ko --quiet --json --duration 2
says '"text": "접촉 없음"' 'JSON in Korean'; says '"text_en": "no contact"' 'JSON in Korean'

# Variations: one line each, the numbers at the end; outputs by number; the user's own parameters win.
expect 1 'variations' "$program" drive --distribution scenes/variations/cut_in.xosc --sample 3 --driver file --quiet --duration 40
says '3 of 12 variations: ' 'variations'
expect 0 'variations as JSON' "$program" drive scenes/cut_in.xosc --distribution scenes/variations/cut_in.xosc --sample 2 --set CutInSpeed=27 --driver file --quiet --json --duration 2 --trace "$work/traces"
says '"CutInSpeed": ?"27"' 'variations as JSON'
[ "$(ls "$work/traces" | wc -l)" = 2 ] || { echo "FAILED: variations wrote $(ls "$work/traces")"; failed=1; }
expect 2 'a sample of nothing' "$program" drive scenes/cut_in.xosc --sample 3
expect 3 'a distribution that is none' "$program" drive --distribution scenes/cut_in.xosc; says 'cut_in.xosc:2:1: error: ' 'a distribution that is none'

# A result that cannot be written leaves nothing half-written and says so.
expect 3 'unwritable trace' "$program" drive scenes/town.xosc --driver file --duration 1 --quiet --trace "$work/no/such/a.mcap"

# A driver of one's own: the example drives and repeats; nonsense costs its tick; a library that is none has its cause named.
compile() { # NAME EDIT: the example after an edit by sed
  sed "$2" examples/driver.c >"$work/$1.c" && ${CC:-cc} -std=c17 -shared -fPIC -Iinclude "$work/$1.c" -o "$work/$1.so" -lm || failed=1
}
compile mine ''
expect 0 'an own driver' "$program" drive scenes/cut_in.xosc --driver "$work/mine.so" --quiet --trace "$work/own.mcap"
expect 0 'its replay' "$program" drive "$work/own.mcap" --driver "$work/mine.so"; says 'identical: [0-9]+ steps, last hash [0-9a-f]+$' 'its replay'
# A trace is data: it runs no code by itself, and needs none.
nonsense() { # NAME STATEMENT: refused at every tick, the run ends and its trace repeats
  compile "$1" "/^    decision->control = /a $2"
  expect 0 "a driver with $1" "$program" drive scenes/cut_in.xosc --driver "$work/$1.so" --set driver.timeout=60 --duration 3 --quiet --report "$work/$1.html" --trace "$work/$1.mcap"
  expect 0 "the decisions of $1" "$program" info "$work/$1.mcap" --csv /causeway/decision
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^refused/) c = i; next } c && $c != 0 { n++ } END { exit n < 20 }' "$work/out" ||
    { echo "FAILED: $1 is not refused"; failed=1; }
  expect 0 "the replay of $1" "$program" drive "$work/$1.mcap"; says 'identical: 30[0-9] steps' "the replay of $1"
}
nonsense nan 'decision->control.accel = 0.0f / 0.0f;'
nonsense huge 'decision->trajectory.speed[9] = 1e30f;'
nonsense late 'decision->step -= 1;'
nonsense silent 'decision->valid = 0;'
compile words '/^    decision->control = /a decision->reason.kind = 1; decision->reason.count = 200; decision->reason.longitudinal = 250;'
expect 0 'a reason that is none' "$program" drive scenes/cut_in.xosc --driver "$work/words.so" --duration 3 --quiet --report "$work/words.html"
compile endless '/^    decision->control = /a decision->reason.kind = 1; decision->reason.count = 1; decision->reason.cause[0] = (cw_cause){.kind = 1, .quantity = 1, .value = INFINITY}; decision->source = CW_FROM_FAILSAFE;'
expect 0 'a reason without end' "$program" drive scenes/cut_in.xosc --driver "$work/endless.so" --set driver.timeout=60 --duration 3 --json --trace "$work/endless.mcap"; says '"reasons": \[\]' 'a reason without end'
compile bare '/^CW_EXPORT/d'
expect 3 'a library without a driver' "$program" drive scenes/cut_in.xosc --driver "$work/bare.so" --trace "$work/none.out"; says 'bare.so: error: no driver: the symbol cw_driver_export_1' 'a library without a driver'
compile other 's/^CW_EXPORT.*/extern const cw_driver_export cw_driver_export_1; const cw_driver_export cw_driver_export_1 = {99, 0, 0, 0, 0, \&mine};/'
expect 3 'another ABI' "$program" drive scenes/cut_in.xosc --driver "$work/other.so" --trace "$work/none.out"; says 'ABI version 99' 'another ABI'
compile without 's/, .decide = decide//'
expect 3 'a driver without decide' "$program" drive scenes/cut_in.xosc --driver "$work/without.so" --trace "$work/none.out"; says 'lacks name, state_size, reset or decide' 'a driver without decide'
expect 3 'no library' "$program" drive scenes/cut_in.xosc --driver no/such.so --trace "$work/none.out"; says 'cannot load the driver' 'no library'
[ ! -e "$work/none.out" ] || { echo 'FAILED: a driver that did not load left a trace'; failed=1; }
compile constructor '/^static const cw_driver mine/i __attribute__((constructor)) static void begin(void) { __builtin_trap(); }'
expect 3 'a library that dies when it is loaded' "$program" drive scenes/cut_in.xosc --driver "$work/constructor.so" --trace "$work/none.out"; says 'did not get ready: its process ended by signal' 'a library that dies when it is loaded'
compile sleeps '/^static const cw_driver mine/i __attribute__((constructor)) static void begin(void) { for (volatile int on = 1; on;) continue; }'
expect 3 'a library that is never ready' "$program" drive scenes/cut_in.xosc --driver "$work/sleeps.so" --set driver.start_timeout=0.5 --trace "$work/none.out"; says 'was not ready in time' 'a library that is never ready'
compile unwilling 's/return state && def ? CW_OK : /return /'
expect 3 'a library that does not want to' "$program" drive scenes/cut_in.xosc --driver "$work/unwilling.so" --trace "$work/none.out"; says 'unwilling.so: error: nothing to drive' 'a library that does not want to'
rm "$work/mine.so"
expect 3 'a replay without the library' "$program" drive "$work/own.mcap" --driver "$work/mine.so"; says 'cannot load the driver' 'a replay without the library'
expect 0 'a replay that needs none' "$program" drive "$work/own.mcap"; says 'identical: 3001 steps.*answers from the trace' 'a replay that needs none'
# It runs in a process of its own: whatever it does from the fifth answer on costs answers, never the run.
harm() { # NAME STATEMENT CAUSE [OPTION...]
  compile "$1" "s/^    decision->control = /    if (obs->step >= 4) { $2 }\n&/; 1i #include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>"
  name=$1 cause=$3; shift 3
  expect 0 "a library that $name" "$program" drive scenes/cut_in.xosc --driver "$work/$name.so" --set driver.timeout=60 --duration 3 --json --trace "$work/$name.mcap" "$@"
  says "$cause" "a library that $name"
  [ "$name" = hangs ] || says '"first_s": 0.4' "a library that $name" # a busy machine may be late before
  expect 0 "the replay of a library that $name" "$program" drive "$work/$name.mcap"; says 'identical: 30[0-9] steps' "the replay of a library that $name"
}
harm crashes '*(volatile int *)8 = 1;' 'trouble at 27 of 31 decisions, first at 0.4 s: its process ended by signal 11'
harm aborts 'abort();' 'ended by signal 6'
harm exits 'puts("{"); exit(5);' 'ended with exit status 5'
harm hangs 'for (;;) sleep(1);' 'no answer within 0.5 s' --set driver.timeout=0.5
harm closes 'close(3); for (;;) sleep(1);' 'it closed the connection'
harm scribbles 'for (int i = 0; i < 64; i++) if (write(3, "xyz", 3) < 0) break;' 'it writes to a socket that is not its own|it closed'

# A driver at a socket: the example drives in a lane-keeping scenario, and the trace repeats without it.
if command -v python3 >/dev/null; then
  (python3 -c 'import os, sys, time
while not os.path.exists(sys.argv[1]): time.sleep(0.01)' "$work/socket" && exec python3 examples/driver_unix.py "$work/socket") &
  expect 0 'a driver at a socket' "$program" drive scenes/cut_in.xosc --driver "unix:$work/socket" --set driver.timeout=60 --json --trace "$work/unix.mcap"
  says '"driver_trouble": null' 'a driver at a socket'
  wait
  expect 0 'its replay without it' "$program" drive "$work/unix.mcap"; says 'identical: 3001 steps.*answers from the trace' 'its replay without it'

  # A class: the example drives; what is wrong with a file is named with its line; what goes wrong later costs answers, is told
  # once with Python's words, and the trace repeats without the class.
  expect 0 'a class' "$program" drive scenes/cut_in.xosc --driver examples/driver.py --set driver.timeout=60 --json --trace "$work/class.mcap"
  says '"driver_trouble": null' 'a class'
  expect 0 'its replay without it' "$program" drive "$work/class.mcap"; says 'identical: 3001 steps.*answers from the trace' 'its replay without it'
  expect 0 'the class again' "$program" drive "$work/class.mcap" --driver examples/driver.py; says 'identical: 3001 steps, last hash [0-9a-f]+$' 'the class again'
  expect 0 'what the class was' "$program" info "$work/class.mcap"; says "driver_sha256 +$(sha256sum <examples/driver.py | cut -d' ' -f1)" 'what the class was'
  class() { # NAME CONTENT CAUSE: refused at the start
    printf '%b' "$2" >"$work/$1.py"
    expect 3 "a class with $1" "$program" drive scenes/cut_in.xosc --driver "$work/$1.py" --trace "$work/none.out"; says "$3" "a class with $1"
  }
  class syntax 'class Driver:\n    def decide(self, obs)\n' "syntax.py:2: error: SyntaxError: "
  class nothing 'x = 1\n' 'nothing.py: error: there is no class Driver in it'
  class function 'def Driver(): pass\n' 'there is no class Driver in it'
  class half 'class Driver:\n    pass\n' 'its class Driver has no method decide'
  class saver 'class Driver:\n    def decide(self, o): pass\n    def save(self): pass\n' 'only one of save and restore'
  class raising 'import math\n\nmath.sqrt(-1)\n' 'raising.py:3: error: ValueError: '
  class making 'class Driver:\n    def __init__(self): self.x = {}["key"]\n    def decide(self, o): pass\n' "making.py:2: error: KeyError: 'key'"
  class leaving 'import sys\nsys.exit(7)\n' 'did not get ready: its process ended with exit status 7'
  class options 'class Driver:\n    def reset(self, start): raise ValueError(start["options"])\n    def decide(self, o): pass\n' 'py:2: error: ValueError$'
  expect 3 'options of a class' "$program" drive scenes/cut_in.xosc --driver "$work/options.py:a=1:b"; says 'error: ValueError: a=1:b' 'options of a class'
  printf 'import time\ntime.sleep(1000)\n' >"$work/sleeps.py"
  expect 3 'a class that is never ready' "$program" drive scenes/cut_in.xosc --driver "$work/sleeps.py" --set driver.start_timeout=0.5 --trace "$work/none.out"; says 'was not ready in time' 'a class that is never ready'
  expect 3 'no class' "$program" drive scenes/cut_in.xosc --driver no/such.py; says 'no/such.py: error: cannot read the driver' 'no class'
  mkdir "$work/bare"
  expect 3 'no Python' env PATH="$work/bare" "$program" drive scenes/cut_in.xosc --driver examples/driver.py; says 'cannot run python3' 'no Python'
  costs() { # NAME STATEMENT CAUSE [OPTION...]: of three seconds, from the fifth answer on
    name=$1 cause=$3
    sed "s/^        v, way = /        if obs[\"step\"] >= 4: $2\n&/; s/^class/import os, sys, time, signal\n&/" examples/driver.py >"$work/$name.py"
    shift 3
    expect 0 "a class that $name" "$program" drive scenes/cut_in.xosc --driver "$work/$name.py" --set driver.timeout=60 --duration 3 --json --trace "$work/$name.mcap" "$@"
    says "$cause" "a class that $name"
    python3 -c 'import json, sys; t = json.load(open(sys.argv[1]))["driver_trouble"]; sys.exit(t["first_s"] != 0.4)' "$work/out" || [ "$name" = hangs ] ||
      { echo "FAILED: a class that $name gives other results"; failed=1; }
    expect 0 "the replay of a class that $name" "$program" drive "$work/$name.mcap"; says 'identical: 30[0-9] steps' "the replay of a class that $name"
  }
  costs raises '1 \/ 0' 'trouble at 27 of 31 decisions, first at 0.4 s: ZeroDivisionError: division by zero .raises.py, line [0-9]+.$'
  costs nans 'return {"x_m": [float("nan")] * 64, "y_m": [0] * 64, "speed_mps": [0] * 64}' 'ValueError: Out of range float'
  costs babbles 'return {"x_m": [1e308] * 64, "y_m": [0] * 64, "speed_mps": [0] * 64}' 'x_m.0. is 1e.308: beyond'
  costs lists 'return [1]' 'TypeError: decide gives a list, not a dict or None'
  costs ends 'os._exit(3)' 'its process ended with exit status 3'
  costs dies 'os.kill(os.getpid(), signal.SIGSEGV)' 'its process ended by signal 11'
  costs hangs 'time.sleep(1000)' 'no answer within 0.5 s' --set driver.timeout=0.5
  costs prints 'print("{"); 1 \/ 0' 'ZeroDivisionError'
fi
: >"$work/taken"
expect 3 'a socket in use' "$program" drive scenes/cut_in.xosc --driver "unix:$work/taken" --trace "$work/none.out"; says 'taken: error: the socket is in use' 'a socket in use'
expect 3 'nobody who connects' "$program" drive scenes/cut_in.xosc --driver "unix:$work/alone" --set driver.start_timeout=0.05 --trace "$work/none.out"; says 'no driver has connected' 'nobody who connects'
"$program" drive scenes/cut_in.xosc --driver "unix:$work/alone" --trace "$work/none.out" >"$work/out" 2>"$work/err" &
waits=$!
while [ ! -e "$work/alone" ] && kill -0 $waits; do sleep 0.05; done
kill -TERM $waits; wait $waits; status=$?
[ $status = 130 ] || { echo "FAILED: an interrupt while waiting for a driver: exit $status"; failed=1; }
expect 2 'a socket without a path' "$program" drive scenes/cut_in.xosc --driver unix:
expect 2 'a time-out of nothing' "$program" drive scenes/cut_in.xosc --driver "unix:$work/alone" --set driver.timeout=0; says 'driver.timeout lies between' 'a time-out of nothing'
[ ! -e "$work/none.out" ] && [ ! -e "$work/alone" ] || { echo 'FAILED: a driver that did not come left something behind'; failed=1; }

[ $failed = 0 ] && echo 'all as expected'
exit $failed
