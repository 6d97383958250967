#!/usr/bin/env bash
# Installs into a cache folder what the parity test and the benchmark compare with, all from the npm registry:
# Chrome DevTools' own heap-snapshot engine (bundled in a package), the Node.js that it needs, and the lab's server.
# usage: setup.sh DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?usage: setup.sh DIR}
mkdir -p "$dir" && cd "$dir"
# Tests are processes of their own and may come at the same time: one installs, the others wait.
exec 9>.lock && flock 9
unpack() { # PACKAGE@VERSION FOLDER
  [ -d "$2" ] && return
  local archive; archive=$(npm pack --silent "$1")
  mkdir "$2.part" && tar xzf "$archive" -C "$2.part" --strip-components=1 && rm "$archive" && mv "$2.part" "$2"
}
unpack "node-linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/')@24.21.0" node
unpack chrome-devtools-mcp@1.11.0 devtools
mkdir -p lab && cp "$here"/../../../../labs/heap/{server.js,package.json} lab/
# Whole or not at all: a folder that an interrupted install left is begun anew.
[ -f lab/node_modules/.whole ] || (cd lab && rm -rf node_modules && npm install --silent --no-fund --no-audit && touch node_modules/.whole)
