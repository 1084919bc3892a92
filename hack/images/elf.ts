/** The one thing about programs that images depend on: whether the kernel needs a loader to start them. */
import { open } from 'node:fs/promises';

const programInterpreter = 3;

/** Whether a 64-bit little-endian ELF program names an interpreter, `ld.so`. Throws when the file is no such program. */
export async function isDynamic(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer: elf } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1)
      throw new Error(`${file} is not a 64-bit ELF program.`);
    const [start, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
    const { buffer: headers } = await handle.read(Buffer.alloc(size * count), 0, size * count, start);
    for (let index = 0; index < count; index++)
      if (headers.readUInt32LE(index * size) === programInterpreter) return true;
    return false;
  } finally {
    await handle.close();
  }
}
