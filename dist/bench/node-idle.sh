#!/usr/bin/env bash
# One node under 18,000 idle clients that dial all at once, and a 1012 to all of them: RSS a connection above a warmed
# node with none, handshakes a second from the first dial to the last open (and the CPU of both sides for one), Closes by
# the node's own journal. With and without permessage-deflate, on Java 17 and on what the launcher takes. Prints a table
# (the last one is in node-idle.txt); exits 1 above 8 KB, below 5,000 handshakes/s, with a 1006, or without everybody back.
# Usage: dist/bench/node-idle.sh [CLIENTS]
. "$(dirname "$0")/lib.sh"
clients=${1:-18000}
warm=500
bytes_limit=8192
rate_limit=5000
ulimit -Sn "$(ulimit -Hn)"

# Runs an experiment in the background; "run" and "journal" are its process and its folder.
begin() {
  rm -rf "$scratch/runs"
  "$squall" run "$scratch/$1.yaml" --seed 1 --out "$scratch/runs" > "$scratch/log" 2>&1 &
  run=$!
  journal=$scratch/runs/$1/latest
}

# Waits until a journal has so many rows of an event, at most 60 s: await FILE EVENT ROWS
await() {
  local rows
  for _ in $(seq 600); do
    rows=$(grep -c ",$2," "$journal/$1" 2> /dev/null) || true
    [ "${rows:-0}" -lt "$3" ] || return 0
    sleep 0.1
  done
  echo "$1 has no $3 rows of $2" >&2
  cat "$scratch/log" >&2
  exit 1
}

# RSS of the node in bytes.
node_rss() {
  local pid
  pid=$(sed -n 's/.*,CHILD_STARTED,.*,node.* \([0-9]*\)$/\1/p' "$journal/harness.csv")
  awk '/VmRSS/ {print $2 * 1024}' "/proc/$pid/status"
}

# RSS of a node that has shaken hands, echoed Closes, and now listens alone.
warmed() {
  cat > "$scratch/warm.yaml" << YAML
duration: 12s
injectors: 1
target: {mock: {nodes: 1}}
load: {idle: {clients: $warm, arrive: {over: 2s}, offer: [permessage-deflate], reconnect: none}}
faults: [{restart: {at: 4s, downtime: 1s, deadline: 6s}}]
YAML
  begin warm
  await node-0.csv CLOSED "$warm"
  sleep 2
  node_rss > "$scratch/base"
  wait "$run" || true # Nobody comes back, which the verdict does not like.
}

# Runs all clients with this offer; leaves the node's RSS in "rss".
crowd() {
  cat > "$scratch/crowd.yaml" << YAML
duration: 32s
injectors: 1
target: {mock: {nodes: 1}}
load: {idle: {clients: $clients, arrive: {over: 0s}, offer: [$1], reconnect: {delay: 1s..5s}}}
faults: [{restart: {at: 15s, code: 1012, downtime: 1s, deadline: 15s}}]
YAML
  begin crowd
  await clients-0.csv OPENED "$clients"
  sleep 4
  node_rss > "$scratch/rss"
  wait "$run" || true # What counts stands in the journals.
}

headline "one node under $clients idle clients"
printf '%-5s %-8s %8s %9s %7s %9s %7s %6s %6s %9s %5s %6s %8s\n' \
  Java offer 'base MB' B/client 'open s' accepts/s 'us CPU' sent echoed 'closed s' 1006 back verdict
good=true
for version in 17 newest; do
  unset SQUALL_JAVA
  if [ "$version" = 17 ]; then
    SQUALL_JAVA=$(ls /usr/lib/jvm/*17*/bin/java 2> /dev/null | head -n 1)
    [ -n "$SQUALL_JAVA" ] || continue
    export SQUALL_JAVA
  fi
  warmed
  for offer in '' permessage-deflate; do
    crowd "$offer"
    ran_on "$journal" >> "$scratch/ran"
    python3 - "$journal" "$clients" "$(cat "$scratch/base")" "$(cat "$scratch/rss")" "$rate_limit" "$bytes_limit" \
      "${offer:+deflate}" << 'PYTHON' || good=false
import csv, json, re, sys
folder, clients, base, rss, rate_limit, bytes_limit, offer = sys.argv[1:]
clients = int(clients)
rows = lambda name: csv.DictReader(open(f"{folder}/{name}"))
node, fleet = list(rows("node-0.csv")), list(rows("clients-0.csv"))
begun = next(int(r["t_us"]) for r in node if r["event"] == "RESTART_BEGUN")
dials, opens, back = [], [], set()
for r in fleet:
    t = int(r["t_us"])
    if r["event"] == "CONNECTING" and t < begun: dials.append(t)
    if r["event"] == "OPENED": opens.append(t) if t < begun else back.add(r["client"])
shaken = (max(opens) - min(dials)) / 1e6
first = [r for r in node if r["connection"] == "1" and int(r["t_us"]) >= begun]
of = lambda event, code: [r for r in first if r["event"] == event and r["code"] == code]
sent, echoed, closed = (len(of(e, "1012")) for e in ("CLOSE_SENT", "CLOSE_RECEIVED", "CLOSED"))
ends = max((int(r["t_us"]) for r in of("CLOSED", "1012")), default=begun)
lost = sum(r["event"] == "CLOSED" and r["code"] == "1006" for r in node)
# Of both processes together until all were open: what a handshake costs, whatever else the machine did.
spent = [r for r in node + fleet if r["event"] == "CPU" and int(r["t_us"]) < max(opens) + 1e6]
cpu = sum(int(r["value"]) for r in spent)
each = (int(rss) - int(base)) / clients
rate = clients / shaken
result = json.load(open(f"{folder}/results.json"))
java = re.search(r"(\d+)[.+]", json.load(open(f"{folder}/run.json"))["versions"]["java"]).group(1)
print("%-5s %-8s %8.1f %9.0f %7.2f %9.0f %7.0f %6d %6d %9.2f %5d %6d %8s" % (
    java, offer or "none", int(base) / 1e6, each, shaken, rate, cpu / clients, sent, echoed, (ends - begun) / 1e6, lost, len(back), result["verdict"]))
good = each <= float(bytes_limit) and rate >= float(rate_limit) and lost == 0 and sent == echoed == closed == len(back) == clients
sys.exit(0 if good else 1)
PYTHON
  done
done
echo "limits: $bytes_limit bytes of RSS a client above the base, $rate_limit handshakes/s, no 1006"
sort -u "$scratch/ran"
echo "load average $(cut -d' ' -f1 /proc/loadavg)"
$good
