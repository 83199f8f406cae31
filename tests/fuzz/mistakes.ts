import type { SeededChoice } from "./seeded-choice.ts";

/** What people and programs write where a value or a name is expected. */
const VALUES: readonly string[] = [
  ...["", "~", "null", "yes", "no", "on", "True", "0", "-0", "-1", "1.5", "1e3", "010", "0o17", "0x1F", "1_000", ".5"],
  ...[".inf", "-.inf", ".nan", "9000000000000", "99999999999999999999", "1.10", "2026-01-01", "12:30", "80800"],
  ...["!env TOKEN", "!!binary aGk=", "!!set {a}", "!!str 12", "!!int x", "*nobody", "&here x", "*here", "&s [*s]"],
  ...[
    "[]",
    "{}",
    "[[]]",
    "{ a: { b: c } }",
    "[[a], [b]]",
    "{postgres.url}",
    '"{postgres.ul} {x}"',
    "../x",
    "web/",
    "!**",
    "90s",
    "{ path: web }",
    "{ imageOf: api }",
    "[a, , b]",
    "? x",
    "- x",
    "'",
    '"',
    '"\\ud800"',
    '"\\0"',
    "'don''t'",
    "|",
    ">",
  ],
  ...[
    "<<",
    "__proto__",
    "constructor",
    "toString",
    "kafka",
    "My Name",
    "2fast",
    "a-",
    "a_b",
    "A=B",
    "ä",
    "x: y",
    "#",
    "@",
    "`",
  ],
  ...[
    "http://x",
    "Registry.Example:5000",
    "[::1]:5000",
    "a.io/",
    "docker.io",
    "/../x",
    "/?q",
    "5..",
    "[",
    "(",
    "\t",
    "%",
  ],
];

const NAMES: readonly string[] = [
  ...[
    "path",
    "build",
    "dockerfile",
    "context",
    "image",
    "imageOf",
    "language",
    "output",
    "reads",
    "include",
    "run",
    "stage",
  ],
  ...[
    "backing",
    "kind",
    "tell",
    "topics",
    "sql",
    "compose",
    "projects",
    "manifests",
    "values",
    "timeout",
    "api",
    "postgres",
  ],
  ...["product", "services", "front", "checks", "images", "rings", "approvals", "port", "needs", "env", "metrics"],
  ...[
    "replicas",
    "bakeSeconds",
    "gate",
    "after",
    "quorum",
    "<<",
    "__proto__",
    "constructor",
    "toString",
    '""',
    "~",
    "1",
  ],
  ...[
    "kafka",
    "ingest",
    "ingest-blue",
    "my_service",
    "2fast",
    "a-",
    "[a]",
    "? a",
    "{a: b}",
    "*here",
    "&k k",
    "A=B",
    "PORT",
  ],
];

const LINES: readonly string[] = [
  "---",
  "...",
  "%YAML 1.1",
  "%FOO",
  "\t- x",
  "  - x",
  ": x",
  "? x",
  "{",
  "}",
  "]",
  "# x",
  "<<: *here",
];

const CHARACTERS = [
  "\uFEFF",
  "\uFFFD",
  "\u0000",
  "\u0007",
  "\u2028",
  "\u0085",
  "\r",
  "\t",
  "{",
  "}",
  "[",
  "]",
  ":",
  "-",
  "&",
  "*",
  "!",
  "%",
  "'",
  '"',
  "\\",
  "🜨",
];

/** Changes a text in YAML or JSON by one mistake. */
export function makeMistake(text: string, choice: SeededChoice): string {
  const lines = text.split("\n");
  const at = choice.below(lines.length);
  const line = lines[at] ?? "";
  const replace = (changed: readonly string[]) =>
    [...lines.slice(0, at), ...changed, ...lines.slice(at + 1)].join("\n");
  const position = choice.below(text.length + 1);
  switch (choice.below(9)) {
    case 0:
      return replace([line.replace(/[^\s:{},[\]]+(?=\s*[,}\]]?\s*$)/, () => choice.of(VALUES))]);
    case 1:
      return replace([line.replace(/[\w-]+(?=:)/, () => choice.of(NAMES))]);
    case 2:
      return replace([line, line]);
    case 3:
      return replace([]);
    case 4:
      return replace([line, choice.of(LINES)]);
    case 5:
      return replace([`${" ".repeat(choice.below(6))}${line.trimStart()}`]);
    case 6:
      return text.slice(0, position) + choice.of(CHARACTERS) + text.slice(position);
    case 7:
      return text.slice(0, position) + text.slice(position + 1 + choice.below(5));
    default: {
      const other = choice.below(lines.length);
      return replace([lines[other] ?? "", line]);
    }
  }
}

/** The value at a random place in data replaced, left out, doubled under another name, or put deeper. */
export function changeData(data: unknown, choice: SeededChoice): unknown {
  if (typeof data !== "object" || data === null || choice.below(4) === 0) return makeValue(choice);
  const members = Object.entries(data);
  const [key, value] = members.length === 0 ? ["x", 1] : choice.of(members);
  const changed = new Map<string, unknown>(members);
  switch (choice.below(5)) {
    case 0:
      changed.delete(key);
      break;
    case 1:
      changed.set(choice.of(["__proto__", "constructor", "extra", "", `${key}s`, key.slice(1)]), value);
      break;
    default:
      changed.set(key, changeData(value, choice));
  }
  if (Array.isArray(data)) return [...changed.values()];
  const result: Record<string, unknown> = {};
  // As JSON.parse does: also a name that assignment would lose becomes a member.
  for (const [name, member] of changed)
    Object.defineProperty(result, name, { value: member, enumerable: true, writable: true, configurable: true });
  return result;
}

function makeValue(choice: SeededChoice): unknown {
  const texts = [
    "",
    "x",
    "latest",
    "sha256:1",
    "r-1",
    "2026-13-45T99:00:00Z",
    "2026-01-01",
    "__proto__",
    "\ud800",
    "\u0000",
  ];
  const values = [null, true, 0, -1, 1.5, 1e300, -0, [], {}, [[]], { a: 1 }, ...texts];
  return choice.of(values);
}
