#!/bin/sh
# A Docker engine of the tests' own, where none runs: without rules for the firewall or routes, so that it leaves nothing
# behind. "start" prints what to evaluate, "stop" ends it by its process id.
set -eu
folder=${SQUALL_ENGINE:-/run/squall-engine}
socket=unix://$folder/docker.sock

answers() { DOCKER_HOST=$socket docker version > /dev/null 2>&1; }

case ${1:-} in
  start)
    if ! answers; then
      mkdir -p "$folder"
      # By itself, out of the caller's group: Ctrl-C and the end of a shell are not meant for it.
      setsid dockerd --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
        --exec-root="$folder/exec" --data-root="${SQUALL_ENGINE_DATA:-/var/lib/squall-engine}" \
        -H "$socket" --pidfile="$folder/dockerd.pid" > "$folder/dockerd.log" 2>&1 < /dev/null &
      for i in $(seq 1 60); do
        answers && break
        sleep 0.5
      done
      answers || { echo "the engine did not start; see $folder/dockerd.log" >&2; exit 1; }
    fi
    echo "export DOCKER_HOST=$socket TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1 TESTCONTAINERS_RYUK_DISABLED=true"
    ;;
  stop)
    answers || exit 0
    pid=$(cat "$folder/dockerd.pid")
    kill "$pid"
    for i in $(seq 1 30); do
      kill -0 "$pid" 2> /dev/null || exit 0
      sleep 0.5
    done
    echo "the engine, process $pid, does not end" >&2
    exit 1
    ;;
  *)
    echo "usage: eval \"\$(sh $0 start)\"; sh $0 stop" >&2
    exit 2
    ;;
esac
