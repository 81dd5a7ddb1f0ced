"""An echo server on Python's websockets that restarts on a line on standard input or on SIGHUP, and ends with its input.

It appends the close code that it saw to the log, a line a connection.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading

import websockets

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--deflate", choices=("on", "off"), required=True)
parser.add_argument("--log", required=True)
parser.add_argument("--restart-downtime", type=int, required=True, help="milliseconds")
options = parser.parse_args()
log = open(options.log, "a", buffering=1)


async def echo(connection):
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
