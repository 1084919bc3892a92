/** The part of KubeVirt's VirtualMachineInstance that the played components read and write. */
import type { KubeObject } from '../client/client.ts';
import type { Condition } from '../client/conditions.ts';

export type Interface = { readonly name: string; readonly [field: string]: unknown };

type Memory = { readonly guestAtBoot?: string; readonly guestCurrent?: string; readonly guestRequested?: string };

export type VolumeStatus = {
  readonly name: string;
  readonly phase?: string;
  readonly target?: string;
  readonly hotplugVolume?: object;
};

export type Vmi = KubeObject & {
  readonly spec: {
    readonly volumes?: readonly { readonly name: string }[];
    readonly domain: {
      readonly cpu?: { readonly cores?: number; readonly sockets?: number; readonly threads?: number };
      readonly memory?: { readonly guest?: string };
      readonly machine?: { readonly type?: string };
      readonly devices: {
        readonly interfaces?: readonly {
          readonly name: string;
          readonly macAddress?: string;
          readonly state?: string;
        }[];
      };
    };
  };
  readonly status?: {
    readonly phase?: string;
    readonly phaseTransitionTimestamps?: readonly {
      readonly phase: string;
      readonly phaseTransitionTimestamp: string;
    }[];
    readonly conditions?: readonly Condition[];
    readonly interfaces?: readonly Interface[];
    readonly guestOSInfo?: object;
    readonly memory?: Memory;
    readonly selinuxContext?: string;
    readonly volumeStatus?: readonly VolumeStatus[];
  };
};

/** No guest runs any more, and none will: a new start is a new VirtualMachineInstance. */
export function isFinal(vmi: Vmi): boolean {
  return vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';
}
