import type { KubectlAnswer } from "./kubectl.ts";

/** How kubectl begins a complaint (cmd/util/helpers.go, cmd/apply); what follows in other lines belongs to it. */
const BEGINNINGS: readonly RegExp[] = [
  /^Error from server\b/,
  /^error: /,
  /^Error in configuration: /,
  /^(The \S+ ".*" is invalid|The request is invalid)/,
  /^(Unable to connect to the server|The connection to the server )/,
  /^(Operation cannot be fulfilled on |Apply failed with \d+ conflict)/,
  /^(error when \w+ "|unable to recognize |resource mapping not found for )/,
  /^(panic|fatal error): /,
];

/** A line of kubectl's own log. What it tells about over several lines ends with ` >`. */
const LOG_LINE = /^[EWIF]\d{4} /;
const LOG_OPENS = /=<$/;
const LOG_CLOSES = /^\s>/;

/** Far more than a person reads, and less than an error may carry. */
const MAX_LENGTH = 20_000;

/**
 * What kubectl complained about, one text for each object, each whole and with its line breaks. Its log and its warnings
 * are left out.
 */
export function listComplaints(text: string): string[] {
  const complaints: string[] = [];
  let begun = false;
  for (const line of listSaid(text)) {
    const begins = BEGINNINGS.some((beginning) => beginning.test(line));
    const last = complaints.at(-1);
    // What comes before the first one leads to it: the words of a plugin, the question for a password.
    if (last === undefined || (begins && begun)) complaints.push(line);
    else complaints[complaints.length - 1] = `${last}\n${line}`;
    begun ||= begins;
  }
  return complaints.map((complaint) => complaint.trim()).filter((complaint) => complaint !== "");
}

/** A complaint from where kubectl begins to complain: without what others said before. */
export function skipLead(complaint: string): string {
  const lines = complaint.split("\n");
  const start = lines.findIndex((line) => BEGINNINGS.some((beginning) => beginning.test(line)));
  return start === -1 ? complaint : lines.slice(start).join("\n");
}

/** What kubectl wrote to its log, such as which groups of the API it could not ask about. */
export function listLogLines(text: string): string[] {
  return text.split("\n").filter((line) => LOG_LINE.test(line));
}

/** What the cluster takes, but warns of: a version that will go, a rule of the namespace that would not be kept. */
export function listWarnings({ stderr }: KubectlAnswer): string[] {
  return stderr.split("\n").filter((line) => line.startsWith("Warning: "));
}

/**
 * What kubectl complained about, in full: one complaint in one line, several below each other. The same words for
 * several objects stand there once, counted.
 */
export function tellComplaint({ exitCode, stdout, stderr }: KubectlAnswer): string {
  // What it could still read when it failed says nothing about why.
  const complaints = [stderr, stdout].map(listComplaints).find((some) => some.length > 0);
  if (complaints === undefined) return `kubectl ended with ${exitCode} and said nothing`;
  const times = new Map<string, number>();
  for (const complaint of complaints) {
    // kubectl says some of it for each kind that it was to list.
    const line = [...new Set(complaint.split(/\s*\n\s*/))].join(" ");
    times.set(line, (times.get(line) ?? 0) + 1);
  }
  const lines = [...times].map(([line, count]) => (count > 1 ? `${line} (${count} times)` : line));
  const [only = ""] = lines;
  return shorten(
    lines.length === 1 ? only : [`${complaints.length} complaints:`, ...lines.map((line) => `    ${line}`)].join("\n"),
  );
}

function listSaid(text: string): string[] {
  let logging = false;
  return text.split("\n").filter((line) => {
    if (logging) {
      logging = !LOG_CLOSES.test(line);
      return false;
    }
    if (!LOG_LINE.test(line)) return !line.startsWith("Warning: ");
    logging = LOG_OPENS.test(line.trimEnd());
    return false;
  });
}

function shorten(text: string): string {
  const over = text.length - MAX_LENGTH;
  return over > 0 ? `${text.slice(0, MAX_LENGTH)} … and ${over} more characters` : text;
}
