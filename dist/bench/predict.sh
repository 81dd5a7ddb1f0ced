#!/usr/bin/env bash
# What it takes to predict N clients (default 10,000,000) through a restart with a drain of 20 s and a downtime of 30 s, each following
# full-jitter: `squall predict` as the launcher runs it, with its results.json and its report, on all processors and on one; and
# whether both are the same, byte for byte. Prints a table (the last one is in predict.txt); exits 1 where it takes more than 60 s
# or 6 GiB, or where they differ. Usage: dist/bench/predict.sh [CLIENTS]...
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- 1000000 10000000
seconds_limit=60
kib_limit=$((6 * 1024 * 1024))

cat > "$scratch/millions.yaml" << YAML
duration: 150s
target: {mock: {nodes: 1}}
load: {fleet: {clients: 10000, arrive: {over: 30s}, reconnect: full-jitter}}
faults:
  - restart: {at: 40s, code: 1012, drain: 20s, downtime: 30s, deadline: 60s}
YAML

predict() { # CLIENTS PROCESSORS
  local status=0
  rm -rf "$scratch/runs"
  /usr/bin/time -o "$scratch/time" -f '%e %U %S %M' env JAVA_TOOL_OPTIONS="-XX:ActiveProcessorCount=$2" \
    "$squall" predict "$scratch/millions.yaml" --clients "$1" --seed 42 --out "$scratch/runs" > "$scratch/out" 2> "$scratch/err" || status=$?
  if [ "$status" -ne 0 ]; then
    printf '%10d %10d   %s\n' "$1" "$2" "$(tail -n 1 "$scratch/err")"
    return 1
  fi
  local run=$scratch/runs/millions/latest
  # All but when it was made.
  same=$(grep -v '"startedAt"' "$run/results.json" | cksum)
  python3 - "$run/results.json" "$scratch/time" "$1" "$2" << 'PY'
import json, sys
results, time, clients, processors = sys.argv[1:]
r = json.load(open(results))
wall, user, system, kib = map(float, open(time).read().split())
restart = r["restarts"][0]
print("%10d %10d %7.1f %7.1f %8.0f %10d %11d %11d %8.1f %8.1f  %s" % (
    int(clients), int(processors), wall, user + system, kib / 1024, restart["recovered"], r["attempts"]["total"],
    restart["peakAttemptsPerSecond"], restart["fleetRecoverySeconds"]["p99"], restart["fleetRecoverySeconds"]["p100"], r["verdict"]))
PY
  awk -v s="$seconds_limit" -v k="$kib_limit" '{exit !($1 <= s && $4 <= k)}' "$scratch/time"
}

headline "predict: full-jitter through a drain of 20 s and a downtime of 30 s"
"$squall" --version > "$scratch/version" # Builds, if that is to be done.
printf '%10s %10s %7s %7s %8s %10s %11s %11s %8s %8s  %s\n' clients processors wall-s cpu-s MiB recovered attempts most/s 99%-s all-s verdict
failed=0
for clients in "$@"; do
  predict "$clients" "$(nproc)" || failed=1
  all=${same:-}
  predict "$clients" 1 || failed=1
  [ "$all" = "${same:-}" ] || { echo "with one processor it is another prediction"; failed=1; }
done
echo "wall-s, cpu-s, MiB: the whole command with results.json and report.html; most/s: attempts in the worst second; 99%-s, all-s: from the"
echo "restart's beginning until 99% and all are back; limits: ${seconds_limit} s, $((kib_limit / 1024)) MiB"
echo "on $("$squall" --version | head -n 1)"
exit "$failed"
