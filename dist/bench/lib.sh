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

# The home folder, the Java that the launcher would take unless told otherwise, and the programs of this folder compiled for it.
compile() {
  "$squall" --version > "$scratch/version"
  home=$(ls -d "$root"/dist/target/squall-*/ | head -n 1)
  java=${SQUALL_JAVA:-java}
  version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p')
  "$(dirname "$(readlink -f "$(command -v "$java")")")/javac" -nowarn -proc:none -d "$scratch" -cp "$home/lib/*" "$root"/dist/bench/*.java
  # The servers end with the script, however it ends: it holds the only writing end of their input.
  mkfifo "$scratch/alive"
  exec 9<> "$scratch/alive"
}

# The JVM flags of a role on this Java: flags_of node
flags_of() {
  local flags newer
  flags=$(sed -n "s/^$1.flags=//p" "$home/roles.properties")
  for newer in $(sed -n 's/^flags.from-\([0-9]*\)=.*/\1/p' "$home/roles.properties"); do
    [ "$version" -lt "$newer" ] || flags="$flags $(sed -n "s/^flags.from-$newer=//p" "$home/roles.properties")"
  done
  echo "$flags"
}

# Starts an echo server, or what stands before one; leaves its process id in $!: serve KIND PORT [UPSTREAM PORT]
serve() {
  # shellcheck disable=SC2046 # The flags are words.
  "$java" $(flags_of node) -cp "$scratch:$home/lib/*" EchoServers "$@" < "$scratch/alive" 9>&- > "$scratch/$1" 2> "$scratch/$1.err" &
  for _ in $(seq 100); do
    ! grep -q listening "$scratch/$1" || return 0
    sleep 0.1
  done
  cat "$scratch/$1.err" >&2
  exit 1
}
