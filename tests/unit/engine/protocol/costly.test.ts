import { spawnSync } from "node:child_process";
import { getIntrospectionQuery } from "graphql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseBounded, TooCostly } from "../../../../engine/src/protocol/cost.ts";
import { TestServer } from "./asking.ts";

const costly = suite("a request that would keep others waiting");
const server = new TestServer();
costly.before(async () => void (await server.start()));
costly.after(() => server.stop());

const times = (count: number, part: (n: number) => string, between = " ") =>
  Array.from({ length: count }, (_, n) => part(n)).join(between);
const USER = 'withUser(name:"x")';

const refused: Readonly<Record<string, string>> = {
  "24 doubling fragments": `{...F0} ${times(24, (n) => `fragment F${n} on Query{...F${n + 1} ...F${n + 1}}`)} fragment F24 on Query{version}`,
  "24 doubling fragments of objects": `{container{...F0}} ${times(24, (n) => `fragment F${n} on Container{a:${USER}{...F${n + 1}} b:${USER}{...F${n + 1}}}`)} fragment F24 on Container{user}`,
  "60 fragments that are spread ten times each": `{...F0} ${times(60, (n) => `fragment F${n} on Query{${`...F${n + 1} `.repeat(10)}}`)} fragment F60 on Query{version}`,
  "20,000 aliases": `{${times(20_000, (n) => `a${n}:version`)}}`,
  "a field 20,000 times": `{${"version ".repeat(20_000)}}`,
  "a fragment spread 20,000 times": `{${"...F ".repeat(20_000)}} fragment F on Query{version}`,
  "inline fragments beside each other": `{${"...{version}".repeat(20_000)}}`,
  "objects asked for twice at two levels": `{${`container{${`${USER}{user}`.repeat(90)}}`.repeat(90)}}`,
  "5,000 fragments in a circle": `{...F0} ${times(5_000, (n) => `fragment F${n} on Query{...F${(n + 1) % 5_000}}`)}`,
  "20,000 fragments in a chain": `{...F0} ${times(20_000, (n) => `fragment F${n} on Query{...F${n + 1}}`)} fragment F20000 on Query{version}`,
  "3,000 fragments": `{${times(3_000, (n) => `...F${n}`)}} ${times(3_000, (n) => `fragment F${n} on Query{a${n}:version}`)}`,
  "9,000 operations": times(9_000, (n) => `query A${n}{version}`),
  "100,000 fields below each other": `{a${"{a".repeat(100_000)}`,
  "2,100 fields below each other": `{container${`{${USER}`.repeat(2_100)}{user}${"}".repeat(2_101)}`,
  "3,000 inline fragments below each other": `{${"...{".repeat(3_000)}version${"}".repeat(3_001)}`,
  "100,000 lists in each other": `{container{withDefaultArgs(args:${"[".repeat(100_000)}${"]".repeat(100_000)}){user}}}`,
  "20,000 objects in each other": `{container{withDefaultArgs(args:${"{a:".repeat(20_000)}1${"}".repeat(20_000)}){user}}}`,
  "a list of 500,000 texts": `{container{withDefaultArgs(args:[${'"a",'.repeat(500_000)}]){user}}}`,
  "30,000 variables": `query(${times(30_000, (n) => `$a${n}:String`, ",")}){version}`,
  "60,000 directives": `{version ${"@a ".repeat(60_000)}}`,
  "40,000 arguments of one field": `{container{withUser(${'name:"a",'.repeat(40_000)}){user}}}`,
  "2,000,000 comments": `${"#\n".repeat(2_000_000)}{version}`,
  "comments with quotes": `${'#"\n'.repeat(100_000)}{version}`,
  "the schema 400 times": `{${times(400, (n) => `a${n}:__schema{types{fields{args{type{name}}}}}`)}}`,
  "the schema's types 300 times": `{__schema{${times(300, (n) => `a${n}:types{fields{args{type{name}}}}`)}}}`,
  "the schema in itself": "{__schema{types{fields{type{fields{type{fields{type{fields{type{name}}}}}}}}}}}",
};

for (const [name, query] of Object.entries(refused)) {
  costly(`${name} is refused by its cost, before any rule looks at it`, async () => {
    assert.throws(
      () => parseBounded(query),
      (error: unknown) => error instanceof TooCostly,
    );
    const { status, errors } = await server.ask(query);
    assert.equal(
      { status, codes: errors?.map((e) => e.extensions?.["code"]) },
      { status: 422, codes: ["COMPLEXITY_LIMIT_EXCEEDED"] },
    );
  });
}

const answered: Readonly<Record<string, string>> = {
  "a chain of 1,500 calls": `{container${`{${USER}`.repeat(1_500)}{user}${"}".repeat(1_501)}`,
  "2,000 aliases": `{${times(2_000, (n) => `a${n}:version`)}}`,
  "a list of 20,000 texts": `{container{withDefaultArgs(args:[${'"a",'.repeat(20_000)}]){user}}}`,
  "a text of 8 MiB": `{container{withUser(name:"${"x".repeat(8 << 20)}"){workdir}}}`,
  "a text full of marks of comments": `{container{withUser(name:"${"#".repeat(100_000)}\\"#"){workdir}}}`,
  "a block text full of marks of comments": `{container{withUser(name:"""${'#"'.repeat(50_000)} """){workdir}}}`,
  "the whole schema, as tools ask for it": getIntrospectionQuery(),
};
for (const [name, query] of Object.entries(answered)) {
  costly(`${name} is answered`, async () => {
    const { status, errors } = await server.ask(query);
    assert.equal({ status, errors }, { status: 200, errors: undefined });
  });
}

costly("the longest chain that is allowed fits on the stack of a process in which nothing is compiled yet", () => {
  const calls = 1_598;
  const file = new URL("../../../../engine/src/protocol/cost.ts", import.meta.url).href;
  const query = `"{container" + '{withUser(name:"x")'.repeat(${calls}) + "{user}" + "}".repeat(${calls + 1})`;
  const script = `import { parseBounded } from ${JSON.stringify(file)}; parseBounded(${query}); console.log("parsed");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  assert.is(stdout, "parsed\n", stderr);
});

costly("a chain of one call more is refused by its depth", async () => {
  const { errors } = await server.ask(`{container${`{${USER}`.repeat(1_599)}{user}${"}".repeat(1_600)}`);
  assert.is(errors?.[0]?.message, "operation has depth 1601, which exceeds the limit of 1600");
});

costly("a fragment inside itself is refused by name", async () => {
  const { errors } = await server.ask("{...A} fragment A on Query{...B} fragment B on Query{...A}");
  assert.equal(
    errors?.map((e) => e.message),
    ['Cannot spread fragment "A" within itself via "B".'],
  );
});

costly("the limit and the cost are told", async () => {
  const { errors } = await server.ask(refused["24 doubling fragments"] ?? "");
  assert.is(errors?.[0]?.message, "operation has complexity 50331647, which exceeds the limit of 8000");
});

costly.run();
