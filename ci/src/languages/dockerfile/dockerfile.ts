import type { Files, Language, Project, ServiceBuild } from "../language.ts";
import { detectDockerfile } from "./detect.ts";

/** Any Dockerfile: it says itself what the image is, its user and start included. */
export const dockerfile: Language = {
  name: "dockerfile",
  detect: (outline, path) => detectDockerfile(outline, path),
  install: (project, files) => buildFrom(project, files, {}),
  build: async (project, files, service) => {
    const built = buildFrom(project, files, service);
    const { port, start } = service;
    const told = port === undefined ? built : built.withEnvVariable("PORT", String(port)).withExposedPort(port);
    return start === undefined ? told : told.withEntrypoint([...start]);
  },
};

function buildFrom(project: Project, files: Files, { dockerfile: named, target, args = {} }: ServiceBuild) {
  const context = files(project.reads).directory(project.root);
  const file = named ?? project.manager.from;
  const start = project.root === "." ? "" : `${project.root}/`;
  return context.dockerBuild({
    dockerfile: file.startsWith(start) ? file.slice(start.length) : file,
    ...(target === undefined ? {} : { target }),
    buildArgs: Object.entries(args).map(([name, value]) => ({ name, value })),
  });
}
