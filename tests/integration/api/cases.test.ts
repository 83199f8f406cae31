import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { findDifference } from "../../conformance/answer-difference.ts";
import { openTestSession } from "../../support/test-session.ts";
import { writeFiles } from "../../support/write-files.ts";

interface Step {
  readonly query: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly save?: string;
  /** What is saved is the first of a list. */
  readonly first?: true;
}

interface Cases {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly name: string; readonly steps: readonly Step[] }[];
}

const folder = new URL("../../conformance/cases/", import.meta.url);

for (const name of readdirSync(folder)) {
  const { files = {}, env = {}, cases } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Cases;
  const group = suite(name.replace(/\.json$/, ""));
  const dir = mkdtempSync(join(tmpdir(), "slipway-api-"));
  const workdir = join(dir, "work");
  let open: OpenSession;

  group.before(async () => {
    writeFiles(workdir, { ".keep": "", ...files });
    open = await openTestSession({ workdir, storeDir: join(dir, "store"), env });
  });
  group.after(async () => {
    await open.close();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const { name: sentence, steps } of cases) {
    group(sentence, async () => {
      const known: Record<string, string> = { WORK: workdir };
      for (const step of steps) {
        const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, key: string) => known[key] ?? whole);
        const query = fill(step.query);
        const { body } = await answer(open.graph, coreCatalogue(), { query });
        const message = body.errors?.[0]?.message;
        const came = message === undefined ? { value: onlyValue(body.data) } : { error: message };
        if (step.save !== undefined) known[step.save] = String(step.first ? firstValue(came.value) : came.value);
        if (step.save !== undefined && step.value === undefined) assert.is(message, undefined);
        else if ("error" in step) assert.is(findDifference({ error: step.error }, came), undefined);
        else assert.is(findDifference(filled({ value: step.value }, fill), came), undefined);
      }
    });
  }

  group.run();
}

/** The first value of a list, and of the lists in it. */
function firstValue(list: unknown): unknown {
  const first = onlyValue((list as readonly unknown[])[0]);
  return Array.isArray(first) ? firstValue(first) : first;
}

/** A value with the names of earlier values in its texts replaced. */
function filled(value: unknown, fill: (text: string) => string): unknown {
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) => (typeof item === "string" ? fill(item) : item));
}

/** The one value that an answer has, however deep it lies. */
function onlyValue(data: unknown): unknown {
  let value = data;
  while (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const inner = Object.values(value);
    if (inner.length !== 1) return value;
    value = inner[0];
  }
  return value;
}
