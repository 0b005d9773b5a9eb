#!/usr/bin/env bash
# Starts a sidecar and a gateway on loopback, routes one SSH session through both, shows what Chaperone
# told about it, and stops everything. Ports: SSH_PORT, ADMIN_PORT, GATEWAY_PORT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${SSH_PORT:=2322}" "${ADMIN_PORT:=8786}" "${GATEWAY_PORT:=8787}"
work="$(mktemp -d)"
export GATEWAY_PORT GATEWAY_KEY_FILE="$work/directory.key" GATEWAY_KNOWN_HOSTS="$work/known_hosts"
export CHAPERONE_URL="http://127.0.0.1:$ADMIN_PORT" CHAPERONE_TOKEN_FILE="$work/var/gateway.token"
# An embedded target has one account: of root's sidecar it is nobody, else the sidecar's own user.
if [ "$(id -u)" -eq 0 ]; then GATEWAY_ACCOUNT=nobody; else GATEWAY_ACCOUNT="$(id -un)"; fi
export GATEWAY_ACCOUNT

sed -e "s/port: 2322/port: $SSH_PORT/; s/port: 8786/port: $ADMIN_PORT/; s/:8787/:$GATEWAY_PORT/" \
  chaperone.yaml >"$work/chaperone.yaml"
(umask 077 && head -c 32 /dev/urandom | base64 >"$GATEWAY_KEY_FILE")

pids=()
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
node gateway.mjs serve &
pids+=($!)
node ../../bin/chaperone.mjs run --config "$work/chaperone.yaml" --log-file "$work/log" >"$work/out" &
pids+=($!)
for _ in $(seq 300); do
  grep -q "control API" "$work/out" && break
  sleep 0.1
done

# The command is typed by a person in real life; Chaperone sees, judges and records it all the same.
node gateway.mjs route alice local "${1:-echo routed by the gateway}"
echo "--- what Chaperone told:"
grep -o '"type":"io.chaperone.[a-z.]*' "$work/var/events.ndjson" | sed 's/.*chaperone\.//' | sort | uniq -c
