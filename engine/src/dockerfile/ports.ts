import { DockerfileProblem } from "./problem.ts";

const PROTOCOLS = ["tcp", "udp", "sctp"];
const MOST = 65_535;

/**
 * The ports that an EXPOSE names: `80`, `53/udp`, `8000-8010`, also behind an address or a port of the host as docker's
 * `-p` has them.
 *
 * @returns `80/tcp`, …
 * @throws DockerfileProblem in the words of docker's port parser
 */
export function exposedPorts(spec: string): readonly string[] {
  const [, before = "", written] = /^([^/]*)(?:\/([\s\S]*))?$/.exec(spec) ?? [];
  const protocol = (written === undefined || written === "" ? "tcp" : written).toLowerCase();
  const container = before.slice(before.lastIndexOf(":") + 1);
  if (container === "") throw new DockerfileProblem(`no port specified: ${spec}<empty>`);
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(container) ?? [];
  const start = Number(first);
  const end = Number(last ?? first);
  if (first === undefined || start > MOST || end > MOST || end < start) {
    throw new DockerfileProblem(`invalid containerPort: ${container}`);
  }
  if (!PROTOCOLS.includes(protocol)) throw new DockerfileProblem(`invalid proto: ${protocol}`);
  return Array.from({ length: end - start + 1 }, (_, place) => `${start + place}/${protocol}`);
}
