export * from "./session.js";
export { createSession } from "./create-session.js";
// What a session is made of, for protocols whose sessions are no row of channels.
export type { BehaviourDesk } from "./behaviour/behaviour-desk.js";
export { watchOf } from "./behaviour/watch-of.js";
export { createCommandDesk, type CommandDesk } from "./command-desk.js";
export { createSessionGate, type SessionGate } from "./gate.js";
export { createGraces } from "./graces.js";
export type { Judgement } from "./judgement.js";
export { createSessionLife } from "./life.js";
export type { Notice } from "./notice.js";
export { createObservers, type Observers } from "./observers.js";
export { createOutbox, type Outbox } from "./outbox.js";
export { outcomeAfter, outcomeOf, type Stopped } from "./outcome.js";
export { createQuestionDesk } from "./question-desk.js";
export type { Card, ChallengeResult, Question, QuestionOrder, Surface } from "./question.js";
export { createSteeringDesk } from "./steering-desk.js";
export { createTransferRules } from "./transfer-rules.js";
export { createSuspensionDesk } from "./suspension-desk.js";
