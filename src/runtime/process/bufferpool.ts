/** Bytes of a pool (`Buffer.poolSize`), from which Node cuts small Buffers; its own default is 64 KiB. */
const POOL_BYTES = 8 * 1024;

/**
 * A small Buffer that is kept holds back its whole pool, and each connection keeps a few for as long as it lives: its TLS session, the
 * headers of its last answer. With 50 connections that was several MB, and it grew until each Buffer sat on a pool of its own.
 */
export function useSmallBufferPools(): void {
  Buffer.poolSize = POOL_BYTES;
}
