import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answer } from "../../../engine/src/protocol/query.ts";
import { withModule, writeModule } from "../../support/served-module.ts";

/** Says what each argument was. */
const ASKED = `import { func, object } from "@dagger.io/dagger";

const shown = (...values: unknown[]) => values.map((value) => (value === undefined ? "nothing" : JSON.stringify(value))).join(" ");

@object()
export class Asked {
  @func() given(word?: string, count?: number, on?: boolean): string { return shown(word, count, on); }
  @func() preset(word: string | null = "usual", count: number | null = 3): string { return shown(word, count); }
  @func() required(word: string): string { return word; }
}
`;

const dir = mkdtempSync(join(tmpdir(), "slipway-nulls-"));

const nulls = suite("a null for an argument of a function");

nulls.before(() => writeModule(join(dir, "asked"), "asked", ASKED));
nulls.after(() => rmSync(dir, { recursive: true, force: true }));

async function answerTo(query: string): Promise<unknown> {
  return await withModule({ storeDir: join(dir, "store"), moduleDir: join(dir, "asked") }, async (command) => {
    const { data, errors } = await command.query(query);
    return errors === undefined ? { ...(data as object) } : errors[0]?.message;
  });
}

nulls("reaches the function as null, and an argument that is not given does not", async () => {
  assert.equal(await answerTo("{ given nulls: given(word: null, count: null) }"), {
    given: "nothing nothing nothing",
    nulls: "null null nothing",
  });
});

nulls("takes the place of a default", async () => {
  assert.equal(await answerTo("{ preset one: preset(word: null) both: preset(word: null, count: null) }"), {
    preset: '"usual" 3',
    one: "null 3",
    both: "null null",
  });
});

nulls("is refused where the function says nothing of null", async () => {
  assert.match(String(await answerTo("{ required(word: null) }")), "cannot create String from <nil>");
});

nulls("is what a variable has that is not given", async () => {
  const places = { storeDir: join(dir, "store"), moduleDir: join(dir, "asked") };
  const query = "query ($word: String) { preset(word: $word) }";
  const given = await withModule(places, ({ open, served }) => answer(open.graph, served.catalogue(), { query }));
  assert.is(JSON.stringify(given.body.data), JSON.stringify({ preset: "null 3" }));
});

nulls.run();
