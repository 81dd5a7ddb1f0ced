#!/usr/bin/env bash
# What it takes to make results.json of N journal rows (written by Journals.java: 34 rows for each client of a run with two
# restarts of 8 nodes): `squall report` as the launcher runs it, on the Java that it takes and on Java 17; and on any run
# directories that are given besides (with plain journals). Prints a table (the last one is in read-journals.txt); exits 1 where those N rows
# take more than 20 s or 2 GiB, or do not tell that everybody came back and every Close was matched.
# Usage: dist/bench/read-journals.sh [ROWS [RUN...]]
. "$(dirname "$0")/lib.sh"
rows=${1:-10000000}
shift $(($# > 0 ? 1 : 0))
seconds_limit=20
kib_limit=$((2 * 1024 * 1024))
compile

# The plan of a small run, made as large as the rows need.
cat > "$scratch/read.yaml" << YAML
duration: 3s
injectors: 8
target: {mock: {nodes: 8, extensions: []}}
load: {fleet: {clients: 8, arrive: {over: 100ms}, reconnect: iana-1012}}
faults:
  - restart: {at: 1s, code: 1012, drain: 100ms, downtime: 100ms, deadline: 1s}
expect: [restart.recovered.rate >= 100%]
YAML
"$squall" run "$scratch/read.yaml" --seed 1 --out "$scratch/runs" > "$scratch/log" 2>&1 || true
made=$scratch/made
mkdir "$made"
cp "$scratch"/runs/read/latest/{run.json,experiment.yaml} "$made"
python3 - "$rows" "$scratch/runs/read/latest/plan.json" "$made/plan.json" << 'PY'
import copy, json, sys
plan = json.load(open(sys.argv[2]))
population = plan["populations"][0]
population["clients"] = int(sys.argv[1]) // 34
population["arrivals"]["stages"][0]["micros"] = 60_000_000
plan["durationMicros"] = 210_000_000
first = plan["restarts"][0]
first.update(atMicros=70_000_000, drainMicros=4_000_000, downtimeMicros=500_000, deadlineMicros=60_000_000)
second = copy.deepcopy(first)
second.update(index=1, atMicros=140_000_000)
plan["restarts"].append(second)
json.dump(plan, open(sys.argv[3], "w"))
PY
written=$("$java" -cp "$scratch:$home/lib/*" Journals "$made")

headline "reading journals"
printf '%-10s %6s %12s %8s %8s %8s %9s %8s\n' run java rows 'MB' 'wall s' 'CPU s' 'RSS MiB' verdict
status=0
read_run() { # NAME DIRECTORY ROWS JAVA, empty for the launcher's choice: judges a copy of it, made of links
  local copy=$scratch/copy file wall user sys kib code=0
  rm -rf "$copy"
  mkdir "$copy"
  for file in "$2"/*; do
    case $file in */results.json) ;; *) ln -s "$(readlink -f "$file")" "$copy" ;; esac
  done
  SQUALL_JAVA=$4 /usr/bin/time -o "$scratch/time" -f '%e %U %S %M' "$squall" report "$copy" > "$scratch/report" 2>&1 || code=$?
  read -r wall user sys kib < <(tail -n 1 "$scratch/time")
  awk -v n="$1" -v j="${4:+$version}" -v r="$3" -v w="$wall" -v u="$user" -v s="$sys" \
    -v k="$kib" -v b="$(cat "$2"/*.csv* | wc -c)" -v c="$code" 'BEGIN {
      printf "%-10s %6s %12d %8.0f %8.1f %8.1f %9.0f %8s\n", n, j == "" ? "newest" : j, r, b / 1e6, w, u + s, k / 1024, c == 0 ? "pass" : "exit " c}'
  if [ "$1" = made ]; then
    [ "$code" -eq 0 ] && [ "$(value "$copy/results.json" ledger unmatched)" = 0 ] || status=1
    [ "$kib" -le "$kib_limit" ] && awk -v w="$wall" -v l="$seconds_limit" 'BEGIN {exit w > l}' || status=1
  fi
}
for each in '' "$java"; do
  read_run made "$made" "$written" "$each"
  for run in "$@"; do
    read_run "$(value "$run/plan.json" experiment)" "$run" "$(cat "$run"/{node,clients}-*.csv | grep -vc '^row,')" "$each"
  done
done
echo "limits: $seconds_limit s and $((kib_limit / 1024)) MiB for $rows rows; load average $(cut -d' ' -f1 /proc/loadavg)"
exit "$status"
