#!/usr/bin/env bash
# Starts a sidecar on loopback, lets a gateway carry some commands, shows what Chaperone told about them,
# and stops everything. Ports: SSH_PORT, ADMIN_PORT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${SSH_PORT:=2323}" "${ADMIN_PORT:=8788}"
work="$(mktemp -d)"
export CHAPERONE_URL="http://127.0.0.1:$ADMIN_PORT" CHAPERONE_TOKEN_FILE="$work/var/gateway.token"
# Nobody logs in by it here: the gateway says who alice is.
ALICE_PASSWORD="$(head -c 24 /dev/urandom | base64)"
export ALICE_PASSWORD

sed -e "s/port: 2323/port: $SSH_PORT/; s/port: 8788/port: $ADMIN_PORT/" chaperone.yaml >"$work/chaperone.yaml"
cp rules.yaml "$work/"
stop() {
  kill "$pid" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
node ../../bin/chaperone.mjs run --config "$work/chaperone.yaml" --log-file "$work/log" >"$work/out" &
pid=$!
trap stop EXIT
for _ in $(seq 300); do
  grep -q "control API" "$work/out" && break
  sleep 0.1
done

node gateway.mjs "echo one" "sudo systemctl restart db-1" "echo two"
echo "--- what Chaperone told:"
grep -o '"decision":"[a-z]*"' "$work/var/events.ndjson" | sort | uniq -c
