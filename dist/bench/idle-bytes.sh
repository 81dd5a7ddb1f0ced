#!/usr/bin/env bash
# Where the bytes of an idle client go: live objects of its injector and its node by whose classes they are, what else of each
# process is resident, both above the same process with one client, and the kernel's for the two sockets. Prints a table (the last
# one is in idle-bytes.txt), with "classes" also each class that has 8 bytes a client or more. The kernel counts for all: let
# little else dial meanwhile. Usage: dist/bench/idle-bytes.sh [CLIENTS] [classes]
. "$(dirname "$0")/lib.sh"
clients=${1:-18000}
ulimit -Sn "$(ulimit -Hn)"

# What the objects of a connection take in the kernel, which only root may read, and all its objects together: kernel FILE
kernel() {
  awk '$1 ~ /^(TCP|sock_inode_cache|filp|dentry|eventpoll_epi|lsm_inode_cache)$/ {print $1, $2 * $6 * 4096 / $5} $1 == "TCP" {print "open", $2}' \
    /proc/slabinfo > "$1" 2> "$1.err" || true
  awk '/^Slab:/ {print "Slab", $2 * 1024}' /proc/meminfo >> "$1"
}

# Runs N clients and, once all are open and it has been quiet for a while, keeps what there is to see of both processes.
look() { # N OVER DURATION
  cat > "$scratch/idle.yaml" << YAML
duration: $3
injectors: 1
target: {mock: {nodes: 1, extensions: []}}
load: {idle: {clients: $1, arrive: {over: $2}}}
YAML
  local journal=$scratch/runs/idle/latest seen=$scratch/$1 run pid process
  mkdir "$seen"
  rm -rf "$scratch/runs"
  kernel "$seen/before"
  "$squall" run "$scratch/idle.yaml" --seed 1 --out "$scratch/runs" > "$scratch/log" 2>&1 &
  run=$!
  for _ in $(seq 600); do
    [ "$(grep -c ,OPENED, "$journal/clients-0.csv" 2> /dev/null)" != "$1" ] || break
    sleep 0.1
  done
  sleep 4
  kernel "$seen/kernel"
  for process in injector node; do
    pid=$(sed -n "s/.*,CHILD_STARTED,.*$process.* \([0-9]*\)$/\1/p" "$journal/harness.csv")
    cat "/proc/$pid/smaps" > "$seen/$process.smaps"
    jcmd=$(dirname "$(readlink -f "/proc/$pid/exe")")/jcmd
    "$jcmd" "$pid" GC.heap_info > "$seen/$process.heap"
    # Of live objects: it collects all garbage first.
    "$jcmd" "$pid" GC.class_histogram > "$seen/$process.classes"
  done
  wait "$run" || cat "$scratch/log" >&2
  [ "$(value "$journal/results.json" clients open)" = "$1" ] || echo "not all clients were open" >&2
  ran_on "$journal" > "$scratch/ran"
}

look 1 0s 12s
look "$clients" 10s 26s
headline "the bytes of an idle client, of $clients"
python3 - "$scratch" "$clients" "${2:-}" << 'PYTHON'
import collections, re, sys
scratch, clients, more = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def classes(n, process):
    found = {}
    for line in open(f"{scratch}/{n}/{process}.classes"):
        m = re.match(r" *\d+: +(\d+) +(\d+) +(\S+)", line)
        # What a collection did not find worth moving away is filled up: no object. A lambda's name has an address.
        if m and not m[3].endswith("FillerElement;"):
            name = re.sub(r"[/+].*", "", m[3])
            found[name] = found.get(name, 0) + int(m[2])
    return found

def resident(n, process):
    """All that is resident, and of it what is heap."""
    bounds = [int(a, 16) for a in re.findall(r"0x[0-9a-f]+", open(f"{scratch}/{n}/{process}.heap").read())]
    all_, heap, start = 0, 0, 0
    for line in open(f"{scratch}/{n}/{process}.smaps"):
        m = re.match(r"([0-9a-f]+)-[0-9a-f]+ ", line)
        if m: start = int(m[1], 16)
        elif line.startswith("Rss:"):
            size = int(line.split()[1]) * 1024
            all_ += size
            heap += size if min(bounds) <= start < max(bounds) else 0
    return all_, heap

def whose(name):
    for prefix, who in (("dev.squall", "Squall's"), ("io.netty", "Netty's"), ("io.vertx", "Vert.x's and Gatling's"), ("io.gatling", "Vert.x's and Gatling's")):
        if name.startswith(prefix): return who
    return "the JDK's: addresses" if name.startswith("java.net.Inet") else "the JDK's: all others"

owners = ["Squall's", "Netty's", "Vert.x's and Gatling's", "the JDK's: addresses", "the JDK's: all others"]
table, bases, tops = {}, {}, {}
for process in ("injector", "node"):
    empty, full = classes(1, process), classes(clients, process)
    each = {name: (full[name] - empty.get(name, 0)) / (clients - 1) for name in full}
    sums = collections.Counter()
    for name, size in each.items(): sums[whose(name)] += size
    (rss0, heap0), (rss, heap) = resident(1, process), resident(clients, process)
    live, above = sum(sums.values()), (rss - rss0) / (clients - 1)
    pages = (heap - heap0) / (clients - 1)
    table[process] = [sums[o] for o in owners] + [live, pages - live, above - pages, above]
    bases[process] = (sum(empty.values()), rss0)
    tops[process] = sorted(((s, n) for n, s in each.items() if s >= 8), reverse=True)
rows = owners + ["live objects", "heap beyond them", "outside of the heap", "resident above empty"]
print("%-34s %9s %9s %9s" % ("bytes a client", "injector", "node", "together"))
for i, row in enumerate(rows):
    a, b = table["injector"][i], table["node"][i]
    print("%-34s %9.0f %9.0f %9.0f" % (row, a, b, a + b))
read = lambda f: {k: float(v) for k, v in (line.split() for line in open(f"{scratch}/{clients}/{f}"))}
before, during = read("before"), read("kernel")
# Two sockets a client; whoever else dials has such sockets too.
pairs = (during["open"] - before["open"]) / 2 if "open" in during else clients
each = {k: (during[k] - before.get(k, 0)) / pairs for k in during}
what = {"TCP": "sockets", "sock_inode_cache": "inodes of sockets", "lsm_inode_cache": "what guards inodes", "dentry": "their names", "filp": "open files", "eventpoll_epi": "epoll's entries"}
kernel = 0
for cache, words in what.items():
    if cache in each:
        kernel += each[cache]
        print("%-34s %29.0f" % ("kernel: " + words, each[cache]))
kernel = kernel or each["Slab"] # Without the right to tell them apart it is all that grew.
print("%-34s %29.0f" % ("kernel", kernel))
print("%-34s %29.0f" % ("all", kernel + table["injector"][-1] + table["node"][-1]))
for process in bases:
    print("an empty %-8s %6.1f MB live, %6.1f MB resident" % (process, bases[process][0] / 1e6, bases[process][1] / 1e6))
if more:
    for process in tops:
        print(process)
        for size, name in tops[process]: print("%9.0f %s" % (size, name))
PYTHON
cat "$scratch/ran"
echo "load average $(cut -d' ' -f1 /proc/loadavg)"
