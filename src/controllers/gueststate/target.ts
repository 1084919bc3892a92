import { PROVIDER_USER } from '../../domain/machine/firstboot/users.ts';
import { type Dial, dialAddress } from '../../guest/transport/dial.ts';
import type { Target } from '../../guest/transport/sessions.ts';
import { dialInTurn, type Led } from '../../guest/transport/ways.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import type { HandProcessSettings } from '../handsettings.ts';
import type { WorkerKeys } from '../managedvm/keys.ts';
import { dialPortForward, type Machine } from './portforward.ts';

/** Where a guest is looked for. */
export type Place = {
  /** UID of the ManagedVM. */
  readonly uid: string;
  /** On the Pod network. */
  readonly address: string;
  /** The instance, where KubeVirt's portforward leads to the same address. */
  readonly forwarded: Machine | undefined;
};

/** The ways into guests; others than the usual only in tests. */
export type WaySettings = {
  readonly port: number;
  /** The second way in; absent: none is taken. */
  readonly portForward?: ((machine: Machine, port: number) => Dial) | undefined;
};

/** The ways that a process takes by its settings. */
export function waysBy(
  { sshPort, portForward }: Pick<HandProcessSettings, 'sshPort' | 'portForward'>,
  transport: Pick<Transport, 'tunnel'>,
): WaySettings {
  if (!portForward) return { port: sshPort };
  return { port: sshPort, portForward: (machine, port) => dialPortForward(transport, machine, port) };
}

/** The guest of a ManagedVM, with its keys in the order in which they are offered. `memory` keeps which way led to it; `now`: steady milliseconds. */
export function targetAt(
  { uid, address, forwarded }: Place,
  [first, ...others]: readonly [WorkerKeys, ...WorkerKeys[]],
  memory: { led?: Led | undefined },
  now: () => number,
  { port, portForward }: WaySettings,
): Target {
  const { providerPrivateKey: privateKey, hostPublicKey: hostKey } = first;
  const otherKeys = others.map(({ providerPrivateKey }) => providerPrivateKey);
  const direct = { name: 'Direct', dial: dialAddress(address, port) } as const;
  const second = forwarded && portForward && ({ name: 'PortForward', dial: portForward(forwarded, port) } as const);
  return {
    uid,
    way: `${address} ${port}`,
    dial: dialInTurn(second === undefined ? [direct] : [direct, second], memory, now),
    login: { user: PROVIDER_USER, privateKey, ...(otherKeys.length > 0 && { otherKeys }), hostKey },
  };
}
