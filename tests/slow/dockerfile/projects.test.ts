import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Builds } from "../../integration/dockerfile/building.ts";
import { Buildah } from "./buildah.ts";
import type { Project } from "./project.ts";
import { PROJECTS } from "./projects.ts";

const projects = suite("Dockerfiles of projects");

let builds: Builds;
const buildah = new Buildah();
projects.before(async () => {
  builds = await Builds.open();
});
projects.after(async () => {
  buildah.close();
  await builds.close();
});

/** The folder of a project; archives are made here. */
function folderOf(project: Project): string {
  const folder = builds.folder(project.files);
  if (!("rootfs.tar.gz" in project.files)) return folder;
  const root = join(folder, "..", `${folder.split("/").at(-1)}-root`);
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "bin/hello"), "#!/bin/hello\n", { mode: 0o755 });
  execFileSync("ln", ["-s", "bin/hello", join(root, "hello")]);
  execFileSync("tar", ["czf", join(folder, "rootfs.tar.gz"), "--owner=0", "--group=0", "-C", root, "bin", "hello"]);
  return folder;
}

for (const project of PROJECTS) {
  projects(`are built: ${project.name}`, async () => {
    const folder = folderOf(project);
    if (project.command !== undefined) {
      const selection = `withExec(args:["sh","-c",${JSON.stringify(project.command)}]) { stdout }`;
      const { withExec } = await builds.of<{ withExec: { stdout: string } }>(folder, selection, project.args);
      assert.is(withExec.stdout, project.prints);
    }
    await builds.of(folder, "sync", project.args);
  });

  if (project.notForBuildah !== undefined) continue;
  projects(`are what buildah makes of them: ${project.name}`, async () => {
    const folder = folderOf(project);
    for (const base of basesOf(project)) await buildah.provide(base, (path) => exportImage(base, path));
    const ours = join(folder, "..", `${folder.split("/").at(-1)}.tar`);
    await builds.of(folder, `export(path:${JSON.stringify(ours)}, forcedCompression:Uncompressed)`, project.args);
    const [mine, other] = [buildah.load(ours), buildah.build(folder, project.buildahArgs ?? [])];
    assert.equal(mine.config, other.config);
    assert.equal(differencesOf(mine.tree, other.tree), project.differences ?? []);
  });
}

/** What is not the same at a path, as `PATH: ours | theirs`. */
function differencesOf(mine: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): string[] {
  const paths = [...new Set([...Object.keys(mine), ...Object.keys(other)])];
  return paths.filter((path) => mine[path] !== other[path]).map((path) => `${path}: ${mine[path]} | ${other[path]}`);
}

function basesOf({ files }: Project): readonly string[] {
  const known = [
    "debian:bookworm-slim",
    "debian:bookworm",
    "node:24-bookworm-slim",
    "python:3.12-slim-bookworm",
    "golang:1.24-bookworm",
  ];
  const text = String(files["Dockerfile"]).replace("${NODE_VERSION}", "24").replace("${VARIANT}", "bookworm-slim");
  return known.filter((name) => new RegExp(`(?:^from .*|=)${name}(?:\\s|$)`, "im").test(text));
}

async function exportImage(address: string, path: string): Promise<void> {
  await builds.query(
    `{ container { from(address:${JSON.stringify(address)}) { export(path:${JSON.stringify(path)}, forcedCompression:Uncompressed) } } }`,
  );
  assert.ok(readFileSync(path).length > 0);
}

projects.run();
