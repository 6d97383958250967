#!/usr/bin/env bash
# Installs into a cache folder what the parity test and the benchmark compare with, all from the npm registry:
# Chrome DevTools' own heap-snapshot engine (bundled in a package), the Node.js that it needs, and the lab's server.
# usage: setup.sh DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:?usage: setup.sh DIR}
mkdir -p "$dir" && cd "$dir"
unpack() { # PACKAGE@VERSION FOLDER
  [ -d "$2" ] && return
  local archive; archive=$(npm pack --silent "$1")
  mkdir "$2.part" && tar xzf "$archive" -C "$2.part" --strip-components=1 && rm "$archive" && mv "$2.part" "$2"
}
unpack "node-linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/')@24.21.0" node
unpack chrome-devtools-mcp@1.11.0 devtools
mkdir -p lab && cp "$here"/../../../../labs/heap/{server.js,package.json} lab/
[ -d lab/node_modules ] || (cd lab && npm install --silent --no-fund --no-audit)
