#!/usr/bin/env bash
# What the proxy adds where no fault is active: round trips and processor time for a message, beside a plain TCP forwarder
# on Netty with the same JVM flags and event loops, before the same server, in alternating rounds. Prints a table (the last
# one is in proxy.txt); exits 1 where it adds a millisecond at the median or more, or over 30% of processor time.
# Usage: dist/bench/proxy.sh
. "$(dirname "$0")/lib.sh"
compile
serve node 21081
serve forward 21082 21081
forward=$!
serve proxy 21083 21081
proxy=$!

headline "a proxy and a TCP forwarder before the same server, 50 connections"
status=0
"$java" -Xmx512m -XX:+UseSerialGC -cp "$scratch:$home/lib/*" ProxyLoad 21081 21082 21083 "$forward" "$proxy" || status=$?
echo "medians of 31 alternating rounds; added: proxy over direct; ratio: processor time for a message, proxy over forwarder"
echo "limits: 1000 us added, a ratio of 1.30"
echo "on Java $version, $(cat "$scratch/version"), load average $(cut -d' ' -f1 /proc/loadavg)"
exit "$status"
