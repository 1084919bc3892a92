/** One real node with the whole service on it, for all files of the run. */
import type { TestProject } from 'vitest/node';
import { type ServiceAddresses, startService } from '../../../hack/demo/service.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly service: ServiceAddresses;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const service = await startService(line => console.log(`   ${line}`));
  project.provide('service', service.addresses);
  return () => service.stop();
}
