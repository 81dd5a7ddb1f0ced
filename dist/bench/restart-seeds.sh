#!/usr/bin/env bash
# 5,000 clients, one injector, one node, 2 s drain, 3 s downtime, rfc6455: ten seeds in a row, each must recover all and
# balance the ledger connection by connection. Prints a table (the last one is in restart-seeds.txt); exits 1 if one failed.
# Usage: dist/bench/restart-seeds.sh [SEEDS]
. "$(dirname "$0")/lib.sh"
seeds=${1:-10}
cat > "$scratch/restart-5000.yaml" <<'YAML'
duration: 90s
injectors: 1
target: {mock: {nodes: 1}}
load:
  phones: {clients: 5000, arrive: {over: 10s}, reconnect: rfc6455}
faults:
  # A delay is capped at 60 s, so whoever failed last before the node was back is there within 60 s of it.
  - restart: {at: 20s, code: 1012, drain: 2s, downtime: 3s, deadline: 65s}
expect:
  - restart.recovered.rate >= 100%
  - clients.lost.count == 0
YAML
headline "restart under 5,000 clients"
printf '%5s %8s %9s %10s %10s %9s %9s %9s %12s %10s\n' \
  seed verdict affected recovered unmatched 'p50 s' 'p99 s' 'max s' 'stall p99 ms' 'wall s'
failed=0
for seed in $(seq 1 "$seeds"); do
  begun=$(date +%s)
  "$squall" run "$scratch/restart-5000.yaml" --seed "$seed" --out "$scratch/runs" > "$scratch/log" 2>&1 || failed=1
  r=$scratch/runs/restart-5000/latest/results.json
  printf '%5s %8s %9s %10s %10s %9s %9s %9s %12s %10s\n' "$seed" "$(value "$r" verdict)" \
    "$(value "$r" restarts 0 affected)" "$(value "$r" restarts 0 recovered)" "$(value "$r" ledger unmatched)" \
    "$(value "$r" restarts 0 outageSeconds p50)" "$(value "$r" restarts 0 outageSeconds p99)" \
    "$(value "$r" restarts 0 outageSeconds max)" "$(value "$r" injector stallMillis p99)" $(($(date +%s) - begun))
  ran=$(ran_on "${r%/*}")
  rm -rf "$scratch/runs"
done
echo "$ran"
exit $failed
