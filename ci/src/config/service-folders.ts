import { listPrograms, type Project } from "../languages/language.ts";

/** Folders that hold something to try things with, or that others have written: no services of this product. */
const NOT_SERVICES =
  /(?:^|\/)(?:\.[^/]+|(?:[^/]+[-_])?(?:tests?|e2e)|__tests__|benchmarks?|hack|fixtures?|testdata|examples?|samples?|docs?|demos?|vendor|node_modules|third[_-]party|ci)(?:\/|$)/;

/** Whether what lies in a folder belongs to the product, and not to its tests or examples. */
export function isProductFolder(path: string): boolean {
  return !NOT_SERVICES.test(path);
}

/** Whether a project can be a service: a Dockerfile is one, and what starts or listens. */
export function isService(project: Project): boolean {
  return isProductFolder(project.path) && (project.language === "dockerfile" || isStarted(project));
}

/** Of several classes of Java nobody says which one is the service: they may as well be examples. */
function isStarted({ language, port, mains }: Project): boolean {
  return port !== undefined || (language === "java" ? mains.length === 1 : listPrograms(mains).length > 0);
}
