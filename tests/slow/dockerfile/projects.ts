import { FORMS } from "./forms.ts";
import type { Project } from "./project.ts";
import { SERVICES } from "./services.ts";

export const PROJECTS: readonly Project[] = [...SERVICES, ...FORMS];
