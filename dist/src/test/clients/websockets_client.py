"""Python's websockets with its own way of connecting again. It ends with its input."""

import asyncio
import os
import sys
import threading

import websockets


async def main():
    async for connection in websockets.connect(sys.argv[1]):
        try:
            async for _ in connection:
                pass
        except websockets.ConnectionClosed:
            continue  # As its documentation shows it.


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
asyncio.run(main())
