export {
  openEnrolledFactors,
  type EnrolledFactor,
  type EnrolledFactors,
  type EnrolledView,
} from "./enrolled-factors.js";
export {
  createEnrolmentDesk,
  type EnrolmentDesk,
  type EnrolmentPageDesk,
  type EnrolmentSight,
} from "./enrolment-desk.js";
export { withEnrolled } from "./with-enrolled.js";
