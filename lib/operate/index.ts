export { inWords } from "./aws-error.ts";
export { diagnose } from "./doctor.ts";
export type { Finding } from "./finding.ts";
export { findInstallation, type Installation, type Whereabouts } from "./installation.ts";
export { type Candidate, planPruning, removeCandidate } from "./prune.ts";
export { type Remedy, readStuckRuns, redrive, type StuckRun } from "./redrive.ts";
export { type Change, scale } from "./scale.ts";
export { findService, type Service, servicesOf } from "./services.ts";
export { type Difference, readStatus, type ServiceStatus, type Status } from "./status.ts";
