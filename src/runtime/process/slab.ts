/** Bytes of a slab, from which Node cuts small Buffers; its own default is 64 KiB. */
const SLAB_BYTES = 8 * 1024;

/**
 * A small Buffer that is kept holds back its whole slab, and each connection keeps a few for as long as it lives: its TLS session, the
 * headers of its last answer. With 50 connections that was several MB, and it grew until each Buffer sat on a slab of its own.
 */
export function useSmallSlabs(): void {
  Buffer.poolSize = SLAB_BYTES;
}
