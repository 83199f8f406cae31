import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

/** A module that knows of greeters only what it needs of one. */
const PARTY = `import { Directory, func, object } from "@dagger.io/dagger";

/** Something that greets. */
export interface Greeter {
  greet: (name: string) => Promise<string>;
  named: (name: string) => Promise<Greeter>;
  friends: () => Promise<Friend[]>;
  gift: () => Promise<Directory>;
}

export interface Friend {
  name: () => Promise<string>;
}

@object()
export class Party {
  @func() host?: Greeter;
  private guests: Greeter[] = [];

  @func() async open(greeter: Greeter): Promise<string> { return await greeter.greet("all"); }
  @func() async renamed(greeter: Greeter, name: string): Promise<Greeter> { return await greeter.named(name); }
  @func() async friends(greeter: Greeter): Promise<Friend[]> { return await greeter.friends(); }
  @func() async gift(greeter: Greeter): Promise<Directory> { return await greeter.gift(); }
  @func() withHost(host: Greeter): Party { this.host = host; return this; }
  @func() withGuests(guests: Greeter[]): Party { this.guests = guests; return this; }
  @func() async everybody(): Promise<string[]> {
    const all = this.host === undefined ? this.guests : [this.host, ...this.guests];
    return await Promise.all(all.map((one) => one.greet("you")));
  }
}
`;

/** A module that has never heard of the other one. */
const ROBOT = `import { dag, Directory, func, object } from "@dagger.io/dagger";

export interface Known {
  nick: () => Promise<string>;
}

@object()
export class Robot {
  @func() model: string;
  constructor(model: string = "r2") { this.model = model; }
  @func() greet(name: string, mark: string = "!"): string { return this.model + " greets " + name + mark; }
  @func() named(name: string): Robot { return new Robot(name); }
  @func() friends(): RobotFriend[] { return [new RobotFriend(this.model + "a"), new RobotFriend(this.model + "b")]; }
  @func() gift(): Directory { return dag.directory().withNewFile("oil.txt", this.model); }
  @func() async tell(one: Known): Promise<string> { return "it is " + (await one.nick()); }
}

@object()
export class RobotFriend {
  @func() name: string;
  @func() nick: string;
  constructor(name: string) { this.name = name; this.nick = name + "y"; }
}
`;

const EVENING = `import { dag, func, object } from "@dagger.io/dagger";
@object() export class Evening {
  @func() async open(): Promise<string> { return await dag.party().open(dag.robot()); }
  @func() async renamed(): Promise<string> { return await dag.party().renamed(dag.robot(), "c3").greet("me"); }
  @func() async friends(): Promise<string[]> {
    const friends = await dag.party().friends(dag.robot());
    return await Promise.all(friends.map((friend) => friend.name()));
  }
  @func() async gift(): Promise<string> { return await dag.party().gift(dag.robot()).file("oil.txt").contents(); }
  @func() async everybody(): Promise<string[]> {
    return await dag.party().withHost(dag.robot()).withGuests([dag.robot({ model: "bb8" })]).everybody();
  }
  @func() async told(): Promise<string> {
    const [friend] = await dag.robot().friends();
    return await dag.robot().tell(friend);
  }
}`;

const dir = mkdtempSync(join(tmpdir(), "slipway-interfaces-"));

const interfaces = suite("interfaces of modules");

interfaces.before(() => {
  writeModule(join(dir, "party"), "party", PARTY);
  writeModule(join(dir, "robot"), "robot", ROBOT);
  writeModule(dir, "evening", EVENING, {}, ["party", "robot"]);
});

interfaces.after(() => rmSync(dir, { recursive: true, force: true }));

const inCommand = <T>(use: (command: TestCommand) => Promise<T>): Promise<T> =>
  withModule({ storeDir: join(dir, "store"), moduleDir: dir }, use);

interfaces("take objects of another module that have all of their functions", async () => {
  await inCommand(async ({ call }) => {
    assert.is(await call(["open"]), "r2 greets all!");
    assert.is(await call(["renamed"]), "c3 greets me!");
    assert.equal(await call(["friends"]), ["r2a", "r2b"]);
    assert.is(await call(["gift"]), "r2");
    assert.equal(await call(["everybody"]), ["r2 greets you!", "bb8 greets you!"]);
  });
});

interfaces("take objects of their own module", async () => {
  await inCommand(async ({ call }) => assert.is(await call(["told"]), "it is r2ay"));
});

interfaces("are what the schema says of the types that have their functions, and of no others", async () => {
  await withModule({ storeDir: join(dir, "store"), moduleDir: join(dir, "robot") }, async ({ query }) => {
    const { data } = await query(`{ __type(name: "RobotKnown") { kind possibleTypes { name } } }`);
    const known = { kind: "INTERFACE", possibleTypes: [{ name: "RobotFriend" }] };
    assert.is(JSON.stringify(data), JSON.stringify({ __type: known }));
  });
});

interfaces("refuse an object that lacks one of their functions", async () => {
  await withModule({ storeDir: join(dir, "store"), moduleDir: join(dir, "robot") }, async ({ query }) => {
    const made = await query("{ directory { id } }");
    const { id } = (made.data as { directory: { id: string } }).directory;
    const { errors } = await query(`{ tell(one: ${JSON.stringify(id)}) }`);
    assert.match(errors?.[0]?.message ?? "", `expected "RobotKnown" ID, got Directory! ID`);
  });
});

interfaces.run();
