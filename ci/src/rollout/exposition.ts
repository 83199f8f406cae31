/** One measured value of a program: `http_requests_total{method="GET",status="200"} 17`. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
}

const LABEL = String.raw`[a-zA-Z_]\w*`;
const QUOTED = String.raw`(?:[^"\\]|\\[\\"n])*`;
const PAIRS = String.raw`(?:${LABEL}[ \t]*=[ \t]*"${QUOTED}"[ \t]*(?:,[ \t]*|(?=\})))*`;
/** Name, labels, value, and a time stamp that nobody here asks for. */
const LINE = new RegExp(
  String.raw`^([a-zA-Z_:][\w:]*)(?:[ \t]*\{[ \t]*(${PAIRS})\}[ \t]*|[ \t]+)([^\s{}"]+)(?:[ \t]+-?\d+)?$`,
);
const EACH_PAIR = new RegExp(String.raw`(${LABEL})[ \t]*=[ \t]*"(${QUOTED})"`, "g");
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** In any case: prom-client writes `Nan`. */
const SPECIAL = /^([+-]?)(nan|inf|infinity)$/i;

/**
 * Reads what a program tells about itself at /metrics: Prometheus' text format, version 0.0.4, as far as the values go
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Types and help texts are passed over.
 *
 * @returns the samples in their order, or what is wrong with the first line that is not of this format.
 */
export function readSamples(text: string): { readonly samples: readonly Sample[] } | { readonly problem: string } {
  const samples: Sample[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const sample = readLine(line);
    if (sample === undefined)
      return { problem: `line ${index + 1} is not in Prometheus' text format: ${line.slice(0, 200)}` };
    samples.push(sample);
  }
  return { samples };
}

function readLine(line: string): Sample | undefined {
  const [, name, pairs = "", number = ""] = LINE.exec(line) ?? [];
  const value = readNumber(number);
  if (name === undefined || value === undefined) return undefined;
  const labels = new Map<string, string>();
  for (const [, label = "", escaped = ""] of pairs.matchAll(EACH_PAIR)) {
    if (labels.has(label)) return undefined;
    labels.set(
      label,
      escaped.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character)),
    );
  }
  return { name, labels, value };
}

function readNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const [, sign, word] = SPECIAL.exec(text) ?? [];
  if (word === undefined) return undefined;
  if (word.toLowerCase() === "nan") return Number.NaN;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
