#!/usr/bin/env bash
# Squall's clients beside Gatling's built-in ws on the same echo work, against the same server, one after the other: clients
# that each send 64 bytes every so often and time the echo. Prints a table (the last one is in beside-gatling.txt): round trips,
# processor time of the load process for a message, its live heap for a client above a load process with one client. Exits 1
# where Squall is slower (p99, or a tenth more processor time) or larger. Squall's round trips count from the intended time,
# Gatling's from when it really sent. Usage: dist/bench/beside-gatling.sh [CLIENTS] [MILLISECONDS BETWEEN MESSAGES]
. "$(dirname "$0")/lib.sh"
clients=${1:-10000}
every=${2:-1000}
compile
serve bare 21073

ticks() { # Processor time of a process so far, in hundredths of a second.
  awk '{print $14 + $15}' "/proc/$1/stat"
}

# Watches a load process from the 15th second on: watch PID SECONDS. Prints "cpu-ticks heap-bytes"; the collection that the
# heap needs comes after the rest.
watch() {
  sleep 15
  local before after
  before=$(ticks "$1")
  sleep "$2"
  after=$(ticks "$1")
  echo "$((after - before)) $("$(dirname "$(readlink -f "/proc/$1/exe")")/jcmd" "$1" GC.class_histogram | awk '/^Total/ {print $3}')"
}

# gatling CLIENTS SECONDS-WATCHED NAME
gatling() {
  # shellcheck disable=SC2046 # The flags are words.
  "$java" $(flags_of injector) -cp "$scratch:$home/lib/*" GatlingWs 21073 "$1" "$every" "$(($2 + 20))" > "$scratch/$3" 2> "$scratch/$3.err" &
  local pid=$!
  watch "$pid" "$2" > "$scratch/$3.cost"
  wait "$pid" || { cat "$scratch/$3.err" >&2; exit 1; }
}

# squall CLIENTS SECONDS-WATCHED NAME
squall() {
  cat > "$scratch/$3.yaml" << YAML
duration: $(($2 + 20))s
injectors: 1
target: {url: "ws://127.0.0.1:21073/"}
load: {echo: {clients: $1, arrive: {over: 10s}, message: {every: ${every}ms, size: 64B}}}
YAML
  SQUALL_JAVA=$java "$squall" run "$scratch/$3.yaml" --seed 1 --out "$scratch/runs" > "$scratch/$3.log" 2>&1 &
  local run=$! pid='' latest=$scratch/runs/$3/latest
  until [ -n "$pid" ]; do
    sleep 0.2
    pid=$(awk -F, '/CHILD_STARTED/ && /injector/ {n = split($NF, w, " "); print w[n]}' "$latest/harness.csv" 2> /dev/null | tr -d '"' || true)
  done
  watch "$pid" "$2" > "$scratch/$3.cost"
  wait "$run" || { cat "$scratch/$3.log" >&2; exit 1; }
  python3 -c 'import json, sys
echo = json.load(open(sys.argv[1]))["echoSeconds"]
print(round(echo["p50"] * 1e6), round(echo["p99"] * 1e6), echo["count"])' "$latest/results.json" > "$scratch/$3"
}

headline "Squall beside Gatling's ws: $clients clients, 64 bytes every $every ms"
squall 1 5 squall-base
gatling 1 5 gatling-base
squall "$clients" 30 squall
gatling "$clients" 30 gatling
status=0
python3 - "$scratch" "$clients" "$every" << 'PY' || status=$?
import sys
folder, clients, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def numbers(name):
    return map(int, open(f"{folder}/{name}").read().splitlines()[-1].split())
print("%8s %8s %8s %10s %12s %12s %16s" % ("", "p50 us", "p99 us", "messages", "us CPU/msg", "heap MB", "heap/client B"))
rows = {}
for name in ("squall", "gatling"):
    p50, p99, count = numbers(name)
    cpu, heap = numbers(f"{name}.cost")
    _, base = numbers(f"{name}-base.cost")
    rows[name] = p99, cpu * 1e4 / (30e3 / every * clients), (heap - base) / (clients - 1)
    print("%8s %8d %8d %10d %12.1f %12.1f %16d" % (name, p50, p99, count, rows[name][1], heap / 1e6, rows[name][2]))
print("limits: p99 and heap at most Gatling's, CPU at most 1.1 times")
ours, theirs = rows["squall"], rows["gatling"]
sys.exit(ours[0] > theirs[0] or ours[1] > 1.1 * theirs[1] or ours[2] > theirs[2])
PY
echo "on Java $version, $(cat "$scratch/version"), load average $(cut -d' ' -f1 /proc/loadavg)"
exit "$status"
