import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ProductSpec } from '../../api/product.ts';
import { type Advisor, ProductPerformance } from '../../api/productperformance.ts';
import { addedTerms } from './indicators.ts';
import { includesPerformance } from './performance.ts';
import { identityOf, type Watched } from './watched.ts';

/** What every guest can run short of, where a Product says nothing. */
const GUEST = ProductPerformance.parse({
  advisors: [
    {
      ...{ name: 'cpu', resource: 'CPU', atPercent: 85 },
      proposal: 'The processors are the bottleneck. Order more of them for the VM (spec.sizing).',
    },
    {
      ...{ name: 'memory', resource: 'Memory', atPercent: 90 },
      proposal: 'Memory is the bottleneck. Order more of it for the VM (spec.sizing).',
    },
    {
      ...{ name: 'disk', resource: 'Disk', path: '/', atPercent: 90, windowHours: 1, forMinutes: 5 },
      ...{ growth: { exhaustedWithinDays: 30 }, proposal: 'The root disk fills up.' },
    },
  ],
}).advisors;

/** What is advised on at a level: nothing at Basic (AP-5, AP-12). */
export function advisorsAt({ performance }: ProductSpec, level: ApplicationLevel): readonly Advisor[] {
  return includesPerformance(level) ? (performance?.advisors ?? GUEST) : [];
}

/** The part that is in use of what an advisor looks at, from 0 to 1, of one application or its guest alone. */
export function usedExpression(advisor: Advisor, watched: Watched): string {
  const guest = guestSelector(watched);
  switch (advisor.resource) {
    case 'CPU':
      return `1 - sum(rate(node_cpu_seconds_total{${guest},mode=~"idle|iowait"}[5m])) / sum(rate(node_cpu_seconds_total{${guest}}[5m]))`;
    case 'Memory':
      return `1 - max(node_memory_MemAvailable_bytes{${guest}}) / max(node_memory_MemTotal_bytes{${guest}})`;
    case 'Disk':
      return `max(${fileSystemUse(advisor, guest)})`;
    case 'Parameter':
      return `${addedTerms(advisor.used ?? [], watched)} / ${addedTerms(advisor.capacity ?? [], watched)}`;
  }
}

/** Bytes of the fullest file system that an advisor of a disk looks at. */
export function capacityExpression(advisor: Advisor, watched: Watched): string {
  const guest = guestSelector(watched);
  const size = `node_filesystem_size_bytes{${guest},${mountPoints(advisor)}}`;
  return `max(${size} and topk(1, ${fileSystemUse(advisor, guest)}))`;
}

function fileSystemUse(advisor: Advisor, guest: string): string {
  const selector = `{${guest},${mountPoints(advisor)}}`;
  return `1 - node_filesystem_avail_bytes${selector} / node_filesystem_size_bytes${selector}`;
}

/** Where a file system can be that holds the data: only names of ours, whatever the guest calls its others. */
function mountPoints({ path = '/' }: Advisor): string {
  const names = path.split('/').filter(name => name !== '');
  return `mountpoint=~"${['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)].join('|')}"`;
}

/** Series of the guest's own exporter: those of its applications have a label more. */
function guestSelector(watched: Watched): string {
  const { namespace, managed_vm } = identityOf(watched);
  return `namespace="${namespace}",managed_vm="${managed_vm}",application=""`;
}
