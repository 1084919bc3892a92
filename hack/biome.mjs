// Runs biome's native program; its platform packages are named one by one because the wrapper package wants all of them in the lock file.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const program = createRequire(import.meta.url).resolve(`@biomejs/cli-${process.platform}-${process.arch}/biome`);
process.exit(spawnSync(program, process.argv.slice(2), { stdio: 'inherit' }).status ?? 1);
