"""Independent receivers: a mail server (aiosmtpd) and a desktop's notification service (jeepney). Each prints a line when it is ready, and then
a line of JSON for each thing that it receives."""

import hashlib
import hmac
import json
import ssl
import sys


def say(value):
    print(json.dumps(value), flush=True)


def mail(protection, port, certificate=None, key=None):
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult

    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)

    class Handler:
        async def handle_DATA(self, server, session, envelope):
            say({
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "data": envelope.content.decode(),
                "tls": session.ssl is not None or protection == "implicit",
                "user": session.auth_data and session.auth_data.login.decode(),
            })
            return "250 OK"

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == b"planted-mail-password", handled=False, auth_data=data)

    class Server(Controller):
        def factory(self):
            return SMTP(
                self.handler,
                authenticator=authenticate,
                auth_required=True,
                auth_require_tls=False,
                tls_context=context if protection == "starttls" else None,
                require_starttls=protection == "starttls",
            )

    wrapped = context if protection == "implicit" else None
    server = Server(Handler(), hostname="127.0.0.1", port=int(port), ssl_context=wrapped)
    server.start()
    say({"ready": True})
    sys.stdin.read()
    server.stop()


def desktop(address):
    from jeepney import HeaderFields, MessageType, new_method_return
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    connection = open_dbus_connection(bus=address)
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))
    say({"ready": True})
    while True:
        message = connection.receive()
        if message.header.message_type != MessageType.method_call:
            continue
        say({"member": message.header.fields[HeaderFields.member], "body": message.body})
        connection.send(new_method_return(message, "u", (1,)))


def verify(key, signature):
    """Whether a signature is that of standard input."""
    expected = "sha256=" + hmac.new(key.encode(), sys.stdin.buffer.read(), hashlib.sha256).hexdigest()
    say({"ready": True, "matches": hmac.compare_digest(expected, signature)})


{"mail": mail, "desktop": desktop, "verify": verify}[sys.argv[1]](*sys.argv[2:])
