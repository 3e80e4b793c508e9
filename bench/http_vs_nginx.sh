#!/usr/bin/env bash
# Requests per second of our HTTP server against nginx (files, two workers) on the same machine:
# a 50 KB page and a 2 KB JSON text, wrk with 128 connections, interleaved rounds. Prints medians and
# ratios. Also prints the rate of answers that a foreign thread gives in batches (heartbeats).
#   bench/http_vs_nginx.sh [path of http_page_server] [rounds] [seconds]
set -euo pipefail

server=${1:-build/release/bench/http_page_server}
rounds=${2:-3}
seconds=${3:-5}
for tool in nginx wrk python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }
done

dir=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$dir"
}
trap cleanup EXIT

python3 - "$dir" <<'PY'
import random, sys
rng = random.Random(1)
page = "<!doctype html><title>status</title>"
while len(page) < 50 * 1024:
    page += '<div class="bar" data-day="%d">%x</div>\n' % (rng.randrange(400), rng.getrandbits(64))
open(sys.argv[1] + "/page", "w").write(page[:50 * 1024])
rows = ",".join('{"tag":"m%02d","status":"UP","latency":%d,"uptime":99.9%d}' %
                (i, rng.randrange(300), i) for i in range(40))
open(sys.argv[1] + "/json", "w").write(("[" + rows + "]")[:2048])
PY
nginx_port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')

cat >"$dir/nginx.conf" <<CONF
worker_processes 2;
pid $dir/nginx.pid;
error_log $dir/error.log;
daemon off;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=100;
  client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f;
  uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  server { listen 127.0.0.1:$nginx_port reuseport; root $dir; default_type text/html; }
}
CONF
chmod 755 "$dir"
chmod 644 "$dir/page" "$dir/json"
nginx -c "$dir/nginx.conf" &
nginx_pid=$!
pids+=("$nginx_pid")

mkfifo "$dir/in"
"$server" "$dir/page" "$dir/json" 2 <"$dir/in" >"$dir/port" &
our_pid=$!
pids+=("$our_pid")
exec 3>"$dir/in"
for _ in $(seq 50); do
  [ -s "$dir/port" ] && curl -fs -o /dev/null "http://127.0.0.1:$nginx_port/page" && break
  sleep 0.1
done
our_port=$(cat "$dir/port")
cmp <(curl -fs "http://127.0.0.1:$nginx_port/page") <(curl -fs "http://127.0.0.1:$our_port/page")
cmp <(curl -fs "http://127.0.0.1:$nginx_port/json") <(curl -fs "http://127.0.0.1:$our_port/json")

cpu_ticks() {  # pid -> clock ticks of it and its children, user and system
  local pid sum=0
  for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
    sum=$((sum + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{print $12 + $13}')))
  done
  echo "$sum"
}

# The rate per second of the server's own CPU time says more than the plain rate on a machine that
# does other things besides.
measure() {  # pid port path -> "rate, rate per CPU second, p99"
  local before after
  before=$(cpu_ticks "$1")
  wrk -t2 -c128 "-d${seconds}s" --latency "http://127.0.0.1:$2/$3" >"$dir/wrk"
  after=$(cpu_ticks "$1")
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '
    /requests in/ {n=$1} /Requests\/sec/ {rate=$2} /99%/ {p99=$2} /Socket errors|Non-2xx/ {bad=$0}
    END {print rate, (ticks ? n * hz / ticks : 0), p99, bad}' "$dir/wrk"
}

for path in page json; do
  for round in $(seq "$rounds"); do
    echo "$path ours $(measure "$our_pid" "$our_port" "$path")" | tee -a "$dir/results"
    echo "$path nginx $(measure "$nginx_pid" "$nginx_port" "$path")" | tee -a "$dir/results"
  done
done
for round in $(seq "$rounds"); do
  echo "beat ours $(measure "$our_pid" "$our_port" beat)" | tee -a "$dir/results"
done

python3 - "$dir/results" <<'PY'
import statistics, sys
rates = {}
for line in open(sys.argv[1]):
    path, who, rate, per_cpu, *_ = line.split()
    rates.setdefault((path, who, "per second"), []).append(float(rate))
    rates.setdefault((path, who, "per CPU second"), []).append(float(per_cpu))
for unit in ("per second", "per CPU second"):
    for path in ("page", "json"):
        ours, theirs = (statistics.median(rates[path, who, unit]) for who in ("ours", "nginx"))
        print(f"{path}: ours {ours:.0f}, nginx {theirs:.0f} {unit}, ratio {ours / theirs:.2f}")
    print(f"beat: ours {statistics.median(rates['beat', 'ours', unit]):.0f} {unit}")
PY
