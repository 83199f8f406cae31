import { type Outline, pathIn } from "../repository/outline.ts";
import type { Found } from "./language.ts";

/** The processes of a Procfile, as Heroku and others start them. */
export interface Processes {
  /** What answers requests: it takes PORT, whatever its command line says. */
  readonly web: Found<string> | undefined;
  /** All others but `release`, which is run once and is no service. */
  readonly others: readonly Found<string>[];
}

/** A name and a command line for each process; nothing when there is no Procfile. */
export function readProcfile(outline: Outline, folder: string): Processes {
  const from = pathIn(folder, "Procfile");
  const lines = [...(outline.text(from) ?? "").matchAll(/^(?!release\b)([\w-]+):[ \t]*(\S.*)$/gm)];
  const all = lines.map(([, name, line]) => ({ value: (line ?? "").trim(), from: `${from} ${name}` }));
  const web = all.find((one) => one.from === `${from} web`);
  return { web, others: all.filter((one) => one !== web) };
}

/** What a person should know when one image is started in several ways. */
export function remarkOthers({ web, others }: Processes): string[] {
  if (web === undefined || others.length === 0) return [];
  const names = others.map(({ from }) => from).join(", ");
  return [`${names}: not started; each can be a service of its own, by build: { imageOf: SERVICE, start: […] }`];
}
