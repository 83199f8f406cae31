import { type EngineName, PROVIDERS, type ProviderName } from "../config/provider-schema.ts";
import type { Settings } from "../config/settings.ts";
import { addressOf, isSlipway } from "../input/module-file.ts";
import { VERSION } from "../version.ts";
import { writeAzure } from "./azure.ts";
import { writeBitbucket } from "./bitbucket.ts";
import { writeBuildkite } from "./buildkite.ts";
import { writeCircleci } from "./circleci.ts";
import { writeConcourse } from "./concourse.ts";
import { writeDrone } from "./drone.ts";
import type { GeneratedFile } from "./generated.ts";
import { writeGithub } from "./github.ts";
import { writeGitlab } from "./gitlab.ts";
import { writeJenkins } from "./jenkins.ts";
import { describePipeline, type Pipeline } from "./pipeline.ts";
import { writeTekton } from "./tekton.ts";
import { writeWoodpecker } from "./woodpecker.ts";

const WRITERS: Readonly<Record<ProviderName, (pipeline: Pipeline) => GeneratedFile[]>> = {
  github: writeGithub,
  gitlab: writeGitlab,
  concourse: writeConcourse,
  jenkins: writeJenkins,
  woodpecker: writeWoodpecker,
  drone: writeDrone,
  bitbucket: writeBitbucket,
  circleci: writeCircleci,
  azure: writeAzure,
  buildkite: writeBuildkite,
  tekton: writeTekton,
};

/** How many minutes a token for a cluster is good, of those providers that issue any whose audience a file can say. */
const TOKEN_MINUTES: Readonly<Partial<Record<ProviderName, number>>> = {
  // As long as its job may take.
  gitlab: Number.POSITIVE_INFINITY,
  concourse: 24 * 60,
  circleci: 60,
  buildkite: 24 * 60,
  tekton: 24 * 60,
};

/** Every file that is ever generated. */
export const PATHS: readonly string[] = [
  ".github/workflows/slipway.yml",
  ".github/rulesets/slipway.json",
  ".gitlab-ci.yml",
  "ci/concourse/pipeline.yml",
  "Jenkinsfile",
  ".woodpecker/test.yaml",
  ".woodpecker/test-dagger.yaml",
  ".woodpecker/test-embedded.yaml",
  ".woodpecker/deliver.yaml",
  ".woodpecker/promote.yaml",
  ".drone.yml",
  "bitbucket-pipelines.yml",
  ".circleci/config.yml",
  "azure-pipelines.yml",
  ".buildkite/pipeline.yml",
  ".tekton/slipway-pull-request.yaml",
  ".tekton/slipway-push.yaml",
];

/**
 * The files of all providers that the settings name.
 *
 * @param moduleFile the text of dagger.json at the top; undefined when there is none
 */
export function writeProviders(settings: Settings, moduleFile: string | undefined): GeneratedFile[] {
  return describeProviders(settings, moduleFile).flatMap(([name, pipeline]) => WRITERS[name](pipeline));
}

/** What the settings mean for each provider that they name. @param moduleFile as above */
export function describeProviders(settings: Settings, moduleFile: string | undefined): [ProviderName, Pipeline][] {
  const named = listNamed(moduleFile);
  return PROVIDERS.flatMap((name): [ProviderName, Pipeline][] => {
    const provider = settings.providers[name];
    return provider === undefined ? [] : [[name, describePipeline(settings, provider, named, TOKEN_MINUTES[name])]];
  });
}

/** The command line of a call on each engine, as a person types it in the repository. @param moduleFile as above */
export function listCalls(words: string, moduleFile: string | undefined): string[] {
  const named = listNamed(moduleFile);
  const module = (engine: EngineName) => (named.includes(engine) ? `-m ${addressOf(VERSION)} ` : "");
  return [`slipway call ${module("embedded")}${words}`, `dagger call ${module("dagger")}${words}`];
}

/** What writes the files of all providers, for a person to do. @param moduleFile as above */
export function tellGenerate(moduleFile: string | undefined): string {
  const isHere = listNamed(moduleFile).length === 0;
  const lines = isHere
    ? ["slipway generate workflows", "dagger generate workflows"]
    : listCalls("workflows", moduleFile);
  return `${lines.join(", or ")}, and commit what it writes`;
}

/** The engines that have to be told where the module is: without dagger.json the embedded one takes Slipway's by itself. */
function listNamed(moduleFile: string | undefined): EngineName[] {
  if (moduleFile === undefined) return ["dagger"];
  return isSlipway(readJson(moduleFile)) ? [] : ["dagger", "embedded"];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Nobody can call anything with it; the engine says so.
    return undefined;
  }
}
