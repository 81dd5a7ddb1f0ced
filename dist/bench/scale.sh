#!/usr/bin/env bash
# experiments/scale.yaml at 250,000 and at 500,000 clients (or at as many as are named), nodes and all on this machine: what was
# connected, recovered and accounted for, how fast, in how much memory. Prints a table (the last one is in scale.txt), and for
# each run that did not get there what bound it; exits 1 if one of at most 250,000 did not. What other tools make of such a restart:
# peers.sh. Usage: dist/bench/scale.sh [CLIENTS]...
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- 250000 500000
most_seconds=1200

available() { awk '/^MemAvailable/ {print $2}' /proc/meminfo; }

# Once a second until its input ends: the memory in use beyond that of before, in KiB, and that of TCP in pages.
sample() { # BEFORE
  local ended
  while :; do
    ended=0
    read -r -t 1 || ended=$?
    [ "$ended" -gt 128 ] || break # More than 128: a second has passed.
    echo "$(($1 - $(available))) $(awk '/^TCP:/ {print $NF}' /proc/net/sockstat)"
  done
}

measure() { # CLIENTS
  local clients=$1 factor before started status=0 run
  # Twice the clients arrive in twice the time, and have twice the time to come back; nobody waits for more than 30 s.
  factor=$(awk -v n="$clients" 'BEGIN {f = n / 250000; print f < 0.25 ? 0.25 : f}')
  settings=$(awk -v f="$factor" 'BEGIN {
    over = int(70 * f); at = over + 15; deadline = int(f < 0.75 ? 60 : 80 * f)
    printf "--set load.fleet.arrive.over=%ds --set faults.0.restart.at=%ds --set faults.0.restart.deadline=%ds --set duration=%ds",
      over, at, deadline, at + 20 + 2 + deadline + 13}')
  before=$(available)
  mkfifo "$scratch/until"
  sample "$before" < "$scratch/until" > "$scratch/samples" &
  exec 8> "$scratch/until"
  started=$(date +%s)
  # shellcheck disable=SC2086 # The settings are words.
  timeout -s INT "$most_seconds" "$squall" run "$root/experiments/scale.yaml" --out "$scratch/runs" \
    --set load.fleet.clients="$clients" $settings 8>&- > "$scratch/out" 2> "$scratch/err" || status=$?
  wall=$(($(date +%s) - started))
  exec 8>&-
  rm "$scratch/until"
  run=$scratch/runs/scale/latest
  if [ ! -f "$run/results.json" ]; then
    printf '%9d   %s\n' "$clients" "did not begin: $(tail -n 1 "$scratch/err")"
    return 1
  fi
  python3 - "$run/results.json" "$run/harness.csv" "$scratch/samples" "$clients" "$wall" << 'PY'
import csv, json, sys
results, harness, samples, clients, wall = sys.argv[1:]
clients = int(clients)
r = json.load(open(results))
series, restarts, trust = r["series"], r["restarts"], r["injector"]
kib = max((int(line.split()[0]) for line in open(samples)), default=0)
at = int(min((x["atSeconds"] for x in restarts), default=len(series["open"])))
opened = series["opened"][:at]
ramp = [n for n in opened if n > 0]
connected = next((i + 1 for i, n in enumerate(series["open"][:at + 1]) if n >= clients), None)
affected = sum(x["affected"] for x in restarts)
recovered = sum(x["recovered"] for x in restarts)
outage = [x["outageSeconds"]["max"] for x in restarts]
children = sum(1 for row in csv.DictReader(open(harness)) if row["event"] == "CHILD_STARTED")
back = max((x["fleetRecoverySeconds"]["p100"] for x in restarts if x["fleetRecoverySeconds"]["p100"]), default=None)
print("%9d %9d %8s %7d %7d %9d %9d %7s %9d %8.0f %8.0f %6d %7.1f %6d  %s" % (
    clients, children, "-" if connected is None else "%d s" % connected, max(ramp, default=0),
    sum(ramp) / max(1, len(ramp)), affected, recovered, "-" if back is None else "%.0f s" % back,
    r["ledger"]["unmatched"], trust["stallMillis"]["max"] or 0, trust["nodeStallMillis"]["max"] or 0,
    trust["processors"]["saturatedSeconds"], kib / clients, int(wall), r["verdict"]))
for finding in r["findings"]:
    if finding["verdict"] != "pass":
        print("            %s %s: observed %s %s" % (finding["verdict"], finding["expect"], finding["observed"], finding["note"][:120]))
for reason in trust["reasons"][:3]:
    print("            " + reason[:120])
if r["verdict"] != "pass":
    failed = r["attempts"]["failed"]
    print("            attempts failed: " + ", ".join("%s %d" % pair for pair in failed.items()))
PY
  ran=$(ran_on "$run")
  rm -rf "$scratch/runs"
  [ "$status" -eq 0 ]
}

headline "scale: clients, nodes and kernel on one machine, ulimit -n $(ulimit -Hn)"
"$squall" --version > "$scratch/version" # Builds, if that is to be done.
printf '%9s %9s %8s %7s %7s %9s %9s %7s %9s %8s %8s %6s %7s %6s  %s\n' clients processes 'all open' 'most/s' mean/s \
  affected recovered 'back in' unmatched 'stall ms' 'of node' full-s KiB/each wall-s verdict
failed=0
for clients in "$@"; do
  measure "$clients" || [ "$clients" -gt 250000 ] || failed=1
done
echo "all open: after the start; most/s, mean/s: handshakes in the ramp; back in: from the restart to the last client; stall: the longest of"
echo "an injector and of a node; full-s: seconds with all processors in use, so that processes stood still; KiB/each: the most memory in"
echo "use at once beyond that before, of all processes and the kernel; wall-s: with start, report and all"
echo "${ran:-}"
exit "$failed"
