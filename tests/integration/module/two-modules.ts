/**
 * A repository with a module, and another one below it that has checks and generators: what tests ask the API about.
 * It is this process's own, and every command on it has the same store.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

/** Beside the repository there is room for what a test writes. */
export const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-module-api-")));
export const top = join(dir, "repository");
export const other = join(top, "tools", "other");

const MAIN = `
import { dag, Directory, func, generate, object, Workspace } from "@dagger.io/dagger";
@object()
export class Main {
  @func() async checksIn(module: Directory): Promise<string[]> {
    const group = module.asModule().checks();
    return await Promise.all((await group.list()).map((check) => check.name()));
  }
  @func() async runCheck(module: Directory, name: string): Promise<string> {
    const check = module.asModule().check(name).run();
    return [await check.passed(), await check.completed(), await check.resultEmoji()].join();
  }
  @func() async own(): Promise<string> {
    const generators = dag.currentModule().generators();
    return (await Promise.all((await generators.list()).map((one) => one.name()))).join() + " " + (await generators.run().changes().addedPaths()).join();
  }
  @func() async inWorkspace(ws: Workspace): Promise<string[]> {
    return await Promise.all((await ws.generators().list()).map((one) => one.name()));
  }
  @func() async escape(path: string): Promise<string> {
    return await dag.currentModule().workdir(path).entries().then(String, (error) => error.message);
  }
  @func() async ownSource(): Promise<string> { return await dag.moduleSource(".").configExists() + " " + await dag.moduleSource(".").asString(); }
  @func() @generate() written() {
    return dag.directory().withNewFile("written.txt", "new").changes(dag.directory());
  }
}
`;

/** The source of the other module. */
export const OTHER = `
import { argument, check, dag, Directory, File, func, generate, object, up } from "@dagger.io/dagger";
@object()
export class Part {
  /** Says yes. */
  @func() @check() async good(): Promise<string> { return "yes"; }
  @func() @check() async bad(): Promise<void> { throw new Error("no good"); }
}
/** Another module. */
@object()
export class Other {
  private greeting: string;
  constructor(greeting: string = "hello") { this.greeting = greeting; }
  /** Greets. */
  @func() hello(name: string = "you"): string { return this.greeting + " " + name; }
  @func() parts(): Part { return new Part(); }
  @func() @check() async fine(): Promise<void> {}
  @func() @generate() written() {
    return dag.directory().withNewFile("made.txt", "made").changes(dag.directory());
  }
  @func() @generate() nothing() { return dag.directory().changes(dag.directory()); }
  @func() async lookAround(@argument({ defaultPath: "/" }) all: Directory, @argument({ defaultPath: "." }) near: Directory): Promise<string> {
    return (await all.entries()).join() + " " + (await near.entries()).join();
  }
  @func() async linked(@argument({ defaultPath: "leak" }) leak: File): Promise<string> { return await leak.contents(); }
}
`;

/** Writes the repository anew. */
export function writeAll(): void {
  rmSync(top, { recursive: true, force: true });
  writeModule(top, "main", MAIN, { ".git/HEAD": "ref: refs/heads/main\n", "plain/text.txt": "text" });
  writeModule(other, "other", OTHER);
}

/** Removes the repository, the store, and what tests have written beside them. */
export function removeAll(): void {
  rmSync(dir, { recursive: true, force: true });
}

/** Opens the session of a command in the repository. */
export async function inCommand<T>(use: (command: TestCommand) => Promise<T>): Promise<T> {
  return await withModule({ storeDir: join(dir, "store"), moduleDir: top }, use);
}

/** What the API answers, or its first error. */
export async function data(command: TestCommand, query: string): Promise<unknown> {
  const answer = await command.query(query);
  return answer.errors === undefined ? answer.data : { error: answer.errors[0]?.message };
}
