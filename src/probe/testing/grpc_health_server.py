#!/usr/bin/env python3
"""A gRPC server with the health service, for tests: prints its ports and serves until it is ended.

Usage: grpc_health_server.py CERT_PEM KEY_PEM
Prints "ports PLAIN TLS BARE"; BARE is a server without the health service. What it answers depends
on the service that is asked about.
"""

import sys
import threading
from concurrent import futures

import grpc

STATUS = {"": 1, "up": 1, "down": 2, "unknown": 0, "unlisted": 3, "new": 7}


def service_of(request):
    """The string in field 1 of a HealthCheckRequest."""
    return request[2:].decode() if request else ""


def check(request, context):
    service = service_of(request)
    if service == "slow":
        ended = threading.Event()
        context.add_callback(ended.set)
        ended.wait(30)
        return b""
    if service == "guarded":
        if ("authorization", "Bearer open-sesame") not in context.invocation_metadata():
            sent = dict(context.invocation_metadata()).get("authorization", "nothing")
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "you sent " + sent)
        return b"\x08\x01"
    if service == "absent":
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    if service == "odd-text":
        context.abort(grpc.StatusCode.UNAVAILABLE, "50% of the caf\u00e9 is\nclosed")
    if service.startswith("code-"):
        wanted = int(service[5:])
        code = next(c for c in grpc.StatusCode if c.value[0] == wanted)
        context.abort(code, "on purpose")
    if service == "explicit-zero":
        return b"\x08\x00"
    if service == "garbage":
        return b"\xff\xff\xff"
    if service == "with-more":
        return b"\x12\x03abc\x08\x01\x1d\x01\x02\x03\x04"
    return bytes([8, STATUS[service]]) if STATUS[service] else b""


class Handler(grpc.GenericRpcHandler):
    def service(self, handler_call_details):
        if handler_call_details.method != "/grpc.health.v1.Health/Check":
            return None
        return grpc.unary_unary_rpc_method_handler(check)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    certificate, key = sys.argv[1:3]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), handlers=(Handler(),))
    plain = server.add_insecure_port("127.0.0.1:0")
    credentials = grpc.ssl_server_credentials([(read(key), read(certificate))])
    tls = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    bare_server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    bare = bare_server.add_insecure_port("127.0.0.1:0")
    bare_server.start()
    print(f"ports {plain} {tls} {bare}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
