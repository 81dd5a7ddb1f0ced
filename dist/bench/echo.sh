#!/usr/bin/env bash
# The echo of a node beside that of a plain Vert.x server with the same settings, event loops and JVM flags, in alternating
# rounds: messages a second (closed loop) and p99 round trip (open loop). Prints a table (the last one is in echo.txt);
# exits 1 where the node is more than a tenth behind. Usage: dist/bench/echo.sh
. "$(dirname "$0")/lib.sh"
compile
serve node 21071
serve plain 21072

headline "echo of a node and of a plain Vert.x server, 50 connections"
status=0
"$java" -Xmx512m -XX:+UseSerialGC -cp "$scratch:$home/lib/*" EchoLoad 21071 21072 || status=$?
echo "medians of 61 alternating rounds; ratio: the median of the rounds' (95% interval); limits: 0.90 of the rate, 1.10 of the p99"
echo "on Java $version, $(cat "$scratch/version"), load average $(cut -d' ' -f1 /proc/loadavg)"
exit "$status"
