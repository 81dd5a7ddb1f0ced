# Shared by the benchmark scripts: the launcher, a scratch folder, and a value out of a results.json.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
squall=$root/squall
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The value at a path of a JSON file: value FILE restarts 0 affected
value() {
  local file=$1
  shift
  python3 -c '
import functools, json, sys
v = functools.reduce(lambda n, k: n[int(k)] if isinstance(n, list) else n[k], sys.argv[2:], json.load(open(sys.argv[1])))
print("%.3f" % v if isinstance(v, float) else v)' "$file" "$@"
}

# What a table is about: a title, the date, the machine and the Java that ran it.
headline() {
  echo "$1   $(date -u +%F)   $(nproc) processors, $(awk '/MemTotal/ {printf "%d GiB", $2 / 1048576}' /proc/meminfo)"
}

# Which Java the launcher took for a run, and what it was run with.
ran_on() {
  echo "on $(value "$1/run.json" versions java), Squall $(value "$1/run.json" versions squall)"
}
