import { bytesOf } from '../../api/bytequantity.ts';

/** Bytes of a quantity such as 1Gi, where it is whole, positive and exact as a number; else undefined. */
export function byteAmount(quantity: string): number | undefined {
  try {
    const bytes = bytesOf(quantity);
    return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : undefined;
  } catch {
    return undefined;
  }
}
