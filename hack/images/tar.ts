/** A tar archive as a stream, a function of its entries alone: no clock, no umask, no order of a folder gets into it. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

type Owned = {
  /** Relative, with `/`, in normal form: `usr/bin/node`. */
  readonly path: string;
  /** Permissions; default 0o644 for files, 0o755 for folders. */
  readonly mode?: number;
  /** Default 0, as for the group. */
  readonly uid?: number;
  readonly gid?: number;
};

type TarFile = Owned & { readonly content: string | Uint8Array };
/** A file whose content is streamed from `source`; of the source nothing but its content counts. */
type TarCopy = Owned & { readonly source: string };
type TarSymlink = Owned & { readonly target: string };
type TarFolder = Owned & { readonly folder: true };
export type TarEntry = TarFile | TarCopy | TarSymlink | TarFolder;

const blockSize = 512;

/** What the numeric fields of ustar can hold, in octal digits; anything larger goes into a pax record. */
const digits = { mode: 7, owner: 7, size: 11 };

/**
 * The archive in pieces, for a stream. Entries come out in the order given; every time in it is the epoch.
 * Throws when a source changes its length while it is read, or a path is not relative and in normal form.
 */
export async function* tarball(entries: Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    refuseStrangePath(entry.path);
    const size = await sizeOf(entry);
    yield header(entry, size);
    if (size > 0) yield* content(entry, size);
    yield Buffer.alloc(padding(size));
  }
  yield Buffer.alloc(2 * blockSize);
}

function refuseStrangePath(path: string): void {
  const parts = path.split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..') || path.includes('\0'))
    throw new Error(`${JSON.stringify(path)} is not a relative path in normal form.`);
}

async function sizeOf(entry: TarEntry): Promise<number> {
  if ('content' in entry) return Buffer.byteLength(entry.content);
  return 'source' in entry ? (await stat(entry.source)).size : 0;
}

async function* content(entry: TarEntry, size: number): AsyncGenerator<Uint8Array> {
  if ('content' in entry) yield Buffer.from(entry.content);
  if (!('source' in entry)) return;
  let read = 0;
  for await (const piece of createReadStream(entry.source)) {
    read += piece.length;
    yield piece;
  }
  if (read !== size) throw new Error(`${entry.source} changed from ${size} to ${read} bytes while it was read.`);
}

/** The ustar header of an entry, preceded by a pax header (POSIX.1-2001) where ustar has no room for it. */
function header(entry: TarEntry, size: number): Uint8Array {
  const { path, uid = 0, gid = 0 } = entry;
  const name = 'folder' in entry ? `${path}/` : path;
  const target = 'target' in entry ? entry.target : '';
  const records = [
    fitsText(name) ? '' : paxRecord('path', name),
    fitsText(target) ? '' : paxRecord('linkpath', target),
    fitsNumber(size, digits.size) ? '' : paxRecord('size', `${size}`),
    fitsNumber(uid, digits.owner) ? '' : paxRecord('uid', `${uid}`),
    fitsNumber(gid, digits.owner) ? '' : paxRecord('gid', `${gid}`),
  ].join('');
  const plain = ustar({ name, mode: modeOf(entry), uid, gid, size, type: typeOf(entry), target });
  if (records === '') return plain;
  const body = Buffer.from(records);
  const pax = ustar({ name: 'PaxHeader', mode: 0o644, uid: 0, gid: 0, size: body.length, type: 'x', target: '' });
  return Buffer.concat([pax, body, Buffer.alloc(padding(body.length)), plain]);
}

function modeOf(entry: TarEntry): number {
  if ('target' in entry) return 0o777;
  return entry.mode ?? ('folder' in entry ? 0o755 : 0o644);
}

function typeOf(entry: TarEntry): string {
  if ('target' in entry) return '2';
  return 'folder' in entry ? '5' : '0';
}

type Ustar = {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly type: string;
  readonly target: string;
};

function ustar({ name, mode, uid, gid, size, type, target }: Ustar): Buffer {
  const block = Buffer.alloc(blockSize);
  const number = (value: number, offset: number, width: number) =>
    block.write(fitsNumber(value, width) ? value.toString(8).padStart(width, '0') : '0'.repeat(width), offset, 'ascii');
  Buffer.from(name).copy(block, 0, 0, 100);
  number(mode, 100, digits.mode);
  number(uid, 108, digits.owner);
  number(gid, 116, digits.owner);
  number(size, 124, digits.size);
  number(0, 136, 11);
  block.write('        ', 148, 'ascii');
  block.write(type, 156, 'ascii');
  Buffer.from(target).copy(block, 157, 0, 100);
  block.write('ustar\x0000', 257, 'ascii');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + `${rest}`.length;
  if (`${length}`.length > `${rest}`.length) length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

/** Names beyond ASCII are pax as well: ustar does not say how they are encoded. */
function fitsText(text: string): boolean {
  return Buffer.byteLength(text) <= 100 && /^[\x20-\x7e]*$/.test(text);
}

function fitsNumber(value: number, width: number): boolean {
  return value < 8 ** width;
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
