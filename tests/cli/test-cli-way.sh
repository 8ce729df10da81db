#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole way with the command line alone, against the real runtime and stand-in vendors:
# keys, compile, sign, publish, run, show, decide, export, verify, tamper, fsck.
# test-cli-way.sh AIRAILSCTL RUNTIME SHOP PAYMENTS
set -u
ctl=$(realpath "$1") runtime=$(realpath "$2") shop=$(realpath "$3") payments=$(realpath "$4")
source=${AIRAILS_SOURCE:?}
work=$(mktemp -d) || exit 1
pids=
n=0

stop () {
  for pid in $pids; do kill "$pid" 2>/dev/null; done
  wait
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

# check WORDS STATUS COMMAND...: one line of TAP.
check () {
  words=$1 expected=$2; shift 2
  "$@" >out 2>err
  status=$?
  n=$((n + 1))
  if [ $status = "$expected" ]; then echo "ok $n $words"
  else
    echo "not ok $n $words"
    echo "# $*: $status, not $expected"
    sed 's/^/# /' out err
    for log in *.log; do [ -e "$log" ] && tail -n 20 "$log" | sed "s/^/# $log: /"; done
    echo "Bail out! the way is broken"
    exit 1
  fi
}

await () { i=0; while [ ! -s "$1" ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done; [ -s "$1" ]; }
pem () { awk '{ printf "%s\\n", $0 }' "$1"; }
# A member of the outermost object.
field () { sed -n "s/^  \"$1\": \"\\(.*\\)\",*\$/\\1/p" "$2" | head -n 1; }

# Until a run's state is $2, or half a minute is over.
await_state () {
  i=0
  while [ $i -lt 150 ]; do
    "$ctl" runs "$1" -p ana.json --json >out 2>err && [ "$(field state out)" = "$2" ] && return 0
    sleep 0.2
    i=$((i + 1))
  done
  return 1
}

echo 1..40

# --- keys and people
check "an authority" 0 "$ctl" pki ca "Demo authority" -o ca
check "the runtime's certificate" 0 "$ctl" pki issue --ca ca --uri airails://demo/runtime --server 127.0.0.1 -o runtime
check "an operator" 0 "$ctl" pki issue --ca ca --uri airails://demo/systems/shop -o operator
check "an approver" 0 "$ctl" pki issue --ca ca --uri airails://demo/people/ana -o ana
check "the designer's key" 0 "$ctl" pki key dora.key
check "the approver's decision key" 0 "$ctl" pki key ana.key
check "the ledger's key" 0 "$ctl" pki key --type ed25519 ledger.key
check "a stranger's key" 0 "$ctl" pki key eve.key
"$ctl" pki key operator.key >/dev/null
cat >trust.json <<JSON
{"v":1,"tenant":"demo","ca":"$(pem ca/ca.pem)",
 "signers":[{"uri":"airails://demo/people/dora","key":"$(pem dora.key.pub)","roles":["designer"]}],
 "people":[{"uri":"airails://demo/people/ana","name":"Ana","roles":["approver"],"key":"$(pem ana.key.pub)"},
           {"uri":"airails://demo/systems/shop","name":"Shop","roles":["operator"],"key":"$(pem operator.key.pub)"}]}
JSON

# --- the artifact
check "compile" 0 "$ctl" compile "$source/packs/customer-operations/workflows/refunds-and-cancellations.workflow.json" -o built
check "sign" 0 "$ctl" sign built --key dora.key
check "publish" 0 "$ctl" publish built -r registry -t trust.json
check "verify the artifact" 0 "$ctl" verify registry/refunds-and-cancellations/1.0.0 -t trust.json

# --- everything runs
openssl rand -hex 16 >shop.token
openssl rand -hex 16 >stripe.token
data=$source/tests/demo/shop
"$shop" --orders "$data/orders.json" --users "$data/users.json" --token-file shop.token --address-file shop.address >shop.log 2>&1 &
pids="$pids $!"
"$payments" --orders "$data/orders.json" --token-file stripe.token --address-file stripe.address >payments.log 2>&1 &
pids="$pids $!"
check "the vendors listen" 0 await stripe.address
await shop.address
cat >runtime.json <<JSON
{"v":1,"artifact":"registry/refunds-and-cancellations/1.0.0","trust":"trust.json","state":"state","listen":"127.0.0.1:0",
 "certificate":"runtime.pem","private_key":"runtime-key.pem","origin":"airails.example/demo/refunds","ledger_key":"ledger.key",
 "connectors":{"shop":{"base_url":"http://$(cat shop.address)","secret_file":"shop.token"},
               "stripe":{"base_url":"http://$(cat stripe.address)","secret_file":"stripe.token"}},
 "egress":["$(cat shop.address)","$(cat stripe.address)"]}
JSON
"$runtime" --config runtime.json >runtime.log 2>&1 &
runtime_pid=$!
pids="$pids $runtime_pid"
check "the runtime listens" 0 await state/address
for who in ana operator; do
  cat >$who.json <<JSON
{"url":"https://$(cat state/address)","ca":"ca/ca.pem","certificate":"$who.pem","private_key":"$who-key.pem","decision_key":"$who.key"}
JSON
done

# --- runs until one waits at a gate
gates=
i=0
while [ -z "$gates" ] && [ $i -lt 40 ]; do
  i=$((i + 1))
  request=$(sed -n "${i}p" "$data/requests.jsonl")
  echo "{\"specversion\":\"1.0\",\"id\":\"e$i\",\"source\":\"test\",\"type\":\"shop.refund.requested\",\"data\":$request}" >event.json
  "$ctl" run request event.json -p operator.json --wait 20 --json >out 2>err || true
  run=$(field id out)
  gates=$("$ctl" gate list -p ana.json 2>err | awk '$2 == "0/1" { print $1; exit }')
done
check "a run waits at a gate" 0 test -n "$gates"
gate=$gates run=${gates%/*}
check "an auditor or approver may not start a run" 5 "$ctl" run request event.json -p ana.json
check "what the gate asks" 0 "$ctl" gate show "$gate" -p ana.json
check "a stranger's key decides nothing" 5 "$ctl" gate decide "$gate" --approve -m no -y -k eve.key -p ana.json
check "the approver decides" 0 "$ctl" gate decide "$gate" --approve -m "as agreed" -y -p ana.json
check "it is not decided twice" 5 "$ctl" gate decide "$gate" --deny -m no -y -p ana.json
check "the run completes" 0 await_state "$run" completed
check "the ledger's head" 0 "$ctl" ledger head -p ana.json --json
field key out >ledger.vkey
check "an entry is in it" 0 "$ctl" ledger prove 3 -p ana.json

# --- the proof
check "export" 0 "$ctl" export "$run" -o proof.zip -p ana.json
check "verify the bundle, offline" 0 "$ctl" verify proof.zip -t trust.json
half=$(($(wc -c <proof.zip) / 2))
{ head -c $half proof.zip; printf '\377'; tail -c +$((half + 2)) proof.zip; } >tampered.zip
check "a changed byte is refused" 1 "$ctl" verify tampered.zip -t trust.json
check "decide it anew, from the bundle" 0 "$ctl" replay proof.zip
cp out told
check "every decision is told" 0 grep -q "'approval' (Approval by people): airails://demo/people/ana decides 'approve', because: as agreed" told
check "decide it anew, from the runtime" 0 "$ctl" replay --run "$run" -p ana.json --json
cp out told
check "it comes out the same" 0 grep -q '"same": true' told

# --- what would be otherwise
workflow=$source/packs/customer-operations/workflows/refunds-and-cancellations.workflow.json
check "the same version decides the same" 0 "$ctl" backtest "$workflow" --over proof.zip
cp out told
check "and says so" 0 grep -q "1 runs: 1 as before, 0 otherwise, 0 not played" told
sed 's/(10000..100000]/(10000..10001]/; s/> 100000/> 10001/' "$source/packs/customer-operations/policies/refund-approval.policy.json" >strict.policy.json
check "a stricter policy" 0 "$ctl" backtest strict.policy.json --over proof.zip
cp out told
check "asks for two" 0 grep -q "now: 'approval' (Approval by people) asks for 2" told
check "so the run comes out otherwise" 0 grep -q "1 runs: 0 as before, 1 otherwise, 0 not played" told
check "over all that the ledger holds" 0 "$ctl" backtest "$workflow" --over state --json
cp out told
check "all of it can be played" 0 grep -q '"not_played": \[\]' told
check "a policy needs plans, which a ledger does not keep" 3 "$ctl" backtest strict.policy.json --over state
check "fsck beside the running runtime" 0 "$ctl" ledger fsck state --key ledger.vkey
kill $runtime_pid
wait $runtime_pid
check "fsck of what it left" 0 "$ctl" ledger fsck state --key ledger.vkey
