"""The client's side of a WebSocket, as small as it can be (RFC 6455, no extensions).

Sans-I/O. A server's frames are not masked; ours are, with a key of zeros, which leaves the payload
as it is.
"""

from collections.abc import Iterator
from typing import Final

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
_FINAL: Final = 0x80
_MASKED: Final = 0x80
_ZERO_KEY: Final = bytes(4)


def upgrade_request(host: str, path: str, subprotocol: str | None) -> bytes:
    """The opening handshake."""
    offered = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{offered}\r\n"
    ).encode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One final, masked frame."""
    size = len(payload)
    if size < 126:
        head = bytes((_FINAL | opcode, _MASKED | size))
    elif size < 1 << 16:
        head = bytes((_FINAL | opcode, _MASKED | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FINAL | opcode, _MASKED | 127)) + size.to_bytes(8, "big")
    return head + _ZERO_KEY + payload


def take_frames(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the whole frames out of ``buffer``: opcode and payload of each."""
    position, end = 0, len(buffer)
    while end - position >= 2:
        start, size = position + 2, buffer[position + 1]
        if size >= 126:
            extent = 2 if size == 126 else 8
            if end - start < extent:
                break
            size = int.from_bytes(buffer[start : start + extent], "big")
            start += extent
        if end - start < size:
            break
        opcode = buffer[position] & 0x0F
        position = start + size
        yield opcode, bytes(buffer[start:position])
    del buffer[:position]
