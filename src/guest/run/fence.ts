/**
 * What keeps one who was overtaken from beginning anything. A worker that was paused has forgotten that it lost its lease, and a guest whose
 * disk was restored has forgotten what it did: each start therefore names both the lease's generation and the boot of the guest in which it
 * was decided. A later holder raises the generation in the guest before it decides anything, and a guest that was rolled back has booted since.
 */
export type Fence = {
  /** Grows with each holder of the VM's lease. */
  readonly generation: number;
  /** `/proc/sys/kernel/random/boot_id`: another one after each boot. */
  readonly bootId: string;
};

/** Whether the guest, which remembers `known`, lets a start pass. The scripts in the guest decide the same (beginScript). */
export function admits(known: Fence, start: Fence): boolean {
  return start.generation >= known.generation && start.bootId === known.bootId;
}
