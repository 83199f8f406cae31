/** From a version on, and below another one; without the other there is no end. */
interface Interval {
  readonly from: readonly number[];
  readonly below?: readonly number[];
}

const ANY: Interval = { from: [0] };

/**
 * Whether a line of releases ("22", "3.12") has versions in a range, as package.json `engines`, PEP 440 and Poetry write
 * them. Undefined when the range is not understood; then nothing may be guessed from it.
 */
export function allows(range: string, line: string): boolean | undefined {
  const own = exactly(line.split(".").map(Number));
  const alternatives = range.split("||").map(readAlternative);
  if (alternatives.includes(undefined)) return undefined;
  return alternatives.some((all) => all !== undefined && overlap([own, ...all]));
}

/** The intervals that have to hold together; undefined when a part is not understood. */
function readAlternative(text: string): Interval[] | undefined {
  const span = /^\s*v?(\S+)\s+-\s+v?(\S+)\s*$/.exec(text);
  if (span !== null) return readAll([`>=${span[1]}`, `<=${span[2]}`]);
  const joined = text.replace(/([\^~<>=!])\s+/g, "$1").replaceAll(",", " ");
  return readAll(joined.split(/\s+/).filter((part) => part !== ""));
}

function readAll(parts: readonly string[]): Interval[] | undefined {
  const intervals = parts.map(readComparator);
  return intervals.includes(undefined) ? undefined : intervals.filter((one) => one !== undefined);
}

const COMPARATOR = /^(\^|~=|~>|~|>=|<=|===?|=|>|<|!=)?v?(\d+|[xX*])((?:\.(?:\d+|[xX*]))*)(?:[-+]?[a-zA-Z][\w.+-]*)?$/;

function readComparator(text: string): Interval | undefined {
  const match = COMPARATOR.exec(text);
  if (match === null) return undefined;
  const parts = `${match[2]}${match[3]}`.split(".");
  const wild = parts.findIndex((part) => !/^\d+$/.test(part));
  const version = parts.slice(0, wild < 0 ? parts.length : wild).map(Number);
  if (version.length === 0) return ANY;
  return intervalOf(match[1] ?? "", version);
}

function intervalOf(operator: string, version: readonly number[]): Interval {
  switch (operator) {
    case "^": {
      const major = version.findIndex((part) => part > 0);
      return { from: version, below: next(version, major < 0 ? version.length - 1 : major) };
    }
    case "~":
    case "~>":
      return { from: version, below: next(version, Math.min(1, version.length - 1)) };
    case "~=":
      return { from: version, below: next(version, Math.max(0, version.length - 2)) };
    case ">=":
      return { from: version };
    case ">":
      return { from: next(version, version.length - 1) };
    case "<":
      return { from: [0], below: version };
    case "<=":
      return { from: [0], below: next(version, version.length - 1) };
    case "!=":
      return ANY;
    default:
      return exactly(version);
  }
}

/** All versions that begin like this one. */
function exactly(version: readonly number[]): Interval {
  return { from: version, below: next(version, version.length - 1) };
}

/** The first version after all that are the same up to and with the part at `index`. */
function next(version: readonly number[], index: number): number[] {
  return [...version.slice(0, index), (version[index] ?? 0) + 1];
}

function overlap(intervals: readonly Interval[]): boolean {
  return intervals.every(({ from }) => intervals.every(({ below }) => below === undefined || compare(from, below) < 0));
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
