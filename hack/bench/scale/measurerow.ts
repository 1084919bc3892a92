/** The process in which one row is measured; it sends what it has seen to the process that started it. */
import { scaleRows } from './rows.ts';

const row = scaleRows.find(({ id }) => id === process.argv[2]);
if (row === undefined) throw new Error(`no row ${process.argv[2]}`);
const measured = await row.measure(line => console.log(`        ${line}`));
if (process.send === undefined) console.log(measured);
else process.send(measured, () => process.exit(0));
