"""What became of one tool in peers.sh: row.py TOOL CLIENTS FOLDER. The node's journal and results are the judge; below it what
the tool says itself."""
import collections
import csv
import glob
import json
import re
import sys

tool, clients, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
run = f"{folder}/{tool}-{clients}"
node = f"{run}/node/serve/latest"
came, back, seconds = set(), set(), collections.Counter()
key, restarted = {}, False
for row in csv.DictReader(open(f"{node}/node-0.csv")):
    connection = row["client"], row["connection"]
    if row["event"] == "RESTART_BEGUN":
        restarted = True
    elif row["event"] == "ACCEPTED":
        key[connection] = row["detail"] or connection  # Who did not say who it is counts by its connections.
    elif row["event"] == "NEGOTIATED" and row["code"] == "101":
        (back if restarted else came).add(key[connection])
        seconds[restarted, int(row["t_us"]) // 1_000_000] += 1

results = json.load(open(f"{node}/results.json"))
told = [*results["clients"], results["unidentified"]]
struck = sum(one["losses"].get("1012", 0) for one in told)
answered = sum(one["closeAnswers"]["same"] for one in told)
refused = sum(one["connections"]["rejected"] for one in told)
resident, base = (int(open(f"{folder}/{tool}-{n}/resident").read()) for n in (clients, 1))


def fastest(after):
    return max([n for (restarted, _), n in seconds.items() if restarted == after], default=0)


print()
print(open(f"{run}/version").read().strip())
print(f"  memory           {base / 1024:.0f} MiB with one client, {resident / 1024:.0f} MiB with all: {(resident - base) / (clients - 1):.1f} KiB a client")
print(f"  came             {len(came)} of {clients}, fastest second {fastest(False)}")
print(f"  closed with 1012 {struck}; Closes it answered with their code (all: {sum(seconds.values())}): {answered}")
print(f"  came back        {len(back)} of {struck}, fastest second {fastest(True)}; requests the node rejected: {refused}")
print("  in its own words:")

said = open(f"{run}/tool.out", errors="replace").read()
if tool == "tsung":
    said = open(glob.glob(f"{run}/log/*/tsung.log")[0]).read().split("# stats: dump at")[-1]
elif tool == "artillery":
    said = said.split("Summary report")[-1]
elif tool == "squall":
    said = said[said.index("\ntarget") :]
WORDS = {
    "squall": r"1012 burst|attempts failed|outage p50|trust",
    "k6": r"^\s*(opened|closed_|ws_|vus|checks|iterations)",
    "artillery": r"^(closed|opened|vusers\.(created:|completed|failed)|errors)",
    "tsung": r"^stats: (users_count|finish_users_count|websocket_|match|nomatch|error|connected|async)",
}
for line in said.splitlines():
    if re.search(WORDS[tool], line):
        print("    " + re.sub(r"\.{3,}", "  ", line.strip()))
