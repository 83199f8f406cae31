import type { ServiceSettings } from "../config/settings.ts";
import { alignColumns } from "../table.ts";
import { tellBeforeDeploy } from "./before-deploy.ts";
import type { InitPlan } from "./plan.ts";

/** A line of the table: what was found, and why it is so. */
type Row = readonly [what: string, name: string, value: string, from: string];

/** What a person reads before anything is written: what was found, why, and what will be written. */
export function reportInit(plan: InitPlan): string {
  const { settings, writes, kept, differences } = plan;
  const written = Object.entries(writes).map(([path, text]) => [`  ${path}`, tellLines(text.split("\n").length - 1)]);
  return [
    "Found",
    ...alignColumns(foundRows(plan).map((row) => [`  ${row[0]}`, ...row.slice(1)])),
    "",
    ...(written.length === 0 ? ["There is nothing to write."] : ["Will be written", ...alignColumns(written)]),
    ...(kept.length === 0 ? [] : ["", `Exists already and stays as it is: ${kept.join(", ")}`]),
    ...differences.flatMap(({ path, what, todo }) => ["", `${path}: ${what}`, `  to do: ${todo}`]),
    ...tellOpen(plan),
    ...tellDeploy(settings, writes),
  ].join("\n");
}

function tellLines(count: number): string {
  return `${count} ${count === 1 ? "line" : "lines"}`;
}

/** All that was found in a repository, a line for each. */
function foundRows({ found, settings, proposal }: InitPlan): Row[] {
  // Of what is proposed it is told why, not in which line it will stand.
  const { decisions } = found;
  const services = Object.entries(settings.services).flatMap(([name, service]): Row[] => {
    const more = proposal?.needs.get(name) ?? [];
    const needs = service.needs.map((needed): Row => {
      const because = more.find(({ value }) => value === needed)?.from;
      return ["needs", name, needed, because ?? decisions.of(["services", name, "needs"]).from];
    });
    const port = service.port === undefined ? service.kind : `port ${service.port}`;
    return [
      [
        "service",
        name,
        `${placeOf(service)}, ${port}`,
        decisions.of(["services", name, service.port === undefined ? "path" : "port"]).from,
      ],
      ...needs,
    ];
  });
  return [
    ["product", settings.product, "", decisions.of(["product"]).from],
    ...settings.projects.map(
      ({ language, path, manager, version }): Row => [
        "project",
        path,
        `${language} ${version.value}, ${manager.value}`,
        manager.from,
      ],
    ),
    ...services,
    ...Object.entries(settings.checks).map(
      ([name, { run }]): Row => [
        "check",
        name,
        typeof run === "string" ? run : run.map((command) => command.join(" ")).join(" && "),
        name === "unit" && proposal?.unit !== undefined
          ? proposal.unit.from
          : decisions.of(["checks", name, "run"]).from,
      ],
    ),
    ...Object.entries(settings.rings).map(
      ([name, { manifests, strategy }]): Row => [
        "ring",
        name,
        `${manifests.path} (${manifests.kind})${strategy === "rolling" ? ", rolling" : ""}`,
        proposal?.rings.from ?? decisions.of(["rings", name]).from,
      ],
    ),
  ];
}

/** The folder of a service, and which of several entries it starts. */
function placeOf({ path, build }: ServiceSettings): string {
  return "language" in build && build.main !== undefined ? `${path} ${build.main}` : path;
}

/** What only a person can say, and what a person should know though it stops nothing. */
function tellOpen({ open: all, remarks }: InitPlan): string[] {
  const open = [...all].flatMap(([name, list]) => list.map(({ told }) => `  ${name}: ${told}`));
  return [
    ...(open.length === 0 ? [] : ["", "Left open", ...open]),
    ...(remarks.length === 0 ? [] : ["", "Worth knowing", ...remarks.map((remark) => `  ${remark}`)]),
  ];
}

/** Once, when the files for it are new. `doctor` says it at any time. */
function tellDeploy(settings: InitPlan["settings"], writes: InitPlan["writes"]): string[] {
  const manifests = new Map(Object.entries(writes).filter(([path]) => path.startsWith("manifests/")));
  return manifests.size === 0 ? [] : tellBeforeDeploy(settings, manifests);
}
