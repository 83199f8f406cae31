import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { escapePattern, findRefusal, type Verdict } from "./verdict.ts";

interface CliStep {
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly before?: {
    readonly write?: Record<string, string>;
    readonly append?: Record<string, string>;
    readonly remove?: readonly string[];
    readonly touch?: readonly string[];
    readonly link?: Record<string, string>;
  };
  readonly exit?: number;
  readonly stdout?: string;
  readonly trim?: boolean;
  readonly stdoutContains?: readonly string[];
  readonly stdoutNotContains?: readonly string[];
  readonly stdoutSameAs?: number;
  readonly stdoutDiffersFrom?: number;
  readonly stderr?: { readonly contains?: readonly string[]; readonly notContains?: readonly string[] };
  readonly files?: Record<string, string | readonly string[] | null>;
}

/** One recorded case of the command line: one command, or several in the same copy of the module. */
export interface CliCase extends CliStep {
  readonly name: string;
  readonly module: string;
  readonly steps?: readonly CliStep[];
  readonly listen?: { readonly body: string };
}

interface Ended {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

type Variables = Record<string, string>;

const wild: Record<string, string> = {
  "<digest>": "(?:[a-z0-9]+:)?[0-9a-f]{12,128}",
  "<id>": "[A-Za-z0-9+/=_:.-]+",
  "<any>": "[^\\n]*",
  "<lines>": "[\\s\\S]*",
};

/** Runs the commands of a case in a fresh copy of its module and compares what a person sees. */
export async function checkCliCase(group: string, item: CliCase, program: string, modules: string): Promise<Verdict> {
  const root = mkdtempSync(join(tmpdir(), "conformance-cli-"));
  const server = createServer((_, response) => response.end(item.listen?.body));
  const problems: string[] = [];
  let refused: string | undefined;
  try {
    cpSync(join(modules, item.module), join(root, item.module), { recursive: true });
    const folder = realpathSync(join(root, item.module));
    await execute("git", ["init", "-q", "."], folder, process.env);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const variables: Variables = {
      "{{dir}}": folder,
      "{{nonce}}": randomBytes(6).toString("hex"),
      "{{port}}": String((server.address() as AddressInfo).port),
    };
    const outputs: string[] = [];
    for (const [index, step] of (item.steps ?? [item]).entries()) {
      changeFiles(folder, step.before, variables);
      if (step.args === undefined) {
        outputs.push("");
        continue;
      }
      const ended = await runCommand(program, item, step, folder, variables);
      outputs.push(ended.stdout);
      refused ??= findRefusal(plain(ended.stderr));
      const place = item.steps === undefined ? "" : `step ${index + 1}: `;
      const found = [
        ...compareOutput({ ...item, ...step }, ended, program, variables),
        ...compareSteps(step, outputs),
        ...compareFiles(folder, step, program, variables),
      ];
      problems.push(...found.map((problem) => `${place}${problem}`));
    }
  } finally {
    server.close();
    rmSync(root, { recursive: true, force: true });
  }
  const name = item.name;
  if (problems[0] === undefined) return { group, name, state: "passed", problem: "" };
  if (refused !== undefined) return { group, name, state: "refused", problem: refused };
  return { group, name, state: "different", problem: problems[0] };
}

async function runCommand(
  program: string,
  item: CliCase,
  step: CliStep,
  folder: string,
  variables: Variables,
): Promise<Ended> {
  const inherited = /^(OTEL_|TRACEPARENT$|DAGGER_SESSION_|DAGGER_PROGRESS$|DAGGER_MODULE$)/;
  // Where there is no module, Dagger's own command has none.
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1", SLIPWAY_OWN_MODULE: "off" };
  for (const key of Object.keys(env)) if (inherited.test(key)) delete env[key];
  for (const [key, value] of Object.entries({ ...item.env, ...step.env })) env[key] = fillIn(value, variables);
  const args = (step.args ?? []).map((argument) => fillIn(argument, variables));
  const cwd = join(folder, step.cwd ?? item.cwd ?? ".");
  return await execute(program, args, cwd, env, fillIn(step.stdin ?? "", variables));
}

async function execute(
  program: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  stdin = "",
): Promise<Ended> {
  const limitMs = 300_000;
  const options = { cwd, env, extendEnv: false, input: stdin, encoding: "buffer", stripFinalNewline: false } as const;
  const ended = await execa(program, args, { ...options, reject: false, timeout: limitMs, killSignal: "SIGKILL" });
  const { exitCode, signal } = ended;
  const [stdout = "", stderr = ""] = [ended.stdout, ended.stderr].map((bytes) => Buffer.from(bytes).toString("utf8"));
  if (ended.timedOut) return { exit: "SIGKILL", stdout, stderr: `${stderr}\nkilled after ${limitMs / 1000} s` };
  if (exitCode === undefined && signal === undefined) return { exit: -1, stdout, stderr: ended.originalMessage ?? "?" };
  return { exit: exitCode ?? signal ?? "?", stdout, stderr };
}

function changeFiles(folder: string, before: CliStep["before"], variables: Variables): void {
  for (const [path, text] of Object.entries(before?.write ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), fillIn(text, variables));
  }
  for (const [path, text] of Object.entries(before?.append ?? {})) {
    appendFileSync(join(folder, path), fillIn(text, variables));
  }
  for (const [path, target] of Object.entries(before?.link ?? {})) symlinkSync(target, join(folder, path));
  for (const path of before?.remove ?? []) rmSync(join(folder, path), { recursive: true, force: true });
  const later = new Date(Date.now() + 60_000);
  for (const path of before?.touch ?? []) utimesSync(join(folder, path), later, later);
}

function compareOutput(step: CliStep, ended: Ended, program: string, variables: Variables): string[] {
  const problems: string[] = [];
  const trimmed = (text: string) => (step.trim === true ? text.replace(/[ \t]+$/gm, "") : text);
  const [stdout, stderr] = [trimmed(plain(ended.stdout)), plain(ended.stderr)];
  const has = (text: string, part: string) => toPattern(part, program, variables, false).test(text);
  if (step.exit !== undefined && ended.exit !== step.exit) {
    problems.push(`exit ${ended.exit}, expected ${step.exit}: ${lastLines(stderr)}`);
  }
  if (step.stdout !== undefined && !toPattern(trimmed(step.stdout), program, variables, true).test(stdout)) {
    problems.push(`stdout differs: ${firstDifferentLine(fillIn(trimmed(step.stdout), variables), stdout)}`);
  }
  for (const part of step.stdoutContains ?? []) {
    if (!has(stdout, trimmed(part))) problems.push(`stdout lacks ${JSON.stringify(part)}`);
  }
  for (const part of step.stdoutNotContains ?? []) {
    if (has(stdout, part)) problems.push(`stdout must not contain ${JSON.stringify(part)}`);
  }
  for (const part of step.stderr?.contains ?? []) {
    if (!has(stderr, part)) problems.push(`stderr lacks ${JSON.stringify(part)}; it ends with: ${lastLines(stderr)}`);
  }
  for (const part of step.stderr?.notContains ?? []) {
    if (has(stderr, part)) problems.push(`stderr must not contain ${JSON.stringify(part)}`);
  }
  return problems;
}

function compareSteps(step: CliStep, outputs: readonly string[]): string[] {
  const output = outputs.at(-1);
  const problems: string[] = [];
  if (step.stdoutSameAs !== undefined && output !== outputs[step.stdoutSameAs - 1]) {
    problems.push(`stdout differs from that of step ${step.stdoutSameAs}: ${JSON.stringify(output)}`);
  }
  if (step.stdoutDiffersFrom !== undefined && output === outputs[step.stdoutDiffersFrom - 1]) {
    problems.push(`stdout is that of step ${step.stdoutDiffersFrom}: ${JSON.stringify(output)}`);
  }
  return problems;
}

function compareFiles(folder: string, step: CliStep, program: string, variables: Variables): string[] {
  return Object.entries(step.files ?? {}).flatMap(([path, expected]) => {
    const status = statSync(join(folder, path), { throwIfNoEntry: false });
    const isFolder = status?.isDirectory() === true;
    const actual =
      status === undefined
        ? null
        : isFolder
          ? readdirSync(join(folder, path)).sort()
          : readFileSync(join(folder, path), "utf8");
    const same =
      typeof expected === "string" && typeof actual === "string"
        ? toPattern(expected, program, variables, true).test(actual)
        : JSON.stringify(expected) === JSON.stringify(actual);
    return same ? [] : [`file ${path} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  });
}

/** A recorded text with its placeholders as a pattern, for a whole output or a part of it. */
function toPattern(text: string, program: string, variables: Variables, whole: boolean): RegExp {
  const names = [...Object.keys(wild), "<bin>", ...Object.keys(variables)].map(escapePattern).join("|");
  const body = text
    .split(new RegExp(`(${names})`))
    .map((part) => {
      if (part === "<bin>") return `(?:dagger|${escapePattern(program)}|${escapePattern(basename(program))})`;
      return wild[part] ?? escapePattern(variables[part] ?? part);
    })
    .join("");
  return new RegExp(whole ? `^${body}$` : body);
}

function fillIn(text: string, variables: Variables): string {
  return Object.entries(variables).reduce((filled, [name, value]) => filled.replaceAll(name, value), text);
}

/** A text without colours: they are decoration, and drawn or not by taste. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what colours begin with
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r\n", "\n");
}

function firstDifferentLine(expected: string, actual: string): string {
  const [a, b] = [expected.split("\n"), actual.split("\n")];
  const index = a.findIndex((line, at) => line !== b[at]);
  const at = index < 0 ? a.length : index;
  return `line ${at + 1}, expected ${JSON.stringify(a[at] ?? null)}, got ${JSON.stringify(b[at] ?? null)}`;
}

function lastLines(text: string): string {
  return JSON.stringify(text.trim().split("\n").slice(-4).join("\n").slice(-600));
}
