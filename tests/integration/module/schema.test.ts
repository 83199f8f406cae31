import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withModule, writeModule } from "../../support/served-module.ts";

/** A class without a constructor, whose functions leave out what they may and may not. */
const SHELF = `import { Directory, func, object } from "@dagger.io/dagger";

/** How a book is bound. */
export enum Cover {
  /** hard to bend */
  Cloth = "cloth",
  Paper = "paper",
}

export const ROOM = "hall";

/** Keeps books. */
@object()
export class Shelf {
  /** what it is called */
  @func() label: string = "unset";
  @func() places: number = 3;
  @func() isFull: boolean = true;
  @func() titles: string[] = ["a"];
  @func() inside?: Directory;

  /**
   * Puts a book there.
   *
   * @param title what stands on its back
   */
  @func() put(
    title: string, room: string = ROOM, cover: Cover = Cover.Paper,
    owner?: string, mark: string | null = "x", copies: number = 2,
  ): string {
    return [title, room, cover, owner, mark, copies].map(String).join(" ");
  }

  /** @deprecated ask for titles */
  @func() first(): string { return undefined as unknown as string; }
}
`;

const dir = mkdtempSync(join(tmpdir(), "slipway-shelf-"));

const schema = suite("the schema of a module");

schema.before(() => writeModule(dir, "shelf", SHELF));
schema.after(() => rmSync(dir, { recursive: true, force: true }));

const ask = (query: string): Promise<unknown> =>
  withModule({ storeDir: join(dir, "store"), moduleDir: dir }, async (command) => {
    const { data, errors } = await command.query(query);
    if (errors !== undefined) throw new Error(errors[0]?.message);
    return JSON.parse(JSON.stringify(data)) as unknown;
  });

schema("has what is said in the code, and the defaults", async () => {
  const asked = `{
    shelf: __type(name: "Shelf") {
      description
      fields(includeDeprecated: true) {
        name description deprecationReason args { name description defaultValue type { kind } }
      }
    }
    cover: __type(name: "ShelfCover") { description enumValues { name description } }
  }`;
  const { shelf, cover } = (await ask(asked)) as {
    shelf: { description: string; fields: { name: string; args: object[] }[] };
    cover: unknown;
  };
  assert.is(shelf.description, "\nKeeps books.\n");
  const field = (name: string) => shelf.fields.find((one) => one.name === name);
  const of = { description: null, deprecationReason: null, args: [] };
  assert.equal(field("label"), { ...of, name: "label", description: "\nwhat it is called\n" });
  assert.equal(field("first"), { ...of, name: "first", deprecationReason: "ask for titles" });
  const put = field("put")?.args.map((one) => Object.values(one));
  assert.equal(put, [
    ["title", "\nwhat stands on its back\n", null, { kind: "NON_NULL" }],
    ["room", null, '"hall"', { kind: "NON_NULL" }],
    ["cover", null, "PAPER", { kind: "NON_NULL" }],
    ["owner", null, null, { kind: "SCALAR" }],
    ["mark", null, '"x"', { kind: "SCALAR" }],
    ["copies", null, "2", { kind: "NON_NULL" }],
  ]);
  const enumValues = [
    { name: "CLOTH", description: "\nhard to bend\n" },
    { name: "PAPER", description: null },
  ];
  assert.equal(cover, { description: "\nHow a book is bound.\n", enumValues });
});

schema("says it without the empty lines where it is asked for as types", async () => {
  const asked = "{ currentTypeDefs { asObject { name description functions { name description } } } }";
  const { currentTypeDefs } = (await ask(asked)) as {
    currentTypeDefs: { asObject: { name: string; description: string; functions: object[] } | null }[];
  };
  const shelf = currentTypeDefs.find(({ asObject }) => asObject?.name === "Shelf")?.asObject;
  assert.is(shelf?.description, "Keeps books.");
  assert.equal(shelf?.functions[0], { name: "label", description: "what it is called" });
});

schema("lets all be left out that has a default, and takes a null in its place", async () => {
  const asked = `{ a: put(title: "a") b: put(title: "b", owner: null, mark: null, cover: CLOTH) }`;
  assert.equal(await ask(asked), { a: "a hall paper undefined x 2", b: "b hall cloth null null 2" });
});

schema("gives the empty value of a type that is never null where nothing was set or returned", async () => {
  const asked = "{ label places isFull titles inside { id } first }";
  const empty = { label: "", places: 0, isFull: false, titles: [], inside: null, first: "" };
  assert.equal(await ask(asked), empty);
});

schema.run();
