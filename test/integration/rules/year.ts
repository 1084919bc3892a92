/**
 * A year of guests as their sensors are recorded, a value an hour: plain noise, weeks by the clock on the wall in Hannover with its holidays, and
 * growth. It follows from the guest's name alone, so each run sees the same year.
 */
import { holidaysIn } from '../../../src/domain/time/holidays.ts';

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, after a Christmas. */
export const YEAR_BEGINS = Date.parse('2025-01-06T00:00:00Z');
export const HOURS = 52 * 168;

export const SENSORS = { CPU: '%', memory: '%', disk: 'B/s', traffic: 'B/s' } as const;
export type Sensor = keyof typeof SENSORS;
/** Values of each sensor by the hour: percent, or bytes per second. */
export type Guest = Readonly<Partial<Record<Sensor, readonly number[]>>>;

/** What the clock on the wall says. */
type Wall = {
  readonly hour: number;
  /** Days since the year began. */
  readonly day: number;
  readonly weekend: boolean;
  /** People work. */
  readonly work: boolean;
};

const MB = 1e6;
const byDay = ({ hour }: Wall) => 1 + Math.sin(((hour - 8) / 12) * Math.PI);
const grown = ({ day }: Wall) => 1 + day / 350;
const works = ({ hour, weekend }: Wall) => hour >= 1 && hour < (weekend ? 8 : 4);

const LOADS: Readonly<Record<string, Readonly<Partial<Record<Sensor, (wall: Wall) => number>>>>> = {
  /** Busy while people work, saved each night. */
  office: {
    CPU: ({ work }) => (work ? 35 : 3),
    memory: ({ work }) => (work ? 55 : 40),
    disk: ({ hour, work }) => (hour === 22 ? 60 * MB : work ? 4 * MB : 0.05 * MB),
    traffic: ({ hour, work }) => (hour === 22 ? 55 * MB : work ? 3 * MB : 0.02 * MB),
  },
  /** A shop that is open round the clock, does most at the end of the week, and doubles within the year. */
  shop: {
    CPU: wall => (12 + 8 * byDay(wall)) * grown(wall) * (wall.weekend ? 1.3 : 1),
    memory: wall => 40 * (1 + wall.day / 700),
    disk: wall => (2 + byDay(wall)) * MB * grown(wall),
    traffic: wall => (3 + 4 * byDay(wall)) * MB * grown(wall) * (wall.weekend ? 1.3 : 1),
  },
  /** Works at night, and longer at weekends. */
  batch: {
    CPU: wall => (works(wall) ? 80 : 6),
    memory: ({ hour }) => (hour >= 1 && hour < 8 ? 70 : 30),
    disk: wall => (works(wall) ? 90 * MB : 0.3 * MB),
    traffic: ({ hour }) => (hour === 4 ? 20 * MB : 0.05 * MB),
  },
  /** Nothing but noise. */
  steady: { CPU: () => 25, memory: () => 50, disk: () => 2 * MB, traffic: () => 3 * MB },
  idle: { CPU: () => 2 },
  /** Needs more memory each day, until it is patched and restarted in the night of every second Tuesday. */
  leaking: { memory: ({ day, hour }) => 35 + 2.5 * ((day - 1 + hour / 24 - 3 / 24 + 14) % 14) },
};
export const GUESTS = Object.keys(LOADS);

/** A guest's year. */
export function yearOf(name: string): Guest {
  const loads = Object.entries(LOADS[name] ?? {}) as [Sensor, (wall: Wall) => number][];
  return Object.fromEntries(
    loads.map(([sensor, load]) => {
      const chance = numbers(`${name} ${sensor}`);
      const noise = noises(chance, sensor === 'memory' ? 0.05 : 0.2);
      const values = Array.from(
        { length: HOURS },
        (_, hour) => load(wallOf(YEAR_BEGINS + hour * HOUR)) * Math.exp(noise()),
      );
      return [sensor, SENSORS[sensor] === '%' ? values.map(value => Math.min(value, 98)) : values];
    }),
  );
}

const SUMMER = [Date.parse('2025-03-30T01:00:00Z'), Date.parse('2025-10-26T01:00:00Z')] as const;
const HOLIDAYS = new Set(holidaysIn(2025, { region: 'DE-NI' }).map(({ day }) => day));

function wallOf(at: number): Wall {
  const wall = at + (at >= SUMMER[0] && at < SUMMER[1] ? 2 : 1) * HOUR;
  const day = Math.floor(wall / DAY);
  const hour = Math.floor((wall % DAY) / HOUR);
  const weekend = (day + 3) % 7 > 4;
  // Between the years nobody is there.
  const off = weekend || HOLIDAYS.has(day) || day >= Date.parse('2025-12-24') / DAY;
  return { hour, day: day - YEAR_BEGINS / DAY, weekend, work: !off && hour >= 8 && hour < 18 };
}

/** Noise in logarithms, of which an hour takes half from the one before. */
function noises(chance: () => number, size: number): () => number {
  let last = 0;
  return () => {
    const gauss = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
    last = 0.5 * last + size * gauss;
    return last;
  };
}

/** Numbers from 0 to 1 that follow from a text (mulberry32). */
function numbers(seed: string): () => number {
  let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
