/** One real node with the whole service on it, for all files of the run. */
import type { TestProject } from 'vitest/node';
import { catalogue } from '../../../hack/steward/guestorders.ts';
import { type ServiceAddresses, startService } from '../../../hack/steward/service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly service: ServiceAddresses;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const service = await startService(line => console.log(`   ${line}`));
  for (const system of catalogue)
    await service.client.create('/apis/managed.systems/v1alpha1/operatingsystems', system);
  project.provide('service', service.addresses);
  return () => service.stop();
}
