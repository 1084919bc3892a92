/** The operator's program with one piece of its source replaced; `STEWARD_FAULTS_MUTANT` says which. */
import { mutatedURL } from './mutation.ts';

await import(mutatedURL('../../../src/main.ts', Number(process.env.STEWARD_FAULTS_MUTANT)));
