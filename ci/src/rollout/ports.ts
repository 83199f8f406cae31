import { fields } from "../input/fields.ts";
import { canonicalJson } from "./canonical-json.ts";

/**
 * The ports that a live Service gets with the switch to a colour: those of the colour's own Service. The node's ports
 * are the live Service's and stay. `undefined` when it has them already.
 */
export function portsAfterSwitch(live: readonly unknown[], ofColour: readonly unknown[]): unknown[] | undefined {
  if (ofColour.length === 0 || tellPorts(live) === tellPorts(ofColour)) return undefined;
  return ofColour.map((port) => {
    const before = live.map(fields).find((one) => placeOf(one) === placeOf(port));
    return before?.["nodePort"] === undefined ? port : { ...fields(port), nodePort: before["nodePort"] };
  });
}

function tellPorts(ports: readonly unknown[]): string {
  const told = ports.map((port) => {
    const { nodePort: _, protocol = "TCP", targetPort, ...rest } = fields(port);
    return canonicalJson({ ...rest, protocol, targetPort: targetPort ?? rest["port"] });
  });
  return told.sort().join("\n");
}

function placeOf(port: unknown): string {
  const { port: number, protocol = "TCP" } = fields(port);
  return `${protocol}/${number}`;
}
