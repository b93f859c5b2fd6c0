/* @daybook/react - watch a daybook job from React. */
import "./style.css";

export { ApiError, Client, type ClientOptions, type Job, type Status } from "../client/api";
export { JobCard, type JobCardProps, JobProgress, type JobProgressProps } from "./JobProgress";
export { LABELS, type Labels } from "./labels";
export { type JobStatus, useJobStatus } from "./useJobStatus";
export {
  type Connection,
  type JobFailure,
  type JobState,
  JobWatch,
  type WatchOptions,
} from "./watch";
