#!/bin/sh
# Every planted fault of the evaluator (src/drive/planted.h) is found by the test named here: it fails with the fault, and
# passes without. Usage: planted.sh SOURCE EVALUATOR_TEST LEMMA_TEST JUNCTION_TEST, all programs built with CW_PLANTED.
set -u
source=$1 evaluator=$2 lemma=$3 junction=$4
bad=0 count=0
say() { echo "planted: $*"; bad=1; }

table='
beside_skipped        lemma      beside
engaged_only_on_road  lemma      engaged
failsafe_unverified   lemma      fallback_verified
follower_alert        lemma      follower
follower_skipped      lemma      follower
friction_ignored      lemma      brakes
gentle_for_ever       evaluator  cut_in_lemma
hysteresis_skipped    lemma      hysteresis
late_accepted         evaluator  bad_proposals
leader_at_8           lemma      leader
left_too_soon         junction   junction
margin_sign           lemma      leader
nan_accepted          evaluator  bad_proposals
nobody_gains          junction   junction
nose_ignored          lemma      pulls_out
occlusion_ignored     lemma      sight_ends
off_by_a_tick         lemma      proposal_first
phantom_skipped       lemma      sight_ends
priority_ours         junction   junction
reaction_dropped      lemma      brakes
rides_straight        lemma      cyclist
rearmed_at_once       lemma      rearms
slope_ignored         lemma      brakes
shadows_ignored       junction   hidden_walker
slow_cyclist          lemma      cyclist
slow_walker           lemma      pedestrian
speed_error_ignored   lemma      leader
stale_track           lemma      leader
stands_as_seen        lemma      stander
stops_at_once         junction   junction
ttc_doubled           evaluator  cut_in_lemma
tube_across_halved    lemma      tube
tube_halved           lemma      tube
walker_accel_halved   lemma      pedestrian
wrong_lane_side       lemma      engaged
wrong_unit            lemma      passing
'

# passes PROGRAM TEST [FAULT]: does it run exactly that test, and does the test pass?
passes() {
  case $1 in evaluator) run=$evaluator ;; junction) run=$junction ;; *) run=$lemma ;; esac
  out=$(CAUSEWAY_PLANTED=${3:-} "$run" "$2" 2>&1) && good=0 || good=1
  case $out in *"Running 1 test"*) ;; *) say "no test is called $2"; return 2 ;; esac
  return $good
}

for planted in $(sed -n 's/.*PLANT(\([a-z_0-9]*\),.*/\1/p' "$source"/src/drive/*.c | sort -u); do
  echo "$table" | grep -q "^$planted " || say "nobody looks for $planted"
done

sound=
while read -r fault program test; do
  [ -n "$fault" ] || continue
  grep -q "PLANT($fault," "$source"/src/drive/*.c || say "$fault is planted nowhere"
  case $sound in
    *" $program/$test "*) ;;
    *) passes "$program" "$test" || say "$test fails without a fault"; sound="$sound $program/$test " ;;
  esac
  if passes "$program" "$test" "$fault"; then
    say "$test does not find $fault"
  else
    count=$((count + 1))
  fi
done <<END
$table
END
echo "planted faults found: $count"
exit $bad
