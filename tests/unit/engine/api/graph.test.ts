import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Fields, Graph, type Obj } from "../../../../engine/src/api/graph.ts";

const graph = suite("graph");

const key = Buffer.alloc(32, 7);

/** Boxes that hold words, and count how often they are looked into. */
function boxes() {
  const seen: string[] = [];
  const fields: Fields = {
    Query: {
      box: { run: (_self, args) => [args["word"]] },
      read: {
        run: (_self, args, _graph, pin) => [`${args["from"]} with ${pin?.data}`],
        pin: async (_self, args) => ({ key: `content of ${args["from"]}`, data: "what was there" }),
        fresh: (args) => args["again"] === true,
      },
      hide: { run: () => [], idArgs: ({ name }) => ({ name }), keyArgs: ({ name }) => ({ name }) },
    },
    Box: {
      add: {
        run: async (self, args) => {
          seen.push(String(args["word"]));
          if (args["word"] === "bad") throw new Error("bad word");
          return [...(await self.value<string[]>()), args["word"], ...(await wordsOf(args["of"]))];
        },
      },
    },
  };
  return { graph: new Graph(fields, undefined, key) as Graph, seen };
}

async function wordsOf(box: unknown): Promise<string[]> {
  return box === undefined ? [] : await (box as Obj).value<string[]>();
}

const box = (g: Graph, word: string) => g.object("Box", { parent: g.root, field: "box", args: { word } });
const add = (g: Graph, parent: Obj, args: Record<string, unknown>) => g.object("Box", { parent, field: "add", args });

graph("gives the same object for the same recipe, whatever the order of arguments", () => {
  const { graph: g } = boxes();
  const a = add(g, box(g, "one"), { word: "two", mode: 1 });
  assert.is(a, add(g, box(g, "one"), { mode: 1, word: "two" }));
  assert.is.not(a, add(g, box(g, "one"), { word: "two", mode: 2 }));
});

graph("runs nothing for an id, and once for any number of readers", async () => {
  const { graph: g, seen } = boxes();
  const added = add(g, box(g, "one"), { word: "two" });
  await added.id();
  assert.equal(seen, []);
  const all = await Promise.all([added.value(), added.value(), added.value()]);
  assert.equal(all[2], ["one", "two"]);
  assert.equal(seen, ["two"]);
});

graph("tries again what has failed", async () => {
  const { graph: g, seen } = boxes();
  const bad = add(g, box(g, "one"), { word: "bad" });
  for (const _ of [1, 2]) {
    const message = await bad.value().catch((error: Error) => error.message);
    assert.is(message, "bad word");
  }
  assert.equal(seen, ["bad", "bad"]);
});

graph("finds the object of an id in another session, with the objects in its arguments", async () => {
  const { graph: first } = boxes();
  const { graph: second } = boxes();
  const nested = add(first, box(first, "outer"), {
    word: "and",
    of: add(first, box(first, "inner"), { word: "more" }),
  });
  const found = second.decode(await nested.id());
  assert.equal(await found.value(), ["outer", "and", "inner", "more"]);
  assert.is(await found.key(), await nested.key());
  assert.is(await found.id(), await nested.id());
});

graph("takes what is identified by content from the id, not from the world", async () => {
  const { graph: first } = boxes();
  const { graph: second } = boxes();
  const read = first.object("Box", { parent: first.root, field: "read", args: { from: "disk" } });
  const found = second.decode(await read.id());
  assert.equal(await found.value(), ["disk with what was there"]);
  assert.is(await found.key(), "content of disk");
});

graph("makes a fresh object each time where a field asks for that", () => {
  const { graph: g } = boxes();
  const read = (again: boolean) => g.object("Box", { parent: g.root, field: "read", args: { from: "disk", again } });
  assert.is(read(false), read(false));
  assert.is.not(read(true), read(true));
});

graph("believes no id that another engine, or a program, has made", async () => {
  const { graph: g } = boxes();
  const [mark, seal, body] = Buffer.from(await box(g, "one").id(), "base64")
    .toString()
    .split(" ");
  const forged = [
    `${mark} ${seal} ${body}A`,
    `${mark} ${"A".repeat(22)} ${body}`,
    `${mark}  ${body}`,
    `${mark} Box ${body}`,
  ];
  for (const text of forged) {
    assert.throws(
      () => g.decode(Buffer.from(text).toString("base64")),
      (error: Error) => error.message === "invalid ID string: it was not made by this engine",
    );
  }
});

graph("keeps out of ids and keys what must not travel", async () => {
  const { graph: g } = boxes();
  const hide = (value: string) => g.object("Box", { parent: g.root, field: "hide", args: { name: "n", value } });
  assert.is(hide("one"), hide("two"));
  const id = Buffer.from(await hide("one").id(), "base64").toString();
  assert.not.match(id, "one");
});

for (const [id, problem] of [
  ["garbage", "illegal base64 data at input byte 4"],
  ["not-an-id", "illegal base64 data at input byte 3"],
] as const) {
  graph(`refuses ${id} as an id`, () => {
    const { graph: g } = boxes();
    assert.throws(
      () => g.decode(id),
      (error: Error) => error.message === `invalid ID string: failed to decode base64: ${problem}`,
    );
  });
}

graph.run();
