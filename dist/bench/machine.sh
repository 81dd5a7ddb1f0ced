#!/usr/bin/env bash
# JMH: transitions of the connection machine with a policy's draw, a second on one core, and bytes allocated for each.
# Prints a table; the last one is in machine.txt. Usage: dist/bench/machine.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
mvn -B -q -Dsquall.quick -Dmaven.compiler.proc=full -pl src test-compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
  -Dmdep.outputFile=target/bench.cp -Dmdep.includeScope=test
java -cp "src/target/test-classes:src/target/classes:$(cat src/target/bench.cp)" org.openjdk.jmh.Main \
  ConnectionMachineBenchmark -prof gc -rf csv -rff src/target/jmh.csv > src/target/jmh.log
echo "connection machine + policy draw   $(date -u +%F)   $(java -version 2>&1 | head -n 1)"
printf '%-10s %22s %18s\n' policy 'transitions/s' 'bytes/transition'
for policy in rfc6455 guide; do
  rate=$(grep -E "lossAndReturn\",.*$policy" src/target/jmh.csv | cut -d, -f5)
  bytes=$(grep -E "alloc.rate.norm\",.*$policy" src/target/jmh.csv | cut -d, -f5)
  printf '%-10s %22.0f %18.3f\n' "$policy" "$rate" "$bytes"
done
