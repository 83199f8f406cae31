import { toName } from "../config/found-name.ts";
import { isProductFolder } from "../config/service-folders.ts";
import type { Settings } from "../config/settings.ts";
import { findBareArguments, listInstructions } from "../languages/dockerfile/instructions.ts";
import { listPrograms } from "../languages/language.ts";
import { listOtherLanguages } from "../languages/other-languages.ts";
import { hasFile, type Outline, tellFolder } from "../repository/outline.ts";
import { tellCodeship } from "./codeship.ts";
import { findUnsaid } from "./find-needs.ts";
import { findTestScript } from "./script-check.ts";

/** What stops nothing and a person should know all the same, a sentence each: what was seen and is not used. */
export function listRemarks(settings: Settings, outline: Outline): string[] {
  const ofProjects = settings.projects.flatMap(({ remarks }) => remarks);
  return [
    ...new Set([
      ...ofProjects,
      ...tellBuiltBefore(settings),
      ...tellArguments(settings, outline),
      ...tellPrograms(settings),
      ...tellClasses(settings),
      ...tellDrivers(settings, outline),
      ...listOtherLanguages(outline),
      ...tellTests(settings, outline),
      ...tellProviders(settings, outline),
      ...tellCodeship(settings, outline),
    ]),
  ];
}

/** By what a CI system is known, and the name of its provider. A file that Slipway would write itself is a person's so far. */
const CI_FILES: readonly (readonly [file: RegExp, provider: string])[] = [
  [/^\.github\/workflows\/[^/]+\.ya?ml$/, "github"],
  [/^\.gitlab-ci\.yml$/, "gitlab"],
  [/^Jenkinsfile$/, "jenkins"],
  [/^\.woodpecker(?:\/[^/]+)?\.ya?ml$/, "woodpecker"],
  [/^\.drone\.yml$/, "drone"],
  [/^bitbucket-pipelines\.yml$/, "bitbucket"],
  [/^\.circleci\/config\.yml$/, "circleci"],
  [/^azure-pipelines\.yml$/, "azure"],
  [/^\.buildkite\/pipeline\.ya?ml$/, "buildkite"],
  [/^\.tekton\/[^/]+\.ya?ml$/, "tekton"],
];

/** A CI system that is there, and that nobody has named: its files could be written. */
function tellProviders({ providers }: Settings, { paths }: Outline): string[] {
  if (Object.keys(providers).length > 0) return [];
  return CI_FILES.flatMap(([file, provider]) => {
    const found = paths.find((path) => file.test(path));
    if (found === undefined) return [];
    const own =
      provider === "github" || provider === "tekton"
        ? ""
        : `, once ${found} is moved away: what a person wrote is never overwritten`;
    return [
      `${found} is there; \`providers: [${provider}]\` and slipway generate write the files that call Slipway${own}`,
    ];
  });
}

/** Compose files that people run their tests by. */
const COMPOSED =
  /^(?:docker-)?compose[.-](?:tests?|integration-tests?)\.ya?ml$|^docker-compose-integration-test\.ya?ml$/;

/** Whether a check is there that is none of the form alone. */
export function testsSomething(checks: Settings["checks"]): boolean {
  return Object.keys(checks).some((name) => !name.startsWith("lint"));
}

/** Ways to test that are there while no check does: nobody said in which image they run. */
function tellTests({ checks }: Settings, outline: Outline): string[] {
  if (testsSomething(checks)) return [];
  const script = findTestScript(outline);
  const bats = outline.paths.find((path) => path.endsWith(".bats") && !/(?:^|\/)(?:node_modules|vendor)\//.test(path));
  const target = /^(test|check)\s*:(?!=)/m.exec(outline.text("Makefile") ?? "")?.[1];
  const compose = outline.paths.find((path) => COMPOSED.test(path));
  const [how] = [
    ...(script === undefined ? [] : [{ what: script, run: `sh ${script}` }]),
    ...(target === undefined ? [] : [{ what: `the target ${target} of Makefile`, run: `make ${target}` }]),
    ...(bats === undefined ? [] : [{ what: bats, run: `bats ${bats}` }]),
  ];
  const image = hasFile(outline, "Dockerfile") ? "" : ", image: debian:bookworm-slim";
  return [
    ...(how === undefined
      ? []
      : [`${how.what} exists, and no check runs it; if it is one: \`checks: { unit: { run: ${how.run}${image} } }\``]),
    ...(compose === undefined ? [] : [`${compose} exists; checks run without Docker: give them \`needs\` instead`]),
  ];
}

/** Arguments of a Dockerfile that a build has to be given: they stand in what is copied or started from. */
function tellArguments({ services }: Settings, outline: Outline): string[] {
  return Object.entries(services).flatMap(([name, { build }]) => {
    if (!("dockerfile" in build) || !outline.told.has(build.dockerfile)) return [];
    const bare = findBareArguments(listInstructions(outline.text(build.dockerfile) ?? ""));
    const open = bare.filter((one) => build.args[one] === undefined);
    const args = open.map((one) => `${one}: …`).join(", ");
    return open.length === 0
      ? []
      : [
          `${build.dockerfile} has no default for ${open.join(", ")}: services: { ${name}: { build: { args: { ${args} } } } }`,
        ];
  });
}

/** Dockerfiles that copy what a build has to make before them. */
function tellBuiltBefore({ projects, services }: Settings): string[] {
  return projects.flatMap(({ path, lacks }) => {
    if (lacks === undefined) return [];
    const [name, service] = Object.entries(services).find(([, one]) => one.path === path) ?? [];
    const instead =
      service !== undefined && "language" in service.build
        ? `${name} is built as ${service.build.language} instead`
        : "something has to be built before it, which `call build` does not do";
    return [`${lacks.from} copies ${lacks.value}, which is not in the repository: ${instead}`];
  });
}

/** Several programs of which a Dockerfile makes one image: it starts one of them. */
function tellPrograms({ projects, services }: Settings): string[] {
  return Object.entries(services).flatMap(([name, { path, build }]) => {
    const programs = projects
      .filter((one) => one.path === path)
      .flatMap(({ mains, language }) => (language === "go" ? mains : []));
    const several = listPrograms(programs).map(({ value }) => value);
    if (!("dockerfile" in build) || several.length < 2) return [];
    const other = `\`build: { imageOf: ${name}, start: […] }\` or \`build: { main: ${several[0]} }\``;
    return [
      `${several.join(", ")}: several programs, and the image of ${build.dockerfile} starts one; the others can be services too, by ${other}`,
    ];
  });
}

/** PostgreSQL is one of the databases that a service can have, and nothing says that it is the one. */
function tellDrivers({ services, backing }: Settings, outline: Outline): string[] {
  return Object.entries(services).flatMap(([name, { path, needs }]) => {
    const other = findUnsaid(outline, path);
    if (other === undefined || needs.some((needed) => backing[needed]?.kind === "postgres")) return [];
    return [
      `${other.from} has drivers of PostgreSQL and ${other.value}, and no setting mentions PostgreSQL: ${name} starts without it; \`needs: [postgres]\` adds it`,
    ];
  });
}

/** Several classes of Java that can be started, of which nothing says which one is the service. */
function tellClasses({ projects, services }: Settings): string[] {
  return projects.flatMap(({ language, path, mains, name }) => {
    const [first, second] = mains;
    if (language !== "java" || first === undefined || second === undefined || !isProductFolder(path)) return [];
    const here = Object.entries(services).filter(([, one]) => one.path === path);
    const unsaid = here.filter(
      ([, { build }]) => "language" in build && build.main === undefined && build.start === undefined,
    );
    const [called] = unsaid.map(([service]) => service);
    if (here.length > 0 && called === undefined) return [];
    const service = called ?? (toName(name?.value ?? "") || "app");
    const what = `${mains.map(({ value }) => value).join(", ")}: several classes of ${tellFolder(path)} can be started`;
    const then = called === undefined ? "they become no services" : `the image of ${called} may start another, or none`;
    return [
      `${what}, and as long as nothing says which one, ${then}: \`services: { ${service}: { path: ${path}, build: { main: ${first.value} } } }\``,
    ];
  });
}
