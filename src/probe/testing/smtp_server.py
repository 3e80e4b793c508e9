"""A mail server for tests: smtp_server.py PORT CHAIN.pem KEY.pem. STARTTLS; ada may log in with
"correct-horse". Takes no mail."""

import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class NoMail:
    async def handle_MAIL(self, server, session, envelope, address, options):
        return "550 no mail here"


def authenticate(server, session, envelope, mechanism, data):
    known = data.login == b"ada" and data.password == b"correct-horse"
    return AuthResult(success=known, handled=known)


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    controller = Controller(NoMail(), hostname="127.0.0.1", port=int(sys.argv[1]),
                            tls_context=context, authenticator=authenticate,
                            ident="mail.test ready")
    controller.start()
    print("listening", flush=True)
    threading.Event().wait()


main()
