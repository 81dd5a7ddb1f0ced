#!/usr/bin/env bash
# What an idle client costs its injector: live heap (after a full collection) above an injector with one client, and RSS,
# base included, at 18,000 clients. Prints a table (the last one is in injector-cost.txt); exits 1 beyond 3 KB or 20 KB.
# Usage: dist/bench/injector-cost.sh [CLIENTS]
. "$(dirname "$0")/lib.sh"
clients=${1:-18000}

# Runs N clients and, while they idle, prints "live-heap-bytes rss-bytes" of the injector.
measure() {
  cat > "$scratch/cost.yaml" << YAML
duration: 60s
injectors: 1
target: {mock: {nodes: 1}}
load: {idle: {clients: $1, arrive: {over: 15s}}}
YAML
  "$squall" run "$scratch/cost.yaml" --seed 1 --out "$scratch/runs" > "$scratch/log" 2>&1 &
  local run=$! pid='' journal
  sleep 40
  journal=$scratch/runs/cost/latest
  pid=$(python3 -c 'import csv,sys
for row in csv.DictReader(open(sys.argv[1])):
    if row["event"] == "CHILD_STARTED" and row["detail"].startswith("injector"): print(row["detail"].split()[-1])' "$journal/harness.csv")
  local java jcmd
  java=$(readlink -f "/proc/$pid/exe")
  jcmd=$(dirname "$java")/jcmd
  local rss heap
  rss=$(awk '/VmRSS/ {print $2 * 1024}' "/proc/$pid/status")
  # The last line of a class histogram is the total of live objects; making it collects all garbage first.
  heap=$("$jcmd" "$pid" GC.class_histogram | awk '/^Total/ {print $3}')
  wait "$run" || true
  [ "$(value "$journal/results.json" clients open)" = "$1" ] || echo "not all clients were open" >&2
  ran_on "$journal" > "$scratch/ran"
  rm -rf "$scratch/runs"
  echo "$heap $rss"
}

mb() {
  awk -v bytes="$1" 'BEGIN {printf "%.1f", bytes / 1e6}'
}

headline "injector cost at $clients idle clients"
read -r base_heap base_rss <<< "$(measure 1)"
read -r heap rss <<< "$(measure "$clients")"
printf '%10s %16s %16s\n' clients 'live heap MB' 'RSS MB'
printf '%10d %16s %16s\n' 1 "$(mb "$base_heap")" "$(mb "$base_rss")"
printf '%10d %16s %16s\n' "$clients" "$(mb "$heap")" "$(mb "$rss")"
per_heap=$(((heap - base_heap) / (clients - 1)))
per_rss=$((rss / clients))
echo "a client: $per_heap bytes of live heap above the base (limit 3,072), $per_rss bytes of RSS with the base (limit 20,480)"
cat "$scratch/ran"
[ "$per_heap" -le 3072 ] && [ "$per_rss" -le 20480 ]
