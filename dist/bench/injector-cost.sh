#!/usr/bin/env bash
# What a client costs its injector, idle and talking (a ping every 20 s, a message every 10 s): live heap (after a full
# collection) above an injector with one client, RSS with the base, and the stalls of the event loops. Prints a table (the last
# one is in injector-cost.txt); exits 1 beyond 2.5 KiB of heap, 10 KiB of RSS above that injector's, or a p99 stall of 50 ms.
# Usage: dist/bench/injector-cost.sh [CLIENTS]
. "$(dirname "$0")/lib.sh"
clients=${1:-18000}

# Runs N clients with more settings and, while they are open, prints "live-heap-bytes rss-bytes stall-p99-ms". The stalls are
# those of a second run: the collection for the heap is a stall of its own.
measure() {
  cat > "$scratch/cost.yaml" << YAML
duration: 60s
injectors: 1
target: {mock: {nodes: 1, extensions: []}}
load: {idle: {clients: $1, arrive: {over: 15s}$2}}
YAML
  "$squall" run "$scratch/cost.yaml" --seed 1 --out "$scratch/runs" > "$scratch/log" 2>&1 &
  local run=$! pid='' journal
  sleep 45
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
  "$squall" run "$scratch/cost.yaml" --seed 1 --out "$scratch/runs" > "$scratch/log" 2>&1 || true
  echo "$heap $rss $(value "$journal/results.json" injector stallMillis p99) $(value "$journal/results.json" injector stallMillis max)"
  rm -rf "$scratch/runs"
}

headline "injector cost at $clients clients"
read -r base_heap base_rss base_stall base_max <<< "$(measure 1 '')"
printf '%-8s %8s %13s %8s %14s %12s %13s %8s\n' '' clients 'live heap MB' 'RSS MB' 'heap B/client' 'RSS B/client' 'stall ms p99' max
row() { # NAME CLIENTS HEAP RSS STALL MAX HEAP-EACH RSS-EACH
  awk -v n="$1" -v c="$2" -v h="$3" -v r="$4" -v s="$5" -v m="$6" -v eh="$7" -v er="$8" \
    'BEGIN {printf "%-8s %8d %13.1f %8.1f %14s %12s %13.1f %8.1f\n", n, c, h / 1e6, r / 1e6, eh, er, s, m}'
}
row empty 1 "$base_heap" "$base_rss" "$base_stall" "$base_max" - -
status=0
load() { # NAME SETTINGS
  local heap rss stall max each rss_each
  read -r heap rss stall max <<< "$(measure "$clients" "$2")"
  each=$(((heap - base_heap) / (clients - 1)))
  rss_each=$(((rss - base_rss) / (clients - 1)))
  row "$1" "$clients" "$heap" "$rss" "$stall" "$max" "$each" "$rss_each"
  [ "$each" -le 2560 ] && [ "$rss_each" -le 10240 ] && awk -v s="$stall" 'BEGIN {exit s >= 50}' || status=1
}
load idle ''
load talking ', ping: 20s, message: {every: 10s, size: 64B}'
echo "limits, above the empty one: 2,560 bytes of live heap, 10,240 bytes of RSS; a p99 stall of 50 ms"
cat "$scratch/ran"
echo "load average $(cut -d' ' -f1 /proc/loadavg)"
exit "$status"
