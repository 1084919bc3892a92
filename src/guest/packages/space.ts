import { type Answer, all, count } from './answer.ts';

const MiB = 1024;
/** KiB that stay free on a disk that packages are unpacked to, and on /boot where a kernel and its initramfs go. */
const FLOOR = 200 * MiB;
const BOOT_FLOOR = 100 * MiB;

/** Which disks have too little room for what would be downloaded (bytes): it is unpacked beside its archive, to about as much again (GE-9). */
export function tooLittleSpace(answer: Answer, download: number): readonly string[] {
  return all(answer, 'space').flatMap(({ words: [folder = '', freeWord] }) => {
    const free = count(freeWord);
    const needed = folder === '/boot' ? BOOT_FLOOR : FLOOR + Math.ceil((2 * download) / 1024);
    if (free === undefined || free >= needed || !/^\/[a-z/]*$/.test(folder)) return [];
    return [`${folder} has ${Math.floor(free / MiB)} MiB free, and ${Math.ceil(needed / MiB)} MiB are needed.`];
  });
}
