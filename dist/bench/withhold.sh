#!/usr/bin/env bash
# Withholding at 10% over 12,000 handshakes of strict clients: the clients' 1010s must equal the node's withheld handshakes
# exactly, and the node's rate must pass a two-sided exact binomial test at 1e-6. Prints a table (the last one is in
# withhold.txt); exits 1 if one failed. Usage: dist/bench/withhold.sh [SEED...]
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- 42 1 2
cat > "$scratch/withhold.yaml" <<'YAML'
duration: 20s
target: {mock: {nodes: 1}}
load:
  strict:
    clients: 12000
    arrive: {over: 15s}
    offer: [permessage-deflate]
    require: [permessage-deflate]
    on-1010: stop
faults:
  - {withhold: permessage-deflate, probability: 10%}
YAML
headline "withholding at 10%"
printf '%5s %8s %11s %9s %9s %9s %12s\n' seed verdict handshakes withheld 1010s rate 'binomial p'
failed=0
for seed in "$@"; do
  "$squall" run "$scratch/withhold.yaml" --seed "$seed" --out "$scratch/runs" > "$scratch/log" 2>&1 || failed=1
  r=$scratch/runs/withhold/latest/results.json
  handshakes=$(value "$r" extensions 0 handshakes)
  withheld=$(value "$r" extensions 0 withheldByNode)
  left=$(value "$r" extensions 0 closed1010)
  p=$(python3 - "$handshakes" "$withheld" << 'PY'
import math, sys
n, k, q = int(sys.argv[1]), int(sys.argv[2]), 0.1
def log_pmf(i):
    return math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(q) + (n - i) * math.log(1 - q)
limit = log_pmf(k) + 1e-9
print("%.4g" % min(1, sum(math.exp(log_pmf(i)) for i in range(n + 1) if log_pmf(i) <= limit)))
PY
)
  printf '%5s %8s %11s %9s %9s %9s %12s\n' "$seed" "$(value "$r" verdict)" "$handshakes" "$withheld" "$left" \
    "$(value "$r" extensions 0 failureRate)" "$p"
  [ "$withheld" = "$left" ] && python3 -c "import sys; sys.exit($p < 1e-6)" || failed=1
  ran=$(ran_on "${r%/*}")
  rm -rf "$scratch/runs"
done
echo "$ran"
exit $failed
