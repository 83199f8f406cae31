import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import type { Ended, Scene } from "./scene.ts";

const JARS = resolve(import.meta.dirname, "tools/node_modules/npm-groovy-lint/lib/java/groovy/lib");
const RUNNER = resolve(import.meta.dirname, "jenkins.groovy");

/** What is known where a Jenkinsfile runs. */
export interface World {
  readonly branch: string;
  /** Whether it is a pull request. */
  readonly change: boolean;
  readonly credentials: Readonly<Record<string, unknown>>;
  /** What somebody has answered to an input. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Beyond those that every Jenkins has. */
  readonly plugins: readonly string[];
}

/** Runs a Jenkinsfile by the Groovy of `npm-groovy-lint`. */
export async function runJenkins(scene: Scene, known: World, text = scene.read("Jenkinsfile")): Promise<Ended> {
  const [file, knowledge] = [join(scene.top, "Jenkinsfile"), join(scene.top, "known.json")];
  scene.writeAt(file, text);
  const env = scene.env({ BRANCH_NAME: known.branch });
  scene.writeAt(knowledge, JSON.stringify({ ...known, top: scene.top, source: scene.source, env }));
  const jars = readdirSync(JARS).map((name) => join(JARS, name));
  const words = ["-cp", jars.join(":"), "groovy.ui.GroovyMain", RUNNER, file, knowledge];
  const { exitCode, all } = await execa("java", words, { reject: false, all: true });
  return { code: exitCode, output: all };
}
