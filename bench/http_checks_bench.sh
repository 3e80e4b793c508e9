#!/usr/bin/env bash
# HTTP checks over new connections: processor time of our client against wrk's for the same
# connections to the same nginx, in the same run. Budget: at most 1.5 times (docs/architecture).
#   bench/http_checks_bench.sh [program] [checks] [in flight]
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-build/release/bench/http_checks_load}
checks=${2:-50000}
width=${3:-64}

dir=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > "$dir/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $dir; proxy_temp_path $dir; fastcgi_temp_path $dir;
  uwsgi_temp_path $dir; scgi_temp_path $dir;
  server { listen 127.0.0.1:$port backlog=4096; location / { return 200 "ok"; } }
}
CONF
taskset -c 0 nginx -c "$dir/nginx.conf" 2> "$dir/start.log" &
nginx=$!
trap 'kill $nginx 2>/dev/null || true; wait $nginx 2>/dev/null || true; rm -rf "$dir"' EXIT
for _ in $(seq 100); do
  curl -s -o /dev/null "http://127.0.0.1:$port/" && break
  read -rt 0.05 <> <(:) || true
done

best_ours=
best_wrk=
for round in 1 2 3; do
  ours=$(taskset -c 1 "$program" "http://127.0.0.1:$port/" "$checks" "$width")
  ours_us=$(sed -n 's/.*cpu_us_each \([0-9.]*\).*/\1/p' <<< "$ours")
  # wrk's own processor time, by the shell's clock of its children.
  wrk_cpu=$( { TIMEFORMAT='%U %S'; time taskset -c 1 wrk -t1 -c"$width" -d4s \
      -H 'Connection: close' "http://127.0.0.1:$port/" > "$dir/wrk.txt"; } 2>&1 )
  requests=$(sed -n 's/ *\([0-9]*\) requests in.*/\1/p' "$dir/wrk.txt")
  wrk_us=$(awk -v r="$requests" '{ printf "%.1f", ($1 + $2) * 1e6 / r }' <<< "$wrk_cpu")
  echo "round $round: ours: $ours | wrk: requests $requests cpu_us_each $wrk_us"
  best_ours=$(awk -v a="${best_ours:-$ours_us}" -v b="$ours_us" 'BEGIN { print (b < a) ? b : a }')
  best_wrk=$(awk -v a="${best_wrk:-$wrk_us}" -v b="$wrk_us" 'BEGIN { print (b < a) ? b : a }')
done
awk -v o="$best_ours" -v w="$best_wrk" \
  'BEGIN { printf "best of 3: ours %.1f us, wrk %.1f us, ratio %.2f (budget 1.50)\n", o, w, o / w }'
