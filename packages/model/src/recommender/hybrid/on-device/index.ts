export { choosePlan, type DeviceMeasurement, type PlanChoice } from './choose-plan.ts';
export type { OnDeviceOptions } from './model.ts';
export { createOnDeviceHybrid } from './on-device.ts';
