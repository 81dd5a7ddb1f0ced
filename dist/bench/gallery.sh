#!/usr/bin/env bash
# The pictures of README.md, in docs/gallery: the reports of a passing run, of a failing one and, where this Squall compares, of
# both. Needs chromium. Fails if a picture is larger than 200 KB.
# Usage: dist/bench/gallery.sh [CHROMIUM]
. "$(dirname "$0")/lib.sh"
chromium=${1:-chromium}
gallery=$root/docs/gallery
mkdir -p "$gallery"

# A picture of a page's beginning: picture PAGE NAME HEIGHT
picture() {
  local sandbox=()
  [ "$(id -u)" != 0 ] || sandbox=(--no-sandbox) # As root there is none.
  "$chromium" --headless=new "${sandbox[@]}" --disable-dev-shm-usage --hide-scrollbars --user-data-dir="$scratch/profile" \
    --window-size="1000,$3" --screenshot="$gallery/$2.png" "file://$(readlink -f "$1")" > "$scratch/chromium.log" 2>&1 \
    || { cat "$scratch/chromium.log" >&2; exit 1; }
  local bytes
  bytes=$(stat -c %s "$gallery/$2.png")
  echo "docs/gallery/$2.png   $((bytes / 1000)) KB"
  [ "$bytes" -le 200000 ] || { echo "$2.png: $bytes bytes (expected: at most 200,000)" >&2; exit 1; }
}

"$squall" run quickstart --out "$scratch/passing" > "$scratch/log" 2>&1
picture "$scratch/passing/quickstart/latest/report.html" passing 1250
"$squall" run quickstart --set load.phones.reconnect=immediate --out "$scratch/failing" > "$scratch/log" 2>&1 || [ $? -eq 1 ]
picture "$scratch/failing/quickstart/latest/report.html" failing 1250
if "$squall" compare --help 2> "$scratch/log" | grep -q -e --html; then
  "$squall" compare "$scratch/passing/quickstart/latest" "$scratch/failing/quickstart/latest" --html "$scratch/compare.html" \
    > "$scratch/log" 2>&1 || [ $? -eq 1 ]
  picture "$scratch/compare.html" compare 1000
fi
