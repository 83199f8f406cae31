import type { SessionEvent, StepInput } from "../api/session.ts";
import { HiddenStream, type SecretIndex } from "../run/secret-index.ts";

type LogEvent = SessionEvent & { readonly kind: "log" };

/** Passes events on without parts of secrets: whoever shows them, or keeps them, sees none. */
export function hidingReport(index: SecretIndex, report: (event: SessionEvent) => void): (event: SessionEvent) => void {
  const streams = new Map<string, { readonly event: LogEvent; readonly text: HiddenStream }>();
  const show = (event: LogEvent, text: string): void => {
    if (text !== "") report({ ...event, text });
  };
  const end = (id: string): void => {
    for (const [key, { event, text }] of streams) {
      if (event.id !== id) continue;
      show(event, text.flush());
      streams.delete(key);
    }
  };
  return (event) => {
    switch (event.kind) {
      case "start":
        return report({ ...event, name: index.hide(event.name), ...hiddenInputs(event, index) });
      case "note":
        return report({ ...event, text: index.hide(event.text) });
      case "log": {
        const key = `${event.id} ${event.stream}`;
        const stream = streams.get(key) ?? { event, text: new HiddenStream(index) };
        streams.set(key, stream);
        return show(event, stream.text.push(event.text));
      }
      case "end":
        end(event.id);
        return report({ ...event, ...hiddenInputs(event, index) });
    }
  };
}

function hiddenInputs({ inputs }: { readonly inputs?: readonly StepInput[] }, index: SecretIndex) {
  return inputs === undefined ? {} : { inputs: inputs.map((one) => ({ ...one, name: index.hide(one.name) })) };
}
