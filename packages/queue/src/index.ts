export { type Consumer, type ConsumerOptions, type Process } from './consumer.ts';
export { type QueueLog } from './driver.ts';
export { laneQueueName } from './names.ts';
export {
  type LaneCounts,
  openQueueBackend,
  type QueueBackend,
  type QueueBackendOptions,
} from './open-queue-backend.ts';
export { type Producer } from './producer.ts';
