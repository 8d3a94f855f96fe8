#!/usr/bin/env bash
# Trains once without interruption, and once killed (kill -9) at random moments and resumed, each time with another number
# of threads; then compares the weights byte for byte.
#   Scripts/kill_and_resume.sh [METALEARN] [KILLS]
set -euo pipefail
metalearn=${1:-.build/release/metalearn} kills=${2:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
train=(train --dataset sinusoid --iterations 20000 --tasks 20 --test-steps 1 --save-every 0)
start=$SECONDS
"$metalearn" "${train[@]}" --out "$work/whole" >/dev/null 2>&1
length=$((SECONDS - start + 1))
"$metalearn" "${train[@]}" --out "$work/killed" >/dev/null 2>&1 &
for ((kill = 1; kill <= kills; kill++)); do
  sleep "$(awk -v n=$RANDOM -v whole=$length -v kills=$kills 'BEGIN { printf "%.3f", 0.05 + 1.2 * whole / kills * n / 32768 }')"
  kill -9 $! 2>/dev/null || { echo "it had finished before kill $kill"; break; }
  wait $! 2>/dev/null || true
  "$metalearn" train --resume "$work/killed" --save-every 0 --workers $((kill % 3 + 1)) >"$work/log" 2>&1 &
done
wait $! || { cat "$work/log"; exit 1; }
cmp "$work/whole/weights.safetensors" "$work/killed/weights.safetensors"
echo "Killed $((kill - 1)) times; the weights are the same, byte for byte."
