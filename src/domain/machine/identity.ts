import { createHash } from 'node:crypto';

/** Namespace of our name-based UUIDs (RFC 9562, version 5); never changed, or every guest would take itself for a new one. */
const NAMESPACE = Buffer.from('6f1d2c5a9b0e4f47a8d35b1e7c904a62', 'hex');

/**
 * Firmware UUID of a ManagedVM's guest: the same as long as the ManagedVM is the same object.
 * cloud-init takes it for the instance id, so another UUID makes it run first boot again.
 */
export function firmwareUUID(managedVMUID: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(managedVMUID).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Hardware address of a network interface, unicast and locally administered.
 * KubeVirt draws another one at each start when none is given, and guests that know their interface by address lose it.
 */
export function macAddress(managedVMUID: string, network: string): string {
  const bytes = createHash('sha256').update(`${managedVMUID}/${network}`).digest().subarray(0, 6);
  bytes.writeUInt8((bytes.readUInt8(0) & 0xfc) | 0x02, 0);
  return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
}
