import { InstanceSubresources } from '../../api/upstream.ts';
import type { Dial } from '../../guest/transport/dial.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import { isApiError } from '../../runtime/api/errors.ts';
import { pathOf } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';

/** A VirtualMachineInstance. */
export type Machine = { readonly namespace: string; readonly name: string };

/** `kubevirt.io/client-go`, subresources/constants.go. */
const PROTOCOL = 'plain.kubevirt.io';

/**
 * The way of guests to which only KubeVirt has a route: virt-api dials the address of the instance's first interface from its own Pod
 * (KubeVirt 1.8.4, pkg/virt-api/rest/dialers.go), and hands the bytes on. Who that is, the host key tells here as anywhere.
 */
export function dialPortForward(transport: Pick<Transport, 'tunnel'>, machine: Machine, port: number): Dial {
  const path = `${pathOf(InstanceSubresources, machine)}/portforward/${port}/tcp`;
  return async limit => {
    const signal = limit();
    try {
      return await transport.tunnel({ path, protocol: PROTOCOL }, signal);
    } catch (error) {
      throw failureOf(error, signal.aborted);
    }
  };
}

function failureOf(error: unknown, late: boolean): unknown {
  if (!isApiError(error)) return error;
  if (late && error.status === 0) return new GuestFailure('NoAnswer', 'portforward does not answer');
  return new GuestFailure('NotReachable', `portforward: ${WORDS.get(error.status) ?? error.message}`);
}

/** What a status means there (pkg/virt-api/rest/streamer.go, portforward.go). */
const WORDS: ReadonlyMap<number, string> = new Map([
  [400, 'the instance has no interface (400)'],
  [403, 'the worker may not use it (403; see guest.portForward of the chart)'],
  [404, 'there is no such instance, or no virt-api (404)'],
  [409, 'the instance is paused (409)'],
  [500, 'virt-api does not reach the guest (500)'],
]);
