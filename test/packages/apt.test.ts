import { suites } from '../../hack/testbed/guest/suites.ts';
import { aptCases } from './aptcases.ts';

for (const suite of suites) aptCases(suite);
