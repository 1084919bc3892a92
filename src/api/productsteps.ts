import { z } from 'zod';
import { Label } from './common.ts';
import { namedList, stringSet, withExactlyOne } from './rules.ts';
import { wordName } from './wordname.ts';

/** Text of a provider with placeholders, `{{ parameters.NAME }}`. What may stand in one is checked when the Product is read. */
const Template = (max: number) => z.string().min(1).max(max);

/** A path without a placeholder for a customer's value in it: only the line may stand there. */
const Path = z
  .string()
  .max(256)
  .regex(/^(\/([A-Za-z0-9._@+-]|\{\{ line \}\})+)+$/)
  .describe('Absolute path; {{ line }} stands for the version line.');

const SystemName = z
  .string()
  .max(32)
  .regex(/^[a-z_][a-z0-9_-]*$/);

const Mode = z
  .string()
  .max(4)
  .regex(/^0[0-7]{3}$/)
  .describe('Permissions in octal, e.g. 0640.');

const UnitName = z
  .string()
  .max(128)
  .regex(/^([A-Za-z0-9._@:-]|\{\{ line \}\})+\.(service|timer|socket)$/)
  .describe('Unit of systemd, e.g. postgresql@{{ line }}-main.service.');

const PackageName = z
  .string()
  .max(128)
  .regex(/^([a-z0-9][a-z0-9+._-]*)?(\{\{ line \}\}[a-z0-9+._-]*)?$/)
  .min(1)
  .describe('Name of a package; {{ line }} stands for the version line.');

const Owned = {
  owner: SystemName.prefault('root').describe('User that owns it.'),
  group: SystemName.prefault('root').describe('Group that owns it.'),
};

const Argv = z
  .array(Template(1024))
  .min(1)
  .max(32)
  .meta({ 'x-kubernetes-list-type': 'atomic' })
  .describe('Program and arguments. No shell reads them.');

const PackageStep = z
  .strictObject({
    names: stringSet(PackageName, { min: 1, max: 32 }).describe('Packages of the guest’s package manager.'),
  })
  .describe('Packages that are installed.');

/** How a value is written where a file of that format has it, so that it stays one value whatever is in it. */
export const FileFormat = z
  .enum(['PostgreSQL', 'Ini', 'Nginx', 'Valkey', 'Plain'])
  .describe(
    'How a customer’s value is quoted in it. Plain takes only values of letters, digits and . _ : / % @ + - and refuses others.',
  );
export type FileFormat = z.infer<typeof FileFormat>;

const FileStep = z
  .strictObject({
    path: Path,
    ...Owned,
    mode: Mode.prefault('0644'),
    format: FileFormat.prefault('Plain'),
    content: z.string().max(16384).describe('The whole file. Placeholders are replaced by quoted values.'),
    validate: Argv.optional().describe(
      'Must succeed for the new file before it takes its place; {{ file }} is its path.',
    ),
    unit: UnitName.optional().describe('What is told of a change.'),
    onChange: z.enum(['Reload', 'Restart', 'Nothing']).prefault('Nothing').describe('What the unit is told.'),
  })
  .describe('A file that the provider owns: whoever changes it, it is put back and counted (GE-10).');

const DirectoryStep = z.strictObject({ path: Path, ...Owned, mode: Mode.prefault('0755') }).describe('A directory.');

const UserStep = z
  .strictObject({
    name: SystemName.describe('Login name.'),
    home: Path.prefault('/nonexistent').describe('Home; it is not made.'),
  })
  .describe('An account of the system that nobody logs in to.');

const UnitStep = z
  .strictObject({ name: UnitName })
  .describe('A unit of systemd that runs, and starts with the system.');

const Identifier = z
  .string()
  .max(63)
  .regex(/^[a-z_][a-z0-9_]*$/);

const DatabaseStep = withExactlyOne(
  z.strictObject({
    engine: z.enum(['PostgreSQL', 'MariaDB']).describe('By which it is asked, over its local socket.'),
    role: Identifier.optional().describe(
      'The login of the binding: its password is known to the engine as a verifier only.',
    ),
    database: z
      .strictObject({ name: Identifier.describe('Its name.'), owner: Identifier.describe('The role that owns it.') })
      .optional()
      .describe('A database.'),
    extension: z
      .strictObject({
        name: Template(63).describe('Its name.'),
        database: Identifier.describe('In which it is.'),
      })
      .optional()
      .describe('An extension of a database.'),
  }),
  ['role', 'database', 'extension'],
  'a step of a database names exactly one of role, database and extension',
).describe('What there is inside of a database engine.');

const CommandStep = z
  .strictObject({
    run: Argv,
    unless: Argv.describe(
      'The check of its own: exit status 100 says that it is so, 101 that it is not; any other is an error, 0 and 1 too.',
    ),
    runAs: SystemName.prefault('root').describe('User as whom both run.'),
    timeoutSeconds: z.int().min(1).max(3600).prefault(300).describe('After so many seconds it is ended.'),
    safeToRepeat: z
      .boolean()
      .prefault(false)
      .describe('Whether it may be run again where it was cut off; otherwise a person decides.'),
  })
  .describe('A command, for what no other type of step does.');

const FirewallStep = z
  .strictObject({ port: z.int().min(1).max(65535).describe('TCP port.') })
  .describe('A port that a firewall of the guest lets in.');

const WaitForStep = z
  .strictObject({
    probe: Label.describe('Name of a probe of this Product.'),
    timeoutSeconds: z.int().min(1).max(900).prefault(60).describe('After so many seconds it has failed.'),
  })
  .describe('Waits until a probe succeeds.');

const TYPES = [
  'package',
  'file',
  'directory',
  'systemUser',
  'unit',
  'database',
  'command',
  'firewallPort',
  'waitFor',
] as const;

const Step = withExactlyOne(
  z.strictObject({
    name: wordName(24).describe('What people know it by.'),
    package: PackageStep.optional(),
    file: FileStep.optional(),
    directory: DirectoryStep.optional(),
    systemUser: UserStep.optional(),
    unit: UnitStep.optional(),
    database: DatabaseStep.optional(),
    command: CommandStep.optional(),
    firewallPort: FirewallStep.optional(),
    waitFor: WaitForStep.optional(),
  }),
  TYPES,
  `a step is of exactly one type: ${TYPES.join(', ')}`,
);
export type ProductStep = z.infer<typeof Step>;

export const ProductSteps = namedList(Step, { min: 1, max: 40 }).describe(
  'What shall be so in the guest, in the order in which it is looked at and put right. Each is checked, applied and checked again: the second check is the success, no exit status is.',
);
