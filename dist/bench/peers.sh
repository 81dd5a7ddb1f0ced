#!/usr/bin/env bash
# Squall and its peers on one job: clients come to one node of ours, stay, are closed with 1012 (a drain of 3 s, 1 s without
# anybody listening), and should come back after 1 to 5 s. Prints a table (the last one is in peers.txt) of what the node saw,
# which is the same judge for all, and of what each tool itself says. A peer that is not installed is skipped:
#   k6         its documentation tells (k6 run)
#   Artillery  npm install artillery, here or globally; ARTILLERY names its command if it is not on the path
#   Tsung      apt install tsung
# How each comes back is in its file in peers/: Artillery and k6 by a script of ours, Tsung by the transport it makes anew for a
# request. closed.* and opened.again among Artillery's words are counters of our script (1006: a refused attempt): its engine
# looks at no close and dials once. Tsung answers no Close, and its report has neither it nor a code.
# Memory is the RSS of all processes of the tool, just before the restart, and what it is above that of a run with 1 client. A
# JVM's heap moves by itself by more than 2,000 clients of Squall take: injector-cost.sh has what one takes.
# Usage: dist/bench/peers.sh [CLIENTS] [TOOL...]
. "$(dirname "$0")/lib.sh"
clients=${1:-2000}
shift || true
peers=$root/dist/bench/peers
port=21080
arrive=10 # Seconds in which the clients come.
stay=50   # Seconds a tool runs, from its own start.
restart=30
watched=66 # Seconds the node is there: a tool's start and end are within.
"$squall" --version > "$scratch/version"

cat > "$scratch/faults.yaml" << YAML
- restart: {at: ${restart}s, code: 1012, drain: 3s, downtime: 1s}
YAML

# The command of a tool as one line of words, or nothing where it is not installed.
command_of() {
  case $1 in
    squall) echo "$squall" ;;
    artillery) command -v "${ARTILLERY:-artillery}" ;;
    *) command -v "$1" ;;
  esac
}

version_of() {
  case $1 in
    squall) cat "$scratch/version" ;;
    k6) k6 version | cut -d' ' -f1-2 ;;
    artillery) "$(command_of artillery)" --version 2> /dev/null | sed -n 's/^Artillery: */artillery /p' ;;
    tsung) tsung -v | tr '[:upper:]' '[:lower:]' ;;
  esac
}

# Runs a tool in its own session until it ends: work TOOL CLIENTS SECONDS FOLDER
work() {
  local tool=$1 n=$2 seconds=$3 folder=$4 program
  program=$(command_of "$tool")
  case $tool in
    squall)
      cat > "$folder/peer.yaml" << YAML
duration: ${seconds}s
injectors: 1
target: {url: "ws://127.0.0.1:$port/"}
load: {fleet: {clients: $n, arrive: {over: ${arrive}s}, query: {client: "squall-#{client}"}, reconnect: guide}}
YAML
      exec "$program" run "$folder/peer.yaml" --seed 1 --out "$folder/runs"
      ;;
    k6)
      exec "$program" run -e "URL=ws://127.0.0.1:$port/" -e "CLIENTS=$n" -e "ARRIVE=$arrive" -e "SECONDS=$seconds" "$peers/k6.js"
      ;;
    artillery)
      WS=$(node -p 'require.resolve("ws", {paths: [require("path").dirname(require("fs").realpathSync(process.argv[1]))]})' "$program")
      export WS URL="ws://127.0.0.1:$port/" CLIENTS=$n ARRIVE=$arrive SECONDS_TO_STAY=$seconds ARTILLERY_DISABLE_TELEMETRY=true
      exec "$program" run "$peers/artillery.yml"
      ;;
    tsung)
      sed "s/PORT/$port/; s/SECONDS/$seconds/; s/ARRIVALS/$((2 * arrive))/; s/CLIENTS/$n/; s/RATE/$(((n + arrive - 1) / arrive))/" \
        "$peers/tsung.xml" > "$folder/tsung.xml"
      exec "$program" -n -F -I 127.0.0.1 -f "$folder/tsung.xml" -l "$folder/log/" start
      ;;
  esac
}

# Kilobytes resident in all processes of a session.
resident() {
  { ps -o rss= -s "$1" || true; } | awk '{sum += $1} END {print sum + 0}'
}

# Ends what still runs of a session that was started here, or of one process.
end() {
  local process
  for process in "$@"; do
    ! kill -0 "$process" 2> /dev/null || kill -- "$process" 2> /dev/null || true
  done
}

# One run of a tool against a node, with 1 client only until its memory is known: try TOOL CLIENTS. Its folder then has
# resident, tool.out and what the node saw.
try() {
  local folder=$scratch/$1-$2
  mkdir "$folder"
  "$squall" serve --port "$port" --admin-port 0 --identify query:client --faults "$scratch/faults.yaml" --for "${watched}s" \
    --seed 1 --out "$folder/node" > "$folder/serve.out" 2>&1 &
  server=$!
  for _ in $(seq 100); do
    ! grep -q serving "$folder/serve.out" || break
    sleep 0.1
  done
  setsid bash -c 'work "$@"' work "$1" "$2" "$stay" "$folder" > "$folder/tool.out" 2>&1 < /dev/null &
  tool=$!
  sleep $((restart - 3))
  resident "$tool" > "$folder/resident"
  [ "$2" -gt 1 ] || end "$server"
  wait "$server" || true
  end "-$tool"
  wait "$tool" || true
}

server='' tool='' names=''
trap 'end ${tool:+-$tool} $server $names; rm -rf "$scratch"' EXIT
export -f work command_of
export root squall peers port arrive
headline "Squall and its peers: $clients clients on one node, a restart with 1012"
[ $# -gt 0 ] || set -- squall k6 artillery tsung
for one in "$@"; do
  if [ -z "$(command_of "$one")" ]; then
    echo "$one: not installed, skipped"
    continue
  fi
  if [ "$one" = tsung ]; then
    epmd & # Erlang's server of names would else stay as a daemon.
    names=$!
  fi
  try "$one" 1
  try "$one" "$clients"
  version_of "$one" > "$scratch/$one-$clients/version"
  python3 "$peers/row.py" "$one" "$clients" "$scratch"
done
echo "load average $(cut -d' ' -f1 /proc/loadavg)"
