import { ownValue } from "../input/names.ts";
import type { Scene } from "./scene.ts";
import { BACKING_KINDS } from "./service-schema.ts";
import type { BackingSettings } from "./settings.ts";

type Kind = BackingSettings["kind"];

/** What a backing service is, by the file, by the compose file, or by its name. */
export function kindOf({ file, composed, decisions }: Scene, name: string): Kind {
  const written = ownValue(file.backing ?? {}, name)?.kind;
  const ofCompose = composed.backing.get(name);
  const word = BACKING_KINDS.find((one) => one === name);
  const from = `${composed.path?.value} services.${name}`;
  return (
    decisions.decide<Kind>(
      ["backing", name, "kind"],
      written,
      ofCompose === undefined ? undefined : { value: ofCompose.kind, from },
      word === undefined ? undefined : { value: word, from: "default: its name" },
      { value: "other", from: "default" },
    ) ?? "other"
  );
}
