"""An echo server on Python's websockets that restarts on a line on standard input or on SIGHUP, and ends with its input.

It appends the close code that it saw to the log, a line a connection; over TLS also, as a connection begins, the version
and whether the session was resumed.
"""

import argparse
import asyncio
import os
import signal
import ssl
import sys
import threading

import websockets

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--deflate", choices=("on", "off"), required=True)
parser.add_argument("--log", required=True)
parser.add_argument("--restart-downtime", type=int, required=True, help="milliseconds")
parser.add_argument("--certificate", help="in PEM, with --key: it speaks TLS")
parser.add_argument("--key")
parser.add_argument("--clients", help="the certificate, in PEM, that it demands of its clients")
options = parser.parse_args()
log = open(options.log, "a", buffering=1)


# It outlives the restarts, so that the sessions of its clients do too.
tls = None
if options.certificate:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(options.certificate, options.key)
    if options.clients:
        tls.load_verify_locations(options.clients)
        tls.verify_mode = ssl.CERT_REQUIRED


async def echo(connection):
    secured = connection.transport.get_extra_info("ssl_object")
    if secured:
        print(secured.version(), "resumed" if secured.session_reused else "full", file=log)
    try:
        async for message in connection:
            await connection.send(message)
    except websockets.ConnectionClosed:
        pass  # Its code is logged, as any other.
    finally:
        await connection.wait_closed()
        print(connection.close_code, file=log)


async def main():
    loop = asyncio.get_running_loop()
    restart = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, restart.set)

    def read_commands():
        for _ in sys.stdin:
            loop.call_soon_threadsafe(restart.set)
        os._exit(0)

    threading.Thread(target=read_commands, daemon=True).start()
    while True:
        server = await websockets.serve(
            echo,
            "127.0.0.1",
            options.port,
            backlog=4096,
            ssl=tls,
            compression="deflate" if options.deflate == "on" else None,
        )
        print("listening", flush=True)
        await restart.wait()
        restart.clear()
        # Closes every connection with 1001, as documented for a shutdown.
        server.close()
        await server.wait_closed()
        await asyncio.sleep(options.restart_downtime / 1000)


asyncio.run(main())
