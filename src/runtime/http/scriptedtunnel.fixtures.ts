import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's end of a WebSocket (RFC 6455), as far as tests need it: whole frames, no fragments. */
export type FarEnd = {
  readonly request: IncomingMessage;
  /** The connection below. */
  readonly socket: Duplex;
  /** Told of the bytes of each message of the client. */
  onBytes: (bytes: Buffer) => void;
  /** Told when the client closes, by the rules or not. */
  onClose: () => void;
  send(bytes: Buffer | string, opcode?: number): void;
};

export type TunnelServer = { readonly url: string; readonly open: () => number; close(): Promise<void> };

const [TEXT, BINARY, CLOSE] = [1, 2, 8];
export const OPCODES = { TEXT, BINARY, CLOSE } as const;

/** A real HTTP server on loopback that takes WebSockets, or does with a request for one what the test says. */
export async function startTunnelServer(
  taken: (end: FarEnd) => void,
  instead?: (request: IncomingMessage, socket: Duplex) => void,
): Promise<TunnelServer> {
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    sockets.add(socket);
    // Node leaves it half open.
    socket.on('end', () => socket.end()).on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (instead === undefined) taken(accepted(request, socket));
    else instead(request, socket.resume());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

/** Refuses the request for a WebSocket as the API server does. */
export function refuse(status: number): (request: IncomingMessage, socket: Duplex) => void {
  const body = JSON.stringify({ kind: 'Status', code: status });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  return (_, socket) => void socket.end(`${head}\r\n\r\n${body}`);
}

function accepted(request: IncomingMessage, socket: Duplex): FarEnd {
  const accept = hash('sha1', `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64');
  const protocol = request.headers['sec-websocket-protocol'];
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(
    [...lines, `Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${protocol}`, '', ''].join('\r\n'),
  );
  const end: FarEnd = {
    ...{ request, socket, onBytes: () => {}, onClose: () => {} },
    send: (bytes, opcode = BINARY) => void (socket.writable && socket.write(frame(Buffer.from(bytes), opcode))),
  };
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let read = readFrame(rest); read !== undefined; read = readFrame(rest)) {
      rest = rest.subarray(read.length);
      if (read.opcode === CLOSE) socket.end(frame(Buffer.alloc(0), CLOSE));
      else if (read.opcode === BINARY) end.onBytes(read.payload);
    }
  });
  socket.on('close', () => end.onClose());
  return end;
}

function frame(payload: Buffer, opcode: number): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : 10);
  head[0] = 0x80 | opcode;
  head[1] = payload.length < 126 ? payload.length : 127;
  if (payload.length >= 126) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** The first whole frame of a client, whose payload is masked; `length` is the frame's. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const at = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < at + 4) return undefined;
  const size = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const length = at + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, length).map((byte, index) => byte ^ mask.readUInt8(index % 4)));
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, length };
}
