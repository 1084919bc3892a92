import type { ManagedVM } from '../../api/managedvm.ts';
import { GROUP_LABEL } from './placement.ts';

type Names = Readonly<Record<string, string>>;
type Metadata = { readonly labels: Names; readonly annotations: Names };

/**
 * Of a machine's template: the names of labels and annotations that the order gave it. An instance bears it as it was when it started, so that a
 * name that was taken out is told from one that KubeVirt, Argo CD or a policy engine has added.
 */
export const NAMES_ANNOTATION = 'managed.systems/ordered-names';

/** Labels and annotations by the order. */
export function orderedMetadata({ spec }: ManagedVM): Metadata {
  const group = spec.placement === undefined ? {} : { [GROUP_LABEL]: spec.placement.group };
  return { labels: { ...spec.labels, ...group }, annotations: { ...spec.annotations } };
}

/** What a template has of them, with their names. */
export function namesAnnotation({ labels, annotations }: Metadata): Names {
  const names = [...Object.keys(labels), ...Object.keys(annotations)].sort();
  return names.length === 0 ? {} : { [NAMES_ANNOTATION]: names.join(',') };
}

/** A label or an annotation that the Pod of a running guest has otherwise than it is ordered. */
export type MetadataChange = { readonly path: string; readonly running: string; readonly desired: string };

/** KubeVirt gives an instance labels and annotations when it starts, and not later (syncDynamicAnnotationsAndLabelsToVMI has but its own). */
export function metadataChanges(desired: Metadata, running: Metadata): readonly MetadataChange[] {
  const names = new Set(
    [desired, running].flatMap(({ annotations }) => (annotations[NAMES_ANNOTATION] ?? '').split(',')),
  );
  return (['labels', 'annotations'] as const).flatMap(kind =>
    [...names]
      .filter(name => name !== '' && own(desired[kind], name) !== own(running[kind], name))
      .map(name => ({
        path: `metadata.${kind}[${name}]`,
        running: own(running[kind], name) ?? '',
        desired: own(desired[kind], name) ?? '',
      })),
  );
}

const own = (names: Names, name: string): string | undefined => (Object.hasOwn(names, name) ? names[name] : undefined);
