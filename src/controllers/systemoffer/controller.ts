import { changeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { systemOffer, systemOfferName } from '../../domain/machine/endoflife.ts';
import { NOTICE_DAYS, supportEnds } from '../../domain/machine/lifecycle.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type OwnedKind } from '../../runtime/pass/controller.ts';

type VM = ManagedVM & KubeObject;

const SYSTEM_INDEX = 'offeredSystem';
const DAY = 86_400_000;

/** Records: they do not go with their VM. */
const OFFERS: OwnedKind = {
  ...{ kind: changeRequest, selector: '', prune: () => false, reap: () => false },
  named: (owner, { metadata: { name } }) => name === systemOfferName(owner as VM, systemNameOf(owner as VM)),
};

/** Offers a migration 180 days before support of a VM's operating system ends, once (GE-11, GE-12). What becomes of it the VM's own pass says. */
export function systemOfferController(): ControllerDefinition<VM> {
  return defineController<VM>({
    name: 'systemoffer',
    kind: managedVM,
    indexes: { [SYSTEM_INDEX]: vm => [systemNameOf(vm)] },
    owns: [OFFERS],
    watches: [
      {
        kind: operatingSystem,
        part: ({ spec }) => spec,
        toKeys: ({ metadata }, read) => read.byIndex(managedVM, SYSTEM_INDEX, metadata.name).map(keyOf),
      },
    ],
    reconcile: async ({ object, read, apply, now }) => {
      const { namespace = '', deletionTimestamp } = object.metadata;
      const mayOffer =
        deletionTimestamp === undefined && object.spec.paused === undefined && read.available(changeRequest);
      const system = read.get<OperatingSystem & KubeObject>(operatingSystem, {
        namespace: '',
        name: systemNameOf(object),
      });
      const offer = mayOffer ? systemOffer(object, system, now) : undefined;
      if (offer !== undefined && read.get(changeRequest, { namespace, name: offer.metadata.name }) === undefined) {
        const [outcome] = await apply([{ object: offer, ownerReference: false }]);
        if (outcome?.error !== undefined) throw outcome.error;
      }
      const ends = system && supportEnds(system);
      const due = ends && new Date(ends.getTime() - NOTICE_DAYS * DAY);
      return { requeueAt: due !== undefined && due > now ? due : undefined };
    },
  });
}
