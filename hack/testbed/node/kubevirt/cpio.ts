/** An archive of files as the kernel unpacks it into its first root file system: cpio in the format `newc` (the kernel's buffer-format.rst). */

export type CpioEntry = {
  /** Relative: `usr/bin/sh`. Folders come before what is in them. */
  readonly path: string;
} & (
  | { readonly folder: true }
  | { readonly target: string }
  | { readonly program: Uint8Array }
  | { readonly file: Uint8Array }
);

const kinds = { folder: 0o040755, link: 0o120777, program: 0o100755, file: 0o100644 };

/** The archive; everything belongs to root, and every time is the epoch. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const records = entries.map((entry, index) => record(index + 1, entry.path, modeOf(entry), contentOf(entry)));
  return Buffer.concat([...records, record(0, 'TRAILER!!!', 0, Buffer.alloc(0))]);
}

function modeOf(entry: CpioEntry): number {
  if ('folder' in entry) return kinds.folder;
  if ('target' in entry) return kinds.link;
  return 'program' in entry ? kinds.program : kinds.file;
}

function contentOf(entry: CpioEntry): Uint8Array {
  if ('folder' in entry) return Buffer.alloc(0);
  if ('target' in entry) return Buffer.from(entry.target);
  return 'program' in entry ? entry.program : entry.file;
}

function record(inode: number, path: string, mode: number, content: Uint8Array): Buffer {
  const name = Buffer.from(`${path}\0`);
  const [uid, gid, links, time, device] = [0, 0, 1, 0, 0];
  const fields = [inode, mode, uid, gid, links, time, content.length, device, device, device, device, name.length, 0];
  const header = `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)]);
}

/** To a multiple of four bytes. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
