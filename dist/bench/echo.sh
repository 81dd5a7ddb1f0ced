#!/usr/bin/env bash
# The echo of a node beside that of a plain Vert.x server with the same settings, event loops and JVM flags, in alternating
# rounds: messages a second (closed loop) and p99 round trip (open loop). Prints a table (the last one is in echo.txt);
# exits 1 where the node is more than a tenth behind. Usage: dist/bench/echo.sh
. "$(dirname "$0")/lib.sh"
"$squall" --version > "$scratch/version"
home=$(ls -d "$root"/dist/target/squall-*/ | head -n 1)
java=${SQUALL_JAVA:-java}
version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p')
flags=$(sed -n 's/^node.flags=//p' "$home/roles.properties")
for newer in $(sed -n 's/^flags.from-\([0-9]*\)=.*/\1/p' "$home/roles.properties"); do
  [ "$version" -lt "$newer" ] || flags="$flags $(sed -n "s/^flags.from-$newer=//p" "$home/roles.properties")"
done
"$(dirname "$(readlink -f "$(command -v "$java")")")/javac" -nowarn -d "$scratch" -cp "$home/lib/*" "$root"/dist/bench/Echo*.java

# The servers end with this script, however it ends: it holds the only writing end of their input.
mkfifo "$scratch/alive"
exec 9<> "$scratch/alive"
serve() {
  # shellcheck disable=SC2086 # The flags are words.
  "$java" $flags -cp "$scratch:$home/lib/*" EchoServers "$1" "$2" < "$scratch/alive" 9>&- > "$scratch/$1" 2> "$scratch/$1.err" &
  for _ in $(seq 100); do
    ! grep -q listening "$scratch/$1" || return 0
    sleep 0.1
  done
  cat "$scratch/$1.err" >&2
  exit 1
}
serve node 21071
serve plain 21072

headline "echo of a node and of a plain Vert.x server, 50 connections"
status=0
"$java" -Xmx512m -XX:+UseSerialGC -cp "$scratch:$home/lib/*" EchoLoad 21071 21072 || status=$?
echo "medians of 61 alternating rounds; ratio: the median of the rounds' (95% interval); limits: 0.90 of the rate, 1.10 of the p99"
echo "on Java $version, $(cat "$scratch/version"), load average $(cut -d' ' -f1 /proc/loadavg)"
exit "$status"
